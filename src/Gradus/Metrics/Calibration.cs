using System.Collections.Immutable;

namespace Gradus.Metrics;

/// <summary>How far probabilities can be believed.</summary>
public sealed record Calibration
{
    /// <summary>Bins of equal width of the expected calibration error.</summary>
    public const int Bins = 15;

    /// <summary>
    /// Expected calibration error of the most probable grade, 0 to 1 (Naeini et al. 2015; Guo et al. 2017, eq. 3): the mean over images
    /// of the distance between the mean probability and the share of hits in an image's bin. Few images raise it.
    /// </summary>
    public required Estimate Ece { get; init; }

    /// <summary>The same of each grade's probability, averaged over grades, 0 to 1 (Kull et al. 2019).</summary>
    public required Estimate ClasswiseEce { get; init; }

    /// <summary>Brier score: mean squared error of the probabilities summed over grades, 0 to 2; for two grades of one of them, 0 to 1.</summary>
    public required Estimate Brier { get; init; }

    /// <summary>Mean negative log of the true grade's probability, in nats; a probability below 2.2e-16 counts as that.</summary>
    public required Estimate LogLoss { get; init; }

    /// <summary>(15) the reliability of the most probable grade.</summary>
    public required ImmutableArray<ReliabilityBin> Reliability { get; init; }

    /// <summary>What one temperature for all images would change.</summary>
    public required TemperatureScaling Temperature { get; init; }
}
