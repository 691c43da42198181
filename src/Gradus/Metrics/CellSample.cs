namespace Gradus.Metrics;

/// <summary>
/// Images counted in cells, to be drawn from with replacement: one by one, or where they have groups (the photographs of one
/// patient) whole groups at a time. Images of one group resemble each other, and intervals that draw them one by one are too narrow.
/// </summary>
internal sealed class CellSample
{
    private readonly int[] _counts;
    private readonly int[][]? _groups; // the cell of each image of a group

    /// <param name="counts">Images in each cell.</param>
    public CellSample(ReadOnlySpan<int> counts) => _counts = counts.ToArray();

    /// <param name="cells">How many cells there are.</param>
    /// <param name="cellOf">(N) the cell of each image.</param>
    /// <param name="groups">(N) the group of each image, 0 to G-1 without gaps; null draws image by image.</param>
    public CellSample(int cells, int[] cellOf, int[]? groups)
    {
        _counts = new int[cells];
        foreach (int cell in cellOf)
            _counts[cell]++;
        if (groups is not null)
            _groups = [.. groups.Zip(cellOf).GroupBy(i => i.First).OrderBy(g => g.Key).Select(g => g.Select(i => i.Second).ToArray())];
    }

    /// <summary>Images in each cell.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Cell counts of as many images, or of as many groups, drawn with replacement.</summary>
    public IEnumerable<int[]> Draws(Random random, int resamples) => _groups is null
        ? Bootstrap.Draws(_counts, random, resamples)
        : Enumerable.Range(0, resamples).Select(_ => OfGroups(_groups, random));

    /// <summary>For the jackknife: cell counts without one image or one group, and how many there are whose leaving out gives these.</summary>
    public IEnumerable<(int Units, int[] Counts)> LeftOut()
    {
        if (_groups is null)
        {
            for (int cell = 0; cell < _counts.Length; cell++)
            {
                if (_counts[cell] > 0)
                    yield return (_counts[cell], Without([cell]));
            }
            yield break;
        }
        foreach (int[] group in _groups)
            yield return (1, Without(group));
    }

    private int[] Without(int[] images)
    {
        int[] less = [.. _counts];
        foreach (int cell in images)
            less[cell]--;
        return less;
    }

    private int[] OfGroups(int[][] groups, Random random)
    {
        var drawn = new int[_counts.Length];
        for (int i = 0; i < groups.Length; i++)
        {
            foreach (int cell in groups[random.Next(groups.Length)])
                drawn[cell]++;
        }
        return drawn;
    }
}
