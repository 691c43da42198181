using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Splitting;

namespace Gradus.Previews;

/// <summary>Which images a preview shows.</summary>
public static class PreviewSample
{
    /// <summary>Up to so many training images of each grade, the same for the same seed; ordered by grade.</summary>
    /// <param name="set">The training set.</param>
    /// <param name="perGrade">At least 1.</param>
    /// <param name="seed">The run's.</param>
    public static ImmutableArray<ImageRecord> Choose(TrainingSet set, int perGrade, long seed) =>
    [
        .. set.Records.GroupBy(r => r.Grade!.Value).OrderBy(g => g.Key).SelectMany(grade =>
        {
            ImageRecord[] all = [.. grade.OrderBy(ImageKey.Of)];
            RandomStream.Create(seed, "preview", grade.Key).Shuffle(all);
            return all.Take(perGrade);
        }),
    ];
}
