namespace Gradus.Metrics;

/// <summary>Images whose most probable grade has a probability above <paramref name="Low"/> and at most <paramref name="High"/>.</summary>
/// <param name="Low">0 to 1; the first bin includes it.</param>
/// <param name="High">0 to 1.</param>
/// <param name="Images">How many.</param>
/// <param name="Confidence">Their mean probability of the most probable grade; null where there are none.</param>
/// <param name="Accuracy">The share of them whose grade it is; null where there are none.</param>
public readonly record struct ReliabilityBin(double Low, double High, int Images, double? Confidence, double? Accuracy);
