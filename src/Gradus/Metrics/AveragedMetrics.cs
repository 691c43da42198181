using System.Text.Json.Serialization;

namespace Gradus.Metrics;

/// <summary>One figure for all grades, from each grade against all others.</summary>
/// <param name="Sensitivity">Share of a grade's images that were found.</param>
/// <param name="Specificity">Share of the other images that were not taken for it.</param>
/// <param name="Precision">Share of the images taken for it that are of it.</param>
/// <param name="F1">Harmonic mean of sensitivity and precision.</param>
public sealed record AveragedMetrics(Estimate Sensitivity, Estimate Specificity, Estimate Precision, Estimate F1)
{
    /// <summary>Of a mean over grades: how many grades it is over; null for a figure over all images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Grades { get; init; }
}

/// <summary>One grade against all others.</summary>
/// <param name="Support">Images of this grade.</param>
/// <param name="Predicted">Images predicted as this grade.</param>
/// <param name="Sensitivity">Share of its images that were found, 0 to 1.</param>
/// <param name="Specificity">Share of the other images that were not taken for it, 0 to 1.</param>
/// <param name="Precision">Share of the images taken for it that are of it, 0 to 1.</param>
/// <param name="F1">Harmonic mean of sensitivity and precision, 0 to 1.</param>
/// <param name="Auc">Of its score against all others, 0 to 1, with DeLong's interval.</param>
/// <param name="AveragePrecision">Of its score against all others, 0 to 1.</param>
public sealed record ClassEvaluation(int Support, int Predicted, Estimate Sensitivity, Estimate Specificity, Estimate Precision, Estimate F1, Estimate Auc, Estimate AveragePrecision);
