namespace Gradus.Thresholds;

/// <summary>
/// A metric as one minus a ratio, <c>1 - N * observed / expected</c>, of two sums over images. The expected disagreement
/// <c>sum_p predicted_p * e_p</c>, with <c>e_p = sum_t truth_t * cost(|t - p|)</c>, is linear in the predicted counts, since the true ones are
/// given. For accuracy every e_p is N. So raising groups from grade k to k + 1 changes both sums by what depends on these groups alone.
/// </summary>
internal sealed class CutPointCosts
{
    private readonly ScoreGroups _groups;
    private readonly ThresholdMetric _metric;
    private readonly int _grades;
    private readonly long[] _expected; // (K) e_p
    private readonly int[][] _upTo; // (K) of (G + 1): images of the first g groups with a true grade of at most k; not for QWK

    public CutPointCosts(ScoreGroups groups, int grades, ThresholdMetric metric)
    {
        (_groups, _grades, _metric) = (groups, grades, metric);
        int[] truth = groups.TruthCounts(grades);
        _expected = [.. Enumerable.Range(0, grades).Select(p => metric == ThresholdMetric.Accuracy ? groups.Images : Expected(p))];
        _upTo = metric == ThresholdMetric.Qwk ? [] : [.. Enumerable.Range(0, grades).Select(groups.UpTo)];
        Base = new AgreementSums(groups.Images, truth.Select((n, t) => n * metric.Cost(t)).Sum(), groups.Images * _expected[0]);

        long Expected(int p) => truth.Select((n, t) => n * metric.Cost(Math.Abs(t - p))).Sum();
    }

    /// <summary>The sums where all images are predicted as grade 0.</summary>
    public AgreementSums Base { get; }

    /// <summary>The sums at cuts given by the first group above each, never falling.</summary>
    public AgreementSums At(ReadOnlySpan<int> firstAbove)
    {
        AgreementSums sums = Base;
        for (int k = 0; k < firstAbove.Length; k++)
            sums.Add(Raise(k, firstAbove[k], _groups.Count));
        return sums;
    }

    /// <summary>What both sums change by as groups [<paramref name="from"/>, <paramref name="to"/>) go from grade <paramref name="k"/> to the next.</summary>
    public (long Observed, long Expected) Raise(int k, int from, int to)
    {
        (int images, long truth) = _groups.Between(from, to);
        long observed = _metric switch
        {
            ThresholdMetric.Qwk => (2L * k + 1) * images - 2 * truth,
            ThresholdMetric.LinearKappa => 2L * UpTo(k) - images, // nearer for those above k, farther for the others
            _ => UpTo(k) - (k == 0 ? 0 : UpTo(k - 1)) - (UpTo(k + 1) - UpTo(k)),
        };
        return (observed, images * (_expected[k + 1] - _expected[k]));

        int UpTo(int grade) => _upTo[grade][to] - _upTo[grade][from];
    }

    /// <summary>
    /// The rising places (first groups above) of the cuts with the greatest metric there is, by a shortest path: for a guessed ratio r each
    /// cut adds a cost of its own to <c>N * observed - r * expected</c>, and the least sum over rising places is found cut by cut in O(K G). Its
    /// ratio is the next guess (Dinkelbach 1967); the guesses fall until none is better.
    /// </summary>
    /// <param name="places">Where the search begins, within the limits.</param>
    /// <param name="limits">(K-1) the first and the last place of each cut.</param>
    public int[] Optimum(int[] places, (int First, int Last)[] limits)
    {
        AgreementSums sums = At(places);
        while (true)
        {
            int[] next = Cheapest(sums.Ratio, limits);
            AgreementSums nextSums = At(next);
            if (nextSums.Value <= sums.Value)
                return places;
            (places, sums) = (next, nextSums);
        }
    }

    private int[] Cheapest(double ratio, (int First, int Last)[] limits)
    {
        int groups = _groups.Count;
        var least = new double[groups + 1]; // of all cuts before, at places up to here
        var chosen = new int[_grades - 1][]; // the place of cut k that this least takes
        for (int k = 0; k < chosen.Length; k++)
        {
            chosen[k] = new int[groups + 1];
            double best = double.PositiveInfinity;
            int at = 0;
            for (int g = 0; g <= groups; g++)
            {
                if (g >= limits[k].First && g <= limits[k].Last)
                {
                    (long observed, long expected) = Raise(k, g, groups);
                    double cost = least[g] + ((double)_groups.Images * observed - ratio * expected);
                    if (cost < best)
                        (best, at) = (cost, g);
                }
                (least[g], chosen[k][g]) = (best, at);
            }
        }
        var places = new int[chosen.Length];
        for (int k = places.Length - 1, bound = groups; k >= 0; k--)
            bound = places[k] = chosen[k][bound];
        return places;
    }
}

/// <summary>The sums that a metric is made of. Whole numbers, so equal tables compare equal.</summary>
internal struct AgreementSums(long images, long observed, long expected)
{
    private readonly long _images = images;
    private long _observed = observed;
    private long _expected = expected;

    /// <summary>1 - N * observed / expected disagreement; 0 where none is expected.</summary>
    public readonly double Value => _expected == 0 ? 0 : 1 - (double)(_images * _observed) / _expected;

    /// <summary>What the best cut points make small; infinite where no disagreement is expected.</summary>
    public readonly double Ratio => _expected == 0 ? double.PositiveInfinity : (double)(_images * _observed) / _expected;

    public void Add((long Observed, long Expected) change)
    {
        _observed += change.Observed;
        _expected += change.Expected;
    }
}
