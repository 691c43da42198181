namespace Gradus.Thresholds;

/// <summary>
/// The cut points of a score with the highest metric there is. Kappas of other weights and accuracy are found by a shortest path (see
/// <see cref="CutPointCosts"/>), and QWK in O(N) after sorting. QWK is one minus a ratio of two sums over images,
/// so for a guessed ratio r the best cuts make <c>disagreement - r * expected disagreement</c> least, and their own ratio is the next
/// guess (Dinkelbach 1967); the guesses fall to the smallest ratio in a handful of rounds.
/// </summary>
/// <remarks>
/// For a guess, each cut k enters with a cost of its own that is linear in the images above it and in the sum of their grades. The
/// least of a linear cost lies on the convex hull of these running sums, whose edges are the steps of the isotonic regression of grade on
/// score (pooled adjacent violators; Barlow et al. 1972). There, an image lies above cut k exactly where its step's mean grade is above
/// <c>(1 - r)(k + 1/2) + r * mean grade</c>. That rises with k, so the cuts are ordered without being told to, and a round costs O(K log N).
/// </remarks>
internal sealed class CutPointSearch
{
    private readonly ScoreGroups _groups;
    private readonly int _cuts;
    private readonly ThresholdMetric _metric;
    private readonly CutPointCosts _costs;
    private readonly ThresholdBounds? _bounds;

    public CutPointSearch(ScoreGroups groups, int grades, ThresholdMetric metric = ThresholdMetric.Qwk, ThresholdBounds? bounds = null)
    {
        (_groups, _cuts, _metric, _bounds) = (groups, grades - 1, metric, bounds);
        _costs = new CutPointCosts(groups, grades, metric);
        (Low, High) = ThresholdTuner.Bounds(groups.Values, _cuts);
    }

    /// <summary>Where the lowest cut point can lie.</summary>
    public double Low { get; }

    /// <summary>Where the highest cut point can lie.</summary>
    public double High { get; }

    /// <summary>(K-1) cut points halfway between grades.</summary>
    public static double[] Usual(int grades) => [.. Enumerable.Range(0, grades - 1).Select(k => k + 0.5)];

    /// <summary>(K-1) rising cut points, on no score unless it is a bound; the usual ones where all images have one grade.</summary>
    public double[] Tune()
    {
        double[] usual = Usual(_cuts + 1);
        if (_groups.OneGrade)
            return usual;
        double[] cuts = Spread(_metric == ThresholdMetric.Qwk ? Optimum(Places(usual)) : _costs.Optimum(Places(usual), [.. Enumerable.Range(0, _cuts).Select(PlacesOf)]));
        for (int k = 0; k < cuts.Length; k++)
            cuts[k] = Settle(cuts, k, usual[k]); // no single cut can better the optimum; it takes the middle of the widest of equal places
        return cuts;
    }

    /// <summary>The metric at cut points.</summary>
    public double Value(double[] cuts) => _costs.At(Places(cuts)).Value;

    /// <summary>The metric wherever cut <paramref name="k"/> can lie between its neighbours, from above; all other cuts stay.</summary>
    public List<Gap> Sweep(double[] cuts, int k)
    {
        (double low, double upper, int first, int last, AgreementSums sums) = Range(cuts, k);
        var gaps = new List<Gap>(last - first + 1);
        for (int g = last; g > first; g--)
        {
            double lower = _groups.Values[g - 1];
            gaps.Add(new Gap(lower, upper, sums.Value));
            upper = lower;
            sums.Add(_costs.Raise(k, g - 1, g));
        }
        gaps.Add(new Gap(low, upper, sums.Value));
        return gaps;
    }

    private int[] Places(double[] cuts) => [.. cuts.Select(_groups.FirstAbove)];

    // Where cut k may lie. Bounds keep the cuts apart, so that they rise without being told to.
    private (double Low, double High) Limits(int k) => _bounds is null ? (Low, High) : (k + _bounds.Low, k + _bounds.High);

    private (int First, int Last) PlacesOf(int k) => _bounds is null ? (0, _groups.Count) : (_groups.FirstAbove(Limits(k).Low), _groups.FirstAbove(Limits(k).High));

    private int[] Optimum(int[] places)
    {
        // Without bounds all cuts have one hull in common.
        (int[] Starts, double[] Means)[] hulls = [.. Enumerable.Range(0, _bounds is null ? 1 : _cuts).Select(k => IsotonicRegression(PlacesOf(k)))];
        QwkSums sums = _groups.Sums(places);
        while (true)
        {
            double ratio = Math.Min(1, sums.Ratio); // one grade for all images has the ratio 1
            int[] next = [.. Enumerable.Range(0, _cuts).Select(k => Cheapest(hulls[_bounds is null ? 0 : k], (1 - ratio) * (k + 0.5) + ratio * sums.MeanTruth))];
            QwkSums nextSums = _groups.Sums(next);
            if (nextSums.Value <= sums.Value)
                return places;
            (places, sums) = (next, nextSums);
        }

        static int Cheapest((int[] Starts, double[] Means) hull, double level) => hull.Starts[StepsUpTo(hull.Means, level)];
    }

    // The steps of the regression over some groups: the group at which each begins (and the end), and its mean grade, rising.
    private (int[] Starts, double[] Means) IsotonicRegression((int First, int Last) range)
    {
        var starts = new int[range.Last - range.First + 1];
        int steps = 0;
        for (int g = range.First; g < range.Last; g++)
        {
            starts[steps++] = g;
            while (steps > 1 && !Rises(starts[steps - 2], starts[steps - 1], g + 1))
                steps--;
        }
        starts[steps] = range.Last;
        Array.Resize(ref starts, steps + 1);
        return (starts, [.. Enumerable.Range(0, steps).Select(s => Mean(_groups.Between(starts[s], starts[s + 1])))]);

        // By whole numbers, so that equal means are equal.
        bool Rises(int from, int middle, int to)
        {
            (int leftImages, long leftTruth) = _groups.Between(from, middle);
            (int rightImages, long rightTruth) = _groups.Between(middle, to);
            return leftTruth * rightImages < rightTruth * leftImages;
        }

        static double Mean((int Images, long Truth) step) => (double)step.Truth / step.Images;
    }

    private static int StepsUpTo(double[] means, double level)
    {
        int at = Array.BinarySearch(means, level);
        return at >= 0 ? at + 1 : ~at;
    }

    // Between the last score below and the first above; cut points that share a gap (a grade nobody gets) share it evenly.
    private double[] Spread(int[] places)
    {
        var cuts = new double[places.Length];
        for (int k = 0; k < cuts.Length; k++)
        {
            int place = places[k];
            (double low, double high) = Limits(k);
            double lower = place == 0 ? low : Math.Max(low, _groups.Values[place - 1]);
            double upper = place == _groups.Count ? high : Math.Min(high, _groups.Values[place]);
            if (_bounds is not null)
            {
                cuts[k] = Gap.Middle(lower, upper);
                continue;
            }
            int sharing = places.Count(p => p == place);
            int before = places.Take(k).Count(p => p == place);
            cuts[k] = Gap.At(lower, upper, (before + 1.0) / (sharing + 1));
        }
        return cuts;
    }

    // As ThresholdSweep does, without a list: there may be a hundred thousand places. From above; a plateau may span several gaps.
    private double Settle(double[] cuts, int k, double preferred)
    {
        (double low, double high, int first, int last, AgreementSums sums) = Range(cuts, k);
        (double best, double width, double distance) = (double.NegativeInfinity, 0, 0);
        (double lower, double upper, double plateauUpper) = (low, high, high);
        bool onPlateau = false;
        double gapUpper = high;
        for (int g = last; g >= first; g--)
        {
            double gapLower = g == first ? low : _groups.Values[g - 1];
            double value = sums.Value;
            if (value > best)
                (best, width, onPlateau) = (value, double.NegativeInfinity, false);
            if (value == best)
            {
                plateauUpper = onPlateau ? plateauUpper : gapUpper;
                double away = Math.Abs(Gap.Middle(gapLower, plateauUpper) - preferred);
                if (plateauUpper - gapLower > width || (plateauUpper - gapLower == width && away < distance))
                    (lower, upper, width, distance) = (gapLower, plateauUpper, plateauUpper - gapLower, away);
            }
            onPlateau = value == best;
            gapUpper = gapLower;
            if (g > first)
                sums.Add(_costs.Raise(k, g - 1, g));
        }
        // The middle of the plateau may be a score; the middle of the gap that it lies in is not.
        double middle = Gap.Middle(lower, upper);
        int place = _groups.FirstAbove(middle);
        return Gap.Middle(Math.Max(lower, place == 0 ? low : _groups.Values[place - 1]), Math.Min(upper, place == _groups.Count ? high : _groups.Values[place]));
    }

    // Where cut k can lie, by value and by group, and the sums while it lies highest.
    private (double Low, double High, int First, int Last, AgreementSums Sums) Range(double[] cuts, int k)
    {
        (double low, double high) = Limits(k);
        low = k == 0 ? low : Math.Max(low, cuts[k - 1]);
        high = k == cuts.Length - 1 ? high : Math.Min(high, cuts[k + 1]);
        int[] places = Places(cuts);
        places[k] = _groups.FirstAbove(high);
        return (low, high, _groups.FirstAbove(low), places[k], _costs.At(places));
    }
}
