using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Predictions;

/// <summary>The answer for one image.</summary>
/// <param name="Id">The image.</param>
/// <param name="Grade">0 to K-1 at the thresholds asked for.</param>
/// <param name="Score">Expected grade, or the probability of the second of two grades.</param>
/// <param name="Probabilities">(K), empty for regression.</param>
public sealed record ImagePrediction(ImageId Id, int Grade, double Score, ImmutableArray<double> Probabilities)
{
    /// <summary>Standard deviation of the score over the views of test-time augmentation; null where there was one view.</summary>
    public double? Spread { get; init; }
}
