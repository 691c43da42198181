using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Imaging;

namespace Gradus.Experiments;

/// <summary>
/// Everything that decides a run, resolved: paths are absolute, defaults are filled in. Read strictly from YAML, stored with the run as JSON.
/// </summary>
public sealed record Experiment
{
    /// <summary>The ordered grades.</summary>
    public required GradeScale Scale { get; init; }

    /// <summary>At least one with role main.</summary>
    public required ImmutableArray<SourceSpec> Sources { get; init; }

    /// <summary>The set to predict; its grades are optional.</summary>
    public SourceSpec? Test { get; init; }

    /// <summary>What happens to identical images with different grades.</summary>
    public ConflictPolicy Conflicts { get; init; } = ConflictPolicy.Quarantine;

    /// <summary>The person's decisions, for <see cref="ConflictPolicy.File"/>; null otherwise.</summary>
    public string? Decisions { get; init; }

    /// <summary>Which images a run learns from. Not a key of the file: <c>train --pretrain</c> sets it.</summary>
    public TrainingPhase Phase { get; init; } = TrainingPhase.Training;

    /// <summary>From source image to the network's square of bytes.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>Bytes to input; null takes what the weights were trained with, else ImageNet's.</summary>
    public Normalisation? Normalise { get; init; }

    /// <summary>How the main source becomes training and validation; null where a source has the role validation, or a list says it.</summary>
    public SplitSpec? Split { get; init; }

    /// <summary>A file of the main images that validate, as <c>gradus subset</c> writes it, in place of a split; null where there is none.</summary>
    public string? ValidationList { get; init; }

    /// <summary>Random changes to training batches.</summary>
    public Augmentation Augment { get; init; } = Augmentation.None;

    /// <summary>How training images are drawn.</summary>
    public SamplingSpec Sampling { get; init; } = new EveryImageOnce();

    /// <summary>The network.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>What it is asked for.</summary>
    public required Target Target { get; init; }

    /// <summary>Which thresholds are tuned on validation, and how.</summary>
    public ThresholdSpec Thresholds { get; init; } = new();

    /// <summary>Optimisation.</summary>
    public required TrainSpec Train { get; init; }

    /// <summary>Which checkpoints are kept.</summary>
    public SelectSpec Select { get; init; } = new();

    /// <summary>Whom a finished or failed run tells; null for nobody. No part of what a run is: two runs that differ in it alone are alike.</summary>
    public NotifySpec? Notify { get; init; }
}

/// <summary>What happens to identical images with different grades.</summary>
public enum ConflictPolicy
{
    /// <summary>All of them are left out and listed.</summary>
    Quarantine,

    /// <summary>Left out without being kept for a decision.</summary>
    Drop,

    /// <summary>All of them stay as they are.</summary>
    Keep,

    /// <summary>All of them take the most frequent grade; on a tie they are quarantined.</summary>
    Majority,

    /// <summary>All of them take the lowest of their grades.</summary>
    Lowest,

    /// <summary>All of them take the highest of their grades.</summary>
    Highest,

    /// <summary>A person has decided image by image, in a file; the undecided are quarantined.</summary>
    File,
}

/// <summary>Which images a run learns from; it is judged by the same ones in both.</summary>
public enum TrainingPhase
{
    /// <summary>The main sources, and what is beside them for training.</summary>
    Training,

    /// <summary>The sources for pre-training alone.</summary>
    Pretraining,
}

/// <summary>Which thresholds are tuned for cumulative outputs.</summary>
public enum ThresholdTuning
{
    /// <summary>One for all outputs.</summary>
    Shared,

    /// <summary>One an output.</summary>
    PerOutput,
}
