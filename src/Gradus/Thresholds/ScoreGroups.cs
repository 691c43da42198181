namespace Gradus.Thresholds;

/// <summary>
/// Scores in rising order, equal ones as one group, with running sums. QWK depends on a cut point only through how many images lie
/// above it and the sum of their true grades, so that is all that is kept. Ties cannot be split: a cut lies between groups.
/// </summary>
internal sealed class ScoreGroups
{
    private readonly int[] _truth; // (N) by rising score
    private readonly int[] _groupOf; // (N)
    private readonly int[] _below; // (G + 1) images in the first g groups
    private readonly long[] _truthBelow; // (G + 1) the sum of their true grades
    private readonly long _truthSquares;

    private ScoreGroups(double[] values, int[] truth, int[] groupOf)
    {
        (Values, _truth, _groupOf) = (values, truth, groupOf);
        _below = new int[values.Length + 1];
        _truthBelow = new long[values.Length + 1];
        for (int i = 0; i < truth.Length; i++)
        {
            _below[groupOf[i] + 1] = i + 1;
            _truthBelow[groupOf[i] + 1] += truth[i];
            _truthSquares += (long)truth[i] * truth[i];
        }
        for (int g = 0; g < values.Length; g++)
            _truthBelow[g + 1] += _truthBelow[g];
    }

    /// <summary>(G) the distinct scores, rising.</summary>
    public double[] Values { get; }

    /// <summary>G.</summary>
    public int Count => Values.Length;

    /// <summary>True where all images have one grade, so that there is nothing to agree about.</summary>
    public bool OneGrade => _truth.Length * _truthSquares == _truthBelow[^1] * _truthBelow[^1];

    /// <summary>N.</summary>
    public int Images => _truth.Length;

    /// <summary>(K) images of each true grade.</summary>
    public int[] TruthCounts(int grades)
    {
        var counts = new int[grades];
        foreach (int grade in _truth)
            counts[grade]++;
        return counts;
    }

    /// <summary>(G + 1) images of the first g groups with a true grade of at most <paramref name="grade"/>.</summary>
    public int[] UpTo(int grade)
    {
        var below = new int[Count + 1];
        for (int i = 0; i < _truth.Length; i++)
            below[_groupOf[i] + 1] += _truth[i] <= grade ? 1 : 0;
        for (int g = 0; g < Count; g++)
            below[g + 1] += below[g];
        return below;
    }

    /// <summary>Sorts (N) finite scores with their true grades.</summary>
    public static ScoreGroups Of(ReadOnlySpan<double> scores, ReadOnlySpan<int> truth)
    {
        double[] sorted = scores.ToArray();
        int[] grades = truth.ToArray();
        RisingOrder.Sort(sorted, grades);
        var values = new List<double>(sorted.Length);
        var groupOf = new int[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i == 0 || sorted[i] != sorted[i - 1])
                values.Add(sorted[i]);
            groupOf[i] = values.Count - 1;
        }
        return new ScoreGroups([.. values], grades, groupOf);
    }

    /// <summary>As many images drawn with replacement.</summary>
    public ScoreGroups Resample(Random random)
    {
        var times = new int[_truth.Length];
        for (int i = 0; i < times.Length; i++)
            times[random.Next(times.Length)]++;
        var values = new List<double>(Count);
        var truth = new int[times.Length];
        var groupOf = new int[times.Length];
        int last = -1, at = 0;
        for (int i = 0; i < times.Length; i++)
        {
            if (times[i] > 0 && _groupOf[i] != last)
                values.Add(Values[last = _groupOf[i]]);
            for (int copy = 0; copy < times[i]; copy++)
                (truth[at], groupOf[at++]) = (_truth[i], values.Count - 1);
        }
        return new ScoreGroups([.. values], truth, groupOf);
    }

    /// <summary>The first group above a cut point, or G.</summary>
    public int FirstAbove(double cut)
    {
        int at = Array.BinarySearch(Values, cut);
        return at >= 0 ? at + 1 : ~at;
    }

    /// <summary>The images of groups [<paramref name="from"/>, <paramref name="to"/>) and the sum of their true grades.</summary>
    public (int Images, long Truth) Between(int from, int to) => (_below[to] - _below[from], _truthBelow[to] - _truthBelow[from]);

    /// <summary>The sums at cuts given by the first group above each, never falling.</summary>
    public QwkSums Sums(ReadOnlySpan<int> firstAbove)
    {
        var sums = new QwkSums(_truth.Length, _truthBelow[^1], _truthSquares);
        for (int k = 0; k < firstAbove.Length; k++)
        {
            (int images, long truth) = Between(firstAbove[k], Count);
            sums.Raise(k, images, truth);
        }
        return sums;
    }
}
