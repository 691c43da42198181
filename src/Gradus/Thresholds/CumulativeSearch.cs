using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Thresholds;

/// <summary>Thresholds for cumulative outputs, which count only up to the first one that is not above its threshold.</summary>
internal sealed class CumulativeSearch(LeadingOnes rule, GradedScores scores, int[] truth)
{
    private readonly int _counted = rule.FirstIsCertain ? 1 : 0;

    /// <summary>The tuned rule.</summary>
    public LeadingOnes Tune(ThresholdTuning how)
    {
        double shared = Shared();
        double[] thresholds = [.. Enumerable.Repeat(shared, scores.Columns)];
        return rule with { Thresholds = [.. how == ThresholdTuning.Shared ? thresholds : PerOutput(thresholds)] };
    }

    // Lowering a shared threshold raises an image's grade by one wherever it passes the lowest output so far: N x M crossings, sorted
    // once. Outputs above that lowest one cross without effect; they are there so that the threshold does not end up on one of them.
    private double Shared()
    {
        var values = new List<double>(scores.Outputs.Length);
        var crossings = new List<Crossing>(scores.Outputs.Length);
        QwkSums sums = default;
        for (int i = 0; i < scores.Rows; i++)
        {
            sums.Add(truth[i], 0);
            ReadOnlySpan<float> row = scores.Row(i);
            float lowest = float.PositiveInfinity;
            for (int k = 0; k < row.Length; k++)
            {
                lowest = Math.Min(lowest, row[k]);
                if (row[k] > lowest)
                    Cross(row[k], new Crossing(truth[i], 0, 0));
                Cross(lowest, new Crossing(truth[i], Grade(k), Grade(k + 1)));
            }
        }
        double[] rising = [.. values];
        Crossing[] sorted = [.. crossings];
        Array.Sort(rising, sorted);
        (double low, double high) = Bounds(rising);
        return ThresholdSweep.Best(sums, rising, sorted, low, high, rule.Thresholds[0]).Threshold;

        void Cross(double value, Crossing crossing)
        {
            values.Add(value);
            crossings.Add(crossing);
        }
    }

    // One output after the other, the rest held, until a whole round betters none. The first of K outputs says "at least grade 0",
    // which is always so; there is nothing to tune about it.
    private double[] PerOutput(double[] thresholds)
    {
        int[][] orders = [.. Enumerable.Range(0, scores.Columns).Select(Order)];
        double current = Qwk(thresholds);
        for (bool improved = true; improved;)
        {
            improved = false;
            for (int k = _counted; k < thresholds.Length; k++)
            {
                (double threshold, double qwk) = SweepOutput(k, thresholds, orders[k]);
                if (qwk > current)
                    (thresholds[k], current, improved) = (threshold, qwk, true);
            }
        }
        for (int k = _counted; k < thresholds.Length; k++)
            thresholds[k] = CentreInGap(k, thresholds[k], orders[k]);
        return thresholds;
    }

    private (double Threshold, double Qwk) SweepOutput(int k, double[] thresholds, int[] order)
    {
        var values = new List<double>(order.Length);
        var crossings = new List<Crossing>(order.Length);
        QwkSums sums = default;
        foreach (int i in order)
        {
            int stopped = Leading(i, 0, k, thresholds);
            sums.Add(truth[i], Grade(stopped));
            if (stopped < k)
                continue; // an earlier output decides
            values.Add(scores.Row(i)[k]);
            crossings.Add(new Crossing(truth[i], Grade(k), Grade(Leading(i, k + 1, scores.Columns, thresholds))));
        }
        double[] rising = [.. values];
        (double low, double high) = Bounds(rising);
        return ThresholdSweep.Best(sums, rising, [.. crossings], low, high, rule.Thresholds[k]);
    }

    // Moves a threshold to the middle between the output's values next to it: no comparison changes, and none is close.
    private double CentreInGap(int k, double threshold, int[] order)
    {
        double[] values = [.. order.Select(i => (double)scores.Row(i)[k])];
        (double low, double high) = Bounds(values);
        foreach (double value in values)
        {
            if (value > threshold)
                return Gap.Middle(low, value);
            low = value;
        }
        return Gap.Middle(low, high);
    }

    private int[] Order(int k)
    {
        float[] values = [.. Enumerable.Range(0, scores.Rows).Select(i => scores.Row(i)[k])];
        int[] order = [.. Enumerable.Range(0, scores.Rows)];
        Array.Sort(values, order);
        return order;
    }

    private double Qwk(double[] thresholds)
    {
        QwkSums sums = default;
        for (int i = 0; i < scores.Rows; i++)
            sums.Add(truth[i], Grade(Leading(i, 0, scores.Columns, thresholds)));
        return sums.Value;
    }

    // The first of outputs [from, to) that is not above its threshold, or to.
    private int Leading(int i, int from, int to, double[] thresholds)
    {
        ReadOnlySpan<float> row = scores.Row(i);
        int k = from;
        while (k < to && row[k] > thresholds[k])
            k++;
        return k;
    }

    private int Grade(int leading) => Math.Max(0, leading - _counted);

    private static (double Low, double High) Bounds(double[] rising) => ThresholdTuner.Bounds(rising, 1);
}
