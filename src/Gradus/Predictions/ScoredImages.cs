using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Predictions;

/// <summary>
/// What a network says of images before any thresholds: all that a rule needs to grade them again. A run keeps one such table an
/// epoch for its validation images, and a sweep one a checkpoint.
/// </summary>
/// <param name="Ids">(N) the images.</param>
/// <param name="Hashes">(N) their content.</param>
/// <param name="Grades">(N) their true grades, 0 to K-1; null where one is not known.</param>
/// <param name="Scores">(N) score and linked outputs; without the probabilities of the grades, which follow from the outputs.</param>
public sealed record ScoredImages(ImmutableArray<ImageId> Ids, ImmutableArray<ContentHash> Hashes, ImmutableArray<int?> Grades, GradedScores Scores)
{
    /// <summary>(N) the true grades; null where not all of them are known, or there are none.</summary>
    public int[]? Truth => Grades.Length > 0 && Grades.All(g => g is not null) ? [.. Grades.Select(g => g!.Value)] : null;

    /// <summary>(K) images a grade by the given rule.</summary>
    /// <param name="rule">Made for as many outputs as these scores have.</param>
    /// <param name="grades">K.</param>
    public ImmutableArray<int> Counts(DecodingRule rule, int grades)
    {
        var counts = new int[grades];
        foreach (int grade in rule.Grades(Scores))
            counts[grade]++;
        return [.. counts];
    }
}
