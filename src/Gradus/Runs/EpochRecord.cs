using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Metrics;

namespace Gradus.Runs;

/// <summary>What happened in one epoch: one line of metrics.jsonl.</summary>
public sealed record EpochRecord
{
    /// <summary>1 for the first.</summary>
    public required int Epoch { get; init; }

    /// <summary>Optimiser steps taken since the start of the run, at the end of the epoch.</summary>
    public required long Step { get; init; }

    /// <summary>The learning rates of the epoch's last step.</summary>
    public required GroupRates LearningRates { get; init; }

    /// <summary>How many parameters were free to move.</summary>
    public required GroupCounts Trainable { get; init; }

    /// <summary>Which grades the training images had that were drawn.</summary>
    public required ClassDraw Draw { get; init; }

    /// <summary>The training images as the network saw them during the epoch.</summary>
    public required SplitRecord Train { get; init; }

    /// <summary>The validation images at the end of the epoch.</summary>
    public required SplitRecord Validation { get; init; }

    /// <summary>The rule with thresholds tuned on this epoch's validation scores; both splits' tuned metrics are at these.</summary>
    public required DecodingRule Thresholds { get; init; }

    /// <summary>
    /// QWK of the validation images, each graded at thresholds that were tuned without its fifth of them; null in runs of a Gradus
    /// that did not compute it.
    /// </summary>
    public double? CrossFittedQwk { get; init; }

    /// <summary>Share of validation images whose cumulative outputs contradict each other, 0 to 1; null for other targets.</summary>
    public double? NonMonotoneRate { get; init; }

    /// <summary>Wall-clock time of the epoch with its validation, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Training images a second, without validation.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Share of the training time spent waiting for images, 0 to 1.</summary>
    public double DataWaitFraction { get; init; }
}

/// <summary>One split's loss, and its metrics at default and at tuned thresholds: always both, so that like is compared with like.</summary>
/// <param name="Loss">Mean loss an image; null where it was not finite.</param>
/// <param name="Default">At the target's default thresholds.</param>
/// <param name="Tuned">At the epoch's tuned thresholds.</param>
public sealed record SplitRecord(double? Loss, MetricSet Default, MetricSet Tuned)
{
    /// <summary>Mean loss an image; null where it was not finite.</summary>
    public double? Loss { get; init; } = Loss is { } loss && double.IsFinite(loss) ? loss : null;
}

/// <summary>A learning rate for each group of parameters.</summary>
public sealed record GroupRates(double Head, double Backbone);

/// <summary>A number of parameters for each group of them.</summary>
public sealed record GroupCounts(long Head, long Backbone);

/// <summary>Images drawn of each grade in an epoch.</summary>
/// <param name="Configured">(K) what the sampling settings lead one to expect; fractions where drawing is random.</param>
/// <param name="Realised">(K) what was drawn.</param>
public sealed record ClassDraw(ImmutableArray<double> Configured, ImmutableArray<int> Realised)
{
    /// <summary>The mean weight to be expected of a drawn image, where images are drawn by weights of their own; else null.</summary>
    public double? ConfiguredWeight { get; init; }

    /// <summary>The mean weight of the images drawn; null where images have none.</summary>
    public double? RealisedWeight { get; init; }
}
