using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gradus.Grading;

namespace Gradus.Metrics;

/// <summary>The metrics of one set of images at one set of thresholds. What is undefined is null, never NaN.</summary>
public sealed record MetricSet
{
    /// <summary>Quadratic weighted kappa, -1 to 1; null where all images have one true grade.</summary>
    public required double? Qwk { get; init; }

    /// <summary>Lower end of the 95 % bootstrap interval of <see cref="Qwk"/>; null where none was asked for or all images have one grade.</summary>
    public double? QwkLow { get; init; }

    /// <summary>Upper end of the 95 % bootstrap interval of <see cref="Qwk"/>; null where none was asked for or all images have one grade.</summary>
    public double? QwkHigh { get; init; }

    /// <summary>Share of images graded right, 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Mean absolute error in grades, 0 to K-1.</summary>
    public required double Mae { get; init; }

    /// <summary>AUC, 0 to 1: two grades, of the score; more, the mean of each grade against the rest. Null for regression or where it is undefined.</summary>
    public double? Auc { get; init; }

    /// <summary>(K) each grade against all others.</summary>
    public required ImmutableArray<ClassMetrics> PerClass { get; init; }

    /// <summary>(K, K) counts, rows truth, columns prediction.</summary>
    public required ImmutableArray<ImmutableArray<int>> Confusion { get; init; }

    /// <summary>(K) images predicted as each grade.</summary>
    public required ImmutableArray<int> PredictedCounts { get; init; }

    /// <summary>Mean F1 over the grades that occur or are predicted, as scikit-learn has it.</summary>
    [JsonIgnore]
    public double MacroF1 => PerClass.Where((c, k) => c.Support > 0 || PredictedCounts[k] > 0).Average(c => c.F1 ?? 0);

    /// <summary>How many grades that is.</summary>
    [JsonIgnore]
    public int MacroGrades => PerClass.Where((c, k) => c.Support > 0 || PredictedCounts[k] > 0).Count();

    /// <summary>Computes everything from grades and scores.</summary>
    /// <param name="truth">(N) true grades, 0 to K-1; at least one.</param>
    /// <param name="predicted">(N) predicted grades, 0 to K-1.</param>
    /// <param name="scores">The scores that the predictions came from, for the AUC.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="bootstrapSeed">The run's seed, for the interval of the QWK; null leaves the interval out.</param>
    /// <param name="groups">(N) groups that the interval draws as a whole, 0 to G-1; null draws image by image.</param>
    /// <exception cref="ArgumentException">No images, lengths that differ, or a grade outside the scale.</exception>
    public static MetricSet Compute(int[] truth, int[] predicted, GradedScores scores, GradeScale scale, long? bootstrapSeed = null, int[]? groups = null)
    {
        if (truth.Length == 0 || scores.Rows != truth.Length)
            throw new ArgumentException($"at least one image and a score for each expected: {truth.Length} images, {scores.Rows} scores", nameof(truth));
        ConfusionMatrix matrix = ConfusionMatrix.Of(truth, predicted, scale.Count);
        ConfidenceInterval? interval = bootstrapSeed is { } seed && matrix.HasSeveralGrades
            ? Bootstrap.Interval(
                groups is null ? new CellSample(matrix.Counts) : new CellSample(matrix.Counts.Length, [.. truth.Select((t, i) => t * scale.Count + predicted[i])], groups),
                counts => Kappa.Quadratic(new ConfusionMatrix(scale.Count, counts)),
                RandomStream.Create(seed, "bootstrap"))
            : null;
        return new MetricSet
        {
            Qwk = Kappa.QuadraticOrNone(matrix),
            QwkLow = interval?.Low,
            QwkHigh = interval?.High,
            Accuracy = matrix.Accuracy!.Value,
            Mae = matrix.MeanAbsoluteError!.Value,
            Auc = AucOf(truth, scores, scale),
            PerClass = [.. Enumerable.Range(0, scale.Count).Select(matrix.Class)],
            Confusion = matrix.ToRows(),
            PredictedCounts = [.. matrix.Predicted],
        };
    }

    private static double? AucOf(int[] truth, GradedScores scores, GradeScale scale)
    {
        if (scale.IsBinary)
            return Metrics.Auc.Binary(scores.Score, [.. truth.Select(t => t == 1)]);
        return scores.Probabilities is { } probabilities ? Metrics.Auc.MacroOneVsRest(probabilities, truth) : null;
    }
}
