using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Thresholds;

/// <summary>
/// Thresholds for cumulative outputs, which count only up to the first one that is not above its threshold: one for all outputs, exactly,
/// or one an output, by exact searches along one output after the other from several starts. That ends where no single threshold can
/// better the others, which is not always the best there is.
/// </summary>
internal sealed class CumulativeSearch
{
    private readonly LeadingOnes _rule;
    private readonly GradedScores _scores;
    private readonly int[] _truth;
    private readonly CutPointOptions _options;
    private readonly Lazy<int[][]> _orders; // (M) of (N) images by rising output

    public CumulativeSearch(LeadingOnes rule, GradedScores scores, int[] truth, CutPointOptions options)
    {
        (_rule, _scores, _truth, _options) = (rule, scores, truth, options);
        _orders = new Lazy<int[][]>(() => [.. Enumerable.Range(0, scores.Columns).Select(Order)]);
        Counted = rule.FirstIsCertain ? 1 : 0;
    }

    /// <summary>The first output that counts: with K outputs the first says "at least grade 0", which is always so, and there is nothing to tune about it.</summary>
    public int Counted { get; }

    /// <summary>(M) the tuned thresholds.</summary>
    public double[] Tune()
    {
        double shared = ThresholdSweep.Best(SweepShared(), _rule.Thresholds[0]).Threshold;
        double[] thresholds = [.. Enumerable.Repeat(shared, _scores.Columns)];
        return _options.Outputs == ThresholdTuning.Shared ? thresholds : PerOutput(thresholds);
    }

    /// <summary>QWK at thresholds.</summary>
    public double Value(double[] thresholds)
    {
        QwkSums sums = default;
        for (int i = 0; i < _scores.Rows; i++)
            sums.Add(_truth[i], Grade(Leading(i, 0, _scores.Columns, thresholds)));
        return sums.Value;
    }

    /// <summary>QWK wherever one threshold for all outputs can lie, from above.</summary>
    /// <remarks>
    /// Lowering it raises an image's grade by one wherever it passes the lowest output so far: N x M crossings, sorted once. Outputs above that
    /// lowest one cross without effect; they are there so that the threshold does not end up on one of them.
    /// </remarks>
    public List<Gap> SweepShared()
    {
        var values = new List<double>(_scores.Outputs.Length);
        var crossings = new List<Crossing>(_scores.Outputs.Length);
        QwkSums sums = default;
        for (int i = 0; i < _scores.Rows; i++)
        {
            sums.Add(_truth[i], 0);
            ReadOnlySpan<float> row = _scores.Row(i);
            float lowest = float.PositiveInfinity;
            for (int k = 0; k < row.Length; k++)
            {
                lowest = Math.Min(lowest, row[k]);
                if (row[k] > lowest)
                    Cross(row[k], new Crossing(_truth[i], 0, 0));
                Cross(lowest, new Crossing(_truth[i], Grade(k), Grade(k + 1)));
            }
        }
        double[] rising = [.. values];
        Crossing[] sorted = [.. crossings];
        Array.Sort(rising, sorted);
        (double low, double high) = Bounds(rising);
        return ThresholdSweep.Gaps(sums, rising, sorted, low, high);

        void Cross(double value, Crossing crossing)
        {
            values.Add(value);
            crossings.Add(crossing);
        }
    }

    /// <summary>QWK wherever the threshold of output <paramref name="k"/> can lie, from above, the others held.</summary>
    public List<Gap> Sweep(double[] thresholds, int k)
    {
        int[] order = _orders.Value[k];
        var values = new double[order.Length];
        var crossings = new Crossing[order.Length];
        int count = 0;
        QwkSums sums = default;
        foreach (int i in order)
        {
            int stopped = Leading(i, 0, k, thresholds);
            sums.Add(_truth[i], Grade(stopped));
            if (stopped < k)
                continue; // an earlier output decides
            values[count] = _scores.Row(i)[k];
            crossings[count++] = new Crossing(_truth[i], Grade(k), Grade(Leading(i, k + 1, _scores.Columns, thresholds)));
        }
        (double low, double high) = Limits(k, thresholds, values.AsSpan(0, count));
        return ThresholdSweep.Gaps(sums, values.AsSpan(0, count), crossings.AsSpan(0, count), low, high);
    }

    private double[] PerOutput(double[] shared)
    {
        (double[] best, double bestQwk) = Climb([.. shared]);
        foreach (double[] start in (double[][])[[.. _rule.Thresholds], .. Enumerable.Range(0, _options.RestartsFor(_scores.Rows)).Select(r => Anywhere(shared, RandomStream.Create(_options.Seed, "thresholds per output", r)))])
        {
            (double[] reached, double qwk) = Climb(start);
            if (qwk > bestQwk)
                (best, bestQwk) = (reached, qwk);
        }
        for (int k = Counted; k < best.Length; k++)
            best[k] = CentreInGap(k, best);
        return best;
    }

    // One output after the other, the rest held, until a whole round betters none.
    private (double[] Thresholds, double Qwk) Climb(double[] thresholds)
    {
        double current = Value(thresholds);
        for (int unchanged = 0, k = Counted; unchanged < thresholds.Length - Counted; k = k + 1 < thresholds.Length ? k + 1 : Counted)
        {
            (double threshold, double qwk) = ThresholdSweep.Best(Sweep(thresholds, k), _rule.Thresholds[k]);
            unchanged++;
            if (qwk > current)
                (thresholds[k], current, unchanged) = (threshold, qwk, 1);
        }
        return (thresholds, current);
    }

    // Thresholds at outputs of images drawn at random, or below all of them.
    private double[] Anywhere(double[] shared, Random random)
    {
        double[] start = [.. shared];
        for (int k = Counted; k < start.Length; k++)
            start[k] = random.Next(_scores.Rows + 1) is var above && above == 0 ? 0 : _scores.Row(_orders.Value[k][above - 1])[k];
        if (_options.Ordered)
            start.AsSpan(Counted).Sort();
        return _options.Bounds is { } bounds ? [.. start.Select(t => Math.Clamp(t, bounds.Low, bounds.High))] : start;
    }

    // Moves a threshold to the middle between the output's values next to it: no comparison changes, and none is close.
    private double CentreInGap(int k, double[] thresholds)
    {
        double[] values = [.. _orders.Value[k].Select(i => (double)_scores.Row(i)[k])];
        (double low, double high) = Limits(k, thresholds, values);
        foreach (double value in values)
        {
            if (value > thresholds[k])
                return Gap.Middle(low, Math.Min(value, high));
            low = Math.Max(low, value);
        }
        return Gap.Middle(low, high);
    }

    private int[] Order(int k)
    {
        float[] values = [.. Enumerable.Range(0, _scores.Rows).Select(i => _scores.Row(i)[k])];
        int[] order = [.. Enumerable.Range(0, _scores.Rows)];
        Array.Sort(values, order);
        return order;
    }

    // The first of outputs [from, to) that is not above its threshold, or to.
    private int Leading(int i, int from, int to, double[] thresholds)
    {
        ReadOnlySpan<float> row = _scores.Row(i);
        int k = from;
        while (k < to && row[k] > thresholds[k])
            k++;
        return k;
    }

    private int Grade(int leading) => Math.Max(0, leading - Counted);

    private (double Low, double High) Limits(int k, double[] thresholds, ReadOnlySpan<double> rising)
    {
        (double low, double high) = Bounds(rising);
        if (_options.Ordered && k > Counted)
            low = Math.Max(low, thresholds[k - 1]);
        if (_options.Ordered && k + 1 < thresholds.Length)
            high = Math.Min(high, thresholds[k + 1]);
        return (Math.Min(low, high), high);
    }

    private (double Low, double High) Bounds(ReadOnlySpan<double> rising) => _options.Bounds is { } bounds ? (bounds.Low, bounds.High) : ThresholdTuner.Bounds(rising, 1);
}
