using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Shift;

/// <summary>What a checkpoint says of the validation and the test images of an experiment.</summary>
public sealed record CheckpointScores
{
    /// <summary>Run and epoch, for people.</summary>
    public required string Name { get; init; }

    /// <summary>What the outputs mean.</summary>
    public required Target Target { get; init; }

    /// <summary>Thresholds before any tuning.</summary>
    public required DecodingRule DefaultRule { get; init; }

    /// <summary>Thresholds tuned on validation.</summary>
    public required DecodingRule TunedRule { get; init; }

    /// <summary>(N) graded images that the checkpoint has not learnt.</summary>
    public required ImmutableArray<ImageRecord> ValidationImages { get; init; }

    /// <summary>(N) their scores.</summary>
    public required GradedScores Validation { get; init; }

    /// <summary>(M) scores of the test images that could be read.</summary>
    public required GradedScores Test { get; init; }
}
