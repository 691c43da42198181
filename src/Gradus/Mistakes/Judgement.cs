using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Mistakes;

/// <summary>What one run, which was not trained on the image, said of it.</summary>
/// <param name="Image">The image, with the grade that a person gave and its content's hash.</param>
/// <param name="Run">Who judges.</param>
/// <param name="Predicted">The grade at the run's tuned thresholds.</param>
/// <param name="Score">The expected grade.</param>
/// <param name="Probabilities">(K); empty for regression.</param>
public sealed record Judgement(ImageRecord Image, string Run, int Predicted, double Score, ImmutableArray<double> Probabilities)
{
    /// <summary>The grade that a person gave.</summary>
    public int Grade { get; } = Image.Grade ?? throw new ArgumentException("a graded image expected", nameof(Image));

    /// <summary>How far the score is from the person's grade.</summary>
    public double Error => Math.Abs(Score - Grade);

    /// <summary>The probability of the predicted grade, 0 to 1; null for regression.</summary>
    public double? Confidence => Probabilities.IsDefaultOrEmpty ? null : Probabilities[Predicted];
}
