namespace Gradus.Metrics;

/// <summary>One grade against all others; what would divide by nothing is null.</summary>
/// <param name="Support">Images of this grade.</param>
/// <param name="Sensitivity">Share of them that were found (recall), 0 to 1; null where there are none.</param>
/// <param name="Specificity">Share of the other images that were not taken for it, 0 to 1; null where there are no others.</param>
/// <param name="Precision">Share of the images taken for it that are of it, 0 to 1; null where none was.</param>
/// <param name="F1">Harmonic mean of sensitivity and precision, 0 to 1; null where the grade neither occurs nor was predicted.</param>
public sealed record ClassMetrics(int Support, double? Sensitivity, double? Specificity, double? Precision, double? F1);
