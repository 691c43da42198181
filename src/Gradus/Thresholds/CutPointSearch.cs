using Gradus.Grading;

namespace Gradus.Thresholds;

/// <summary>
/// The cut points of a score with the highest QWK there is. QWK is one minus a ratio of two sums over images, so for a guessed ratio
/// the best cuts are a shortest path along the sorted scores, O(N K), and the path's own ratio is the next guess (Dinkelbach 1967).
/// The guesses fall to the smallest ratio in a handful of rounds.
/// </summary>
internal sealed class CutPointSearch
{
    private readonly int _grades;
    private readonly double[] _preferred;
    private readonly double[] _sorted; // (N) rising
    private readonly int[] _truth; // (N) in the same order
    private readonly int[] _starts; // (G + 1) where each group of equal scores begins
    private readonly double _low;
    private readonly double _high;

    public CutPointSearch(GradeScale scale, GradedScores scores, int[] truth)
    {
        _grades = scale.Count;
        _preferred = [.. Enumerable.Range(0, _grades - 1).Select(k => _grades == 2 ? 0.5 : k + 0.5)];
        _sorted = [.. scores.Score];
        _truth = [.. truth];
        Array.Sort(_sorted, _truth);
        _starts = [.. Enumerable.Range(0, _sorted.Length).Where(i => i == 0 || _sorted[i] != _sorted[i - 1]), _sorted.Length];
        (_low, _high) = ThresholdTuner.Bounds(_sorted, _grades - 1);
    }

    /// <summary>The tuned rule.</summary>
    public CutPoints Tune()
    {
        int[] grades = [.. _starts.SkipLast(1).Select(start => _preferred.Count(cut => _sorted[start] > cut))];
        QwkSums sums = Sums(grades);
        while (true)
        {
            int[] next = ShortestPath(sums.Ratio, sums.MeanTruth);
            QwkSums nextSums = Sums(next);
            if (nextSums.Value <= sums.Value)
                break;
            (grades, sums) = (next, nextSums);
        }
        double[] cuts = Cuts(grades);
        for (int k = 0; k < cuts.Length; k++)
            cuts[k] = Settle(cuts, k);
        return new CutPoints([.. cuts]);
    }

    // The grade of each group of equal scores, never falling, with the least disagreement minus ratio times expected disagreement.
    private int[] ShortestPath(double ratio, double meanTruth)
    {
        int groups = _starts.Length - 1;
        var cameFrom = new int[groups * _grades];
        var cost = new double[_grades];
        for (int g = 0; g < groups; g++)
        {
            int images = _starts[g + 1] - _starts[g];
            double truthSum = 0;
            for (int i = _starts[g]; i < _starts[g + 1]; i++)
                truthSum += _truth[i];
            double cheapest = double.PositiveInfinity;
            int from = 0;
            for (int p = 0; p < _grades; p++)
            {
                if (g == 0)
                    (cheapest, from) = (0, p);
                else if (cost[p] < cheapest)
                    (cheapest, from) = (cost[p], p);
                cameFrom[g * _grades + p] = from;
                cost[p] = cheapest + images * p * p - 2 * p * truthSum - ratio * images * (p * p - 2 * meanTruth * p);
            }
        }
        var grades = new int[groups];
        int grade = Array.IndexOf(cost, cost.Min());
        for (int g = groups - 1; g >= 0; g--)
        {
            grades[g] = grade;
            grade = cameFrom[g * _grades + grade];
        }
        return grades;
    }

    // Between the last group below and the first above; cut points that share a gap (a grade nobody gets) share it evenly.
    private double[] Cuts(int[] grades)
    {
        int[] firstAbove = [.. Enumerable.Range(0, _grades - 1).Select(k => grades.Count(g => g <= k))];
        var cuts = new double[_grades - 1];
        for (int k = 0; k < cuts.Length; k++)
        {
            int first = firstAbove[k];
            double lower = first == 0 ? _low : _sorted[_starts[first - 1]];
            double upper = first == grades.Length ? _high : _sorted[_starts[first]];
            int sharing = firstAbove.Count(f => f == first);
            int before = firstAbove.Take(k).Count(f => f == first);
            cuts[k] = Gap.At(lower, upper, (before + 1.0) / (sharing + 1));
        }
        return cuts;
    }

    // No single cut point can better the optimum any more; among equal places it takes the middle of the widest.
    private double Settle(double[] cuts, int k)
    {
        double low = k == 0 ? _low : cuts[k - 1];
        double high = k == cuts.Length - 1 ? _high : cuts[k + 1];
        var values = new List<double>();
        var crossings = new List<Crossing>();
        QwkSums sums = default;
        for (int i = 0; i < _sorted.Length; i++)
        {
            bool movable = _sorted[i] > low && _sorted[i] <= high;
            sums.Add(_truth[i], movable ? k : cuts.Count(cut => _sorted[i] > cut));
            if (!movable)
                continue;
            values.Add(_sorted[i]);
            crossings.Add(new Crossing(_truth[i], k, k + 1));
        }
        return ThresholdSweep.Best(sums, [.. values], [.. crossings], low, high, _preferred[k]).Threshold;
    }

    private QwkSums Sums(int[] grades)
    {
        QwkSums sums = default;
        for (int g = 0; g < grades.Length; g++)
        {
            for (int i = _starts[g]; i < _starts[g + 1]; i++)
                sums.Add(_truth[i], grades[g]);
        }
        return sums;
    }
}
