using Gradus.Runs;

namespace Gradus.Torch.Training;

/// <summary>What a run tells whoever watches it; none of it can stop the run.</summary>
public sealed record TrainingEvents
{
    /// <summary>Told once, before the first step.</summary>
    public Action<TrainingSummary>? Starting { get; init; }

    /// <summary>Told after each epoch's files are on disk.</summary>
    public Action<EpochRecord>? EpochFinished { get; init; }

    /// <summary>Told what a person should know but need not act on.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>Told of every batch.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}

/// <summary>What is known before the first step, for printing.</summary>
/// <param name="HeadParameters">Numbers that the head learns.</param>
/// <param name="BackboneParameters">Numbers in the backbone.</param>
/// <param name="Device">Device and threads.</param>
/// <param name="Normalisation">In use, with where it came from.</param>
/// <param name="Padding">The backbone's.</param>
/// <param name="StepsPerEpoch">Batches an epoch.</param>
/// <param name="Augmentation">For each step the share of values that it changes.</param>
/// <param name="ResumedAfter">Epochs that were already done; 0 for a new run.</param>
/// <param name="Weights">What was loaded, in a sentence.</param>
public sealed record TrainingSummary(
    long HeadParameters, long BackboneParameters, string Device, string Normalisation, string Padding, int StepsPerEpoch, IReadOnlyList<(string Step, double Changed)> Augmentation, int ResumedAfter, string Weights);

/// <summary>What a finished run has to show.</summary>
/// <param name="Best">The record of the epoch that the selection rule takes.</param>
/// <param name="BestCheckpoint">Its file.</param>
/// <param name="ImagesPerSecond">Training images over training time, all epochs.</param>
/// <param name="DataWaitFraction">Share of the training time spent waiting for the loader, 0 to 1.</param>
public sealed record TrainingResult(EpochRecord Best, string BestCheckpoint, double ImagesPerSecond, double DataWaitFraction);
