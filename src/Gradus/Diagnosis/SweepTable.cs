using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;

namespace Gradus.Diagnosis;

/// <summary>Scores of one checkpoint, with the three rules that could grade them.</summary>
/// <param name="Name">What a table calls it.</param>
/// <param name="Epoch">Epochs trained, from 1.</param>
/// <param name="Images">What it says of the images.</param>
/// <param name="Default">The rule before tuning.</param>
/// <param name="Tuned">With the thresholds tuned on validation at its epoch.</param>
/// <param name="Stabilised">With the bootstrap median of those; null where the run kept no validation scores.</param>
public sealed record SweepItem(string Name, int Epoch, ScoredImages Images, DecodingRule Default, DecodingRule Tuned, DecodingRule? Stabilised);

/// <summary>A figure at each kind of threshold; null where there is none.</summary>
/// <param name="Default">At default thresholds.</param>
/// <param name="Tuned">At tuned thresholds.</param>
/// <param name="Stabilised">At stabilised thresholds.</param>
public sealed record AtThresholds<T>(T? Default, T? Tuned, T? Stabilised);

/// <summary>One line of a sweep's table.</summary>
/// <param name="Name">The checkpoint.</param>
/// <param name="Epoch">Epochs trained, from 1.</param>
/// <param name="Counts">(K) images a grade, at each kind of threshold.</param>
/// <param name="Agreement">QWK between its grades and those of the line before, over the images that both graded; null in the first.</param>
public sealed record SweepRow(string Name, int Epoch, AtThresholds<int[]> Counts, AtThresholds<double?> Agreement);

/// <summary>What the checkpoints of a run say of the same images, one after the other.</summary>
/// <param name="Scale">K grades.</param>
/// <param name="Rows">In the order of the checkpoints.</param>
public sealed record SweepTable(GradeScale Scale, ImmutableArray<SweepRow> Rows)
{
    /// <summary>Grades every checkpoint's scores at the three kinds of threshold, and compares neighbours.</summary>
    public static SweepTable Of(GradeScale scale, IReadOnlyList<SweepItem> items) => new(scale, [.. items.Select((item, i) => Row(scale, item, i == 0 ? null : items[i - 1]))]);

    private static SweepRow Row(GradeScale scale, SweepItem item, SweepItem? before)
    {
        return new SweepRow(
            item.Name,
            item.Epoch,
            new AtThresholds<int[]>(Counts(item.Default), Counts(item.Tuned), item.Stabilised is { } rule ? Counts(rule) : null),
            new AtThresholds<double?>(Agreement(i => i.Default), Agreement(i => i.Tuned), Agreement(i => i.Stabilised)));

        int[] Counts(DecodingRule rule) => [.. item.Images.Counts(rule, scale.Count)];

        double? Agreement(Func<SweepItem, DecodingRule?> rule) =>
            before is not null && rule(before) is { } earlier && rule(item) is { } now ? Kappa.Quadratic(Matrix(before.Images, earlier, item.Images, now, scale.Count)) : null;
    }

    // Checkpoints of different recipes may fail on different images.
    private static ConfusionMatrix Matrix(ScoredImages before, DecodingRule earlier, ScoredImages now, DecodingRule rule, int grades)
    {
        var known = new Dictionary<ImageId, int>();
        foreach ((int i, int grade) in earlier.Grades(before.Scores).Index())
            known[before.Ids[i]] = grade;
        (int Before, int Now)[] pairs = [.. rule.Grades(now.Scores).Index().Where(g => known.ContainsKey(now.Ids[g.Index])).Select(g => (known[now.Ids[g.Index]], g.Item))];
        return ConfusionMatrix.Of([.. pairs.Select(p => p.Before)], [.. pairs.Select(p => p.Now)], grades);
    }
}
