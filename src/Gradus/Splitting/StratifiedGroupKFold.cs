using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>
/// Divides images into folds of like class shares without tearing groups apart. The idea is that of scikit-learn's class of the
/// same name: groups are placed one after another, those that can tilt a fold most first, each where it tilts least.
/// </summary>
/// <remarks>
/// A group with class counts v goes to the fold with class counts x that minimises the sum over classes of x_c v_c / n_c²,
/// where n_c is the class's total: this is what the sum of squared shares grows by, so an empty fold always wins until none is
/// left, and where every group is of one class the folds differ in no class by more than its largest group. Images that belong
/// to nothing else are balanced to one, in every class and in the size of the folds.
/// </remarks>
public static class StratifiedGroupKFold
{
    /// <summary>Plans the folds; the same images and seed give the same plan, in whatever order the images come.</summary>
    /// <param name="records">Images with grades and content hashes.</param>
    /// <param name="folds">Number of folds, at least 2 and at most the number of groups.</param>
    /// <param name="seed">Decides among plans that are equally good.</param>
    /// <param name="alike">Contents that show the same picture, as the audit found them.</param>
    /// <exception cref="GradusException">Too few groups for the folds, or images that <see cref="FoldPlan"/> refuses.</exception>
    public static FoldPlan Plan(IReadOnlyList<ImageRecord> records, int folds, long seed, IReadOnlyCollection<SamePicture> alike)
    {
        ImmutableArray<ImageRecord> sorted = SplitRecords.Checked([.. records.OrderBy(ImageKey.Of)], "the split");
        ImmutableArray<ImmutableArray<int>> groups = ImageGroups.Of(sorted, alike);
        if (groups.Length < folds)
        {
            throw new GradusException(
                $"{folds} folds need at least {folds} groups", found: $"{groups.Length} among {sorted.Length} images", remedy: "Use fewer folds, or check the group column, which may hold the same name for everybody, and the near duplicates that the audit lists", fault: Fault.Request);
        }

        int classes = sorted.Max(r => r.Grade!.Value) + 1;
        int[][] counts = [.. groups.Select(g => Count(g, sorted, classes))];
        double[] weight = [.. Enumerable.Range(0, classes).Select(c => (double)counts.Sum(v => v[c])).Select(n => n == 0 ? 0 : 1 / (n * n))];

        int[] order = [.. Enumerable.Range(0, groups.Length)];
        RandomStream.Create(seed, "split").Shuffle(order);
        var inFold = new int[folds][];
        for (int f = 0; f < folds; f++)
            inFold[f] = new int[classes];
        var sizes = new int[folds];
        var foldOf = new Dictionary<ImageKey, int>(sorted.Length);
        // Classes of the same total are placed one after the other: interleaved they would unbalance the folds' sizes.
        foreach (int g in order.OrderByDescending(g => Tilt(counts[g], counts[g], weight)).ThenBy(g => Array.IndexOf(counts[g], counts[g].Max())))
        {
            int fold = Enumerable.Range(0, folds).MinBy(f => (Tilt(inFold[f], counts[g], weight), sizes[f]));
            sizes[fold] += groups[g].Length;
            for (int c = 0; c < classes; c++)
                inFold[fold][c] += counts[g][c];
            foreach (int i in groups[g])
                foldOf[ImageKey.Of(sorted[i])] = fold;
        }
        return new FoldPlan(sorted, foldOf, folds, alike);
    }

    private static int[] Count(ImmutableArray<int> group, ImmutableArray<ImageRecord> records, int classes)
    {
        var counts = new int[classes];
        foreach (int i in group)
            counts[records[i].Grade!.Value]++;
        return counts;
    }

    private static double Tilt(int[] x, int[] v, double[] weight)
    {
        double sum = 0;
        for (int c = 0; c < weight.Length; c++)
            sum += weight[c] * x[c] * v[c];
        return sum;
    }
}
