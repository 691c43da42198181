using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>
/// What must stay on one side of a split: images joined by equal content, by nearly the same picture or by an equal group name, directly
/// or over others.
/// Equal names in two sources join as well: patients of the same name may be one, and joining can only make a split stricter.
/// </summary>
internal static class ImageGroups
{
    /// <summary>The groups, each as positions in <paramref name="records"/> in ascending order, ordered by their first member.</summary>
    public static ImmutableArray<ImmutableArray<int>> Of(IReadOnlyList<ImageRecord> records, IReadOnlyCollection<SamePicture> alike)
    {
        List<int> parent = [.. Enumerable.Range(0, records.Count)];
        var byContent = new Dictionary<ContentHash, int>(records.Count);
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Hash is { } hash && !byContent.TryAdd(hash, i))
                Join(parent, byContent[hash], i);
            if (records[i].Group is { } name && !byName.TryAdd(name, i))
                Join(parent, byName[name], i);
        }
        foreach (SamePicture pair in alike)
            Join(parent, Place(pair.A), Place(pair.B));
        return [.. Enumerable.Range(0, records.Count).GroupBy(i => Root(parent, i)).Select(g => g.ToImmutableArray())];

        // A content of none of the records has a place behind them: it still joins two that are like it.
        int Place(ContentHash hash)
        {
            if (byContent.TryAdd(hash, parent.Count))
                parent.Add(parent.Count);
            return byContent[hash];
        }
    }

    // The smaller position becomes the root, so the result does not depend on the order of joining.
    private static void Join(List<int> parent, int a, int b)
    {
        (int left, int right) = (Root(parent, a), Root(parent, b));
        parent[Math.Max(left, right)] = Math.Min(left, right);
    }

    private static int Root(List<int> parent, int i)
    {
        while (parent[i] != i)
            i = parent[i] = parent[parent[i]];
        return i;
    }
}
