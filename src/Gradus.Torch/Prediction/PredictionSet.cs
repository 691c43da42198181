using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;
using Gradus.Predictions;

namespace Gradus.Torch.Prediction;

/// <summary>What a checkpoint says of a set of images, before any thresholds.</summary>
/// <param name="Ids">(N) images that could be read, in the order asked.</param>
/// <param name="Hashes">(N) their content.</param>
/// <param name="Scores">(N) their scores, after the head's link.</param>
/// <param name="Failed">Images that could not be read, each with the reason.</param>
/// <param name="Notes">What a person may want to look at, an image each: no disc was found in it, for instance.</param>
public sealed record PredictionSet(ImmutableArray<ImageId> Ids, ImmutableArray<ContentHash> Hashes, GradedScores Scores, ImmutableArray<(ImageId Id, string Problem)> Failed, ImmutableArray<(ImageId Id, string Note)> Notes)
{
    /// <summary>(N) standard deviation of each image's score over its views; empty where only the image itself was looked at.</summary>
    public ImmutableArray<double> Spread { get; init; } = [];

    /// <summary>The rows of predictions.csv, with grades by the given rule.</summary>
    public ImmutableArray<ImagePrediction> Grade(DecodingRule rule)
    {
        int[] grades = rule.Grades(Scores);
        int k = Scores.Probabilities is { } p && Ids.Length > 0 ? p.Length / Ids.Length : 0;
        return [.. Ids.Select((id, i) => new ImagePrediction(id, grades[i], Scores.Score[i], [.. Scores.Probabilities.AsSpan(i * k, k)]) { Spread = Spread.IsEmpty ? null : Spread[i] })];
    }

    /// <summary>The scores as a table that can be graded again by any rule.</summary>
    /// <param name="truth">The true grades that are known; null where none are.</param>
    public ScoredImages Scored(IReadOnlyDictionary<ImageId, int>? truth = null) =>
        new(Ids, Hashes, [.. Ids.Select(id => truth is not null && truth.TryGetValue(id, out int grade) ? grade : (int?)null)], Scores);

    /// <summary>(K) images a grade by the given rule.</summary>
    public ImmutableArray<int> Counts(DecodingRule rule, GradeScale scale)
    {
        var counts = new int[scale.Count];
        foreach (int grade in rule.Grades(Scores))
            counts[grade]++;
        return [.. counts];
    }
}
