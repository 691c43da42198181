namespace Gradus.Metrics;

/// <summary>True and predicted grades of images, and what the predictions came from: all that an evaluation needs.</summary>
public sealed class GradedImages
{
    /// <summary>Takes the columns, a row an image.</summary>
    /// <param name="grades">K, at least 2.</param>
    /// <param name="truth">(N) true grades, 0 to K-1; at least one.</param>
    /// <param name="predicted">(N) predicted grades, 0 to K-1.</param>
    /// <param name="scores">(N) finite, rising with the grade, or null.</param>
    /// <param name="probabilities">(N, K) row-major, 0 to 1, rows adding up to 1, or null.</param>
    /// <exception cref="ArgumentException">No images, or lengths that do not fit together.</exception>
    public GradedImages(int grades, int[] truth, int[] predicted, double[]? scores = null, double[]? probabilities = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grades, 2);
        if (truth.Length == 0 || predicted.Length != truth.Length || (scores is not null && scores.Length != truth.Length) || (probabilities is not null && probabilities.Length != truth.Length * grades))
            throw new ArgumentException($"at least one image, a prediction for each, and a score and {grades} probabilities where there are any expected: {truth.Length} images, {predicted.Length} predictions, {scores?.Length} scores, {probabilities?.Length} probabilities", nameof(truth));
        (Grades, Truth, Predicted, Scores, Probabilities) = (grades, truth, predicted, scores, probabilities);
    }

    /// <summary>K.</summary>
    public int Grades { get; }

    /// <summary>N.</summary>
    public int Count => Truth.Length;

    /// <summary>(N) true grades.</summary>
    public int[] Truth { get; }

    /// <summary>(N) predicted grades.</summary>
    public int[] Predicted { get; }

    /// <summary>(N) or null.</summary>
    public double[]? Scores { get; }

    /// <summary>(N, K) or null.</summary>
    public double[]? Probabilities { get; }

    /// <summary>The images at the given places, in that order.</summary>
    public GradedImages InOrder(int[] places) => new(
        Grades,
        [.. places.Select(i => Truth[i])],
        [.. places.Select(i => Predicted[i])],
        Scores is { } scores ? [.. places.Select(i => scores[i])] : null,
        Probabilities is { } all ? [.. places.SelectMany(i => all[(i * Grades)..((i + 1) * Grades)])] : null);

    /// <summary>The same on a scale with more grades, whose probabilities are 0.</summary>
    public GradedImages Widened(int grades) => new(
        grades,
        Truth,
        Predicted,
        Scores,
        Probabilities is { } all ? [.. Enumerable.Range(0, Count).SelectMany(i => all[(i * Grades)..((i + 1) * Grades)].Concat(new double[grades - Grades]))] : null);
}
