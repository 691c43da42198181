using Gradus.Imaging;
using Gradus.Runs;
using Gradus.Torch.Models;

namespace Gradus.Torch.Training;

/// <summary>What a run tells whoever watches it; none of it changes the run.</summary>
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
/// <param name="Normalisation">In use.</param>
/// <param name="Padding">The backbone's.</param>
/// <param name="StepsPerEpoch">Batches an epoch.</param>
/// <param name="Augmentation">For each step the share of values that it changes, 0 to 1.</param>
/// <param name="EpochsDone">Epochs that an earlier process finished; 0 for a new run.</param>
/// <param name="Origin">Where the weights came from.</param>
public sealed record TrainingSummary(
    long HeadParameters, long BackboneParameters, string Device, Normalisation Normalisation, PaddingStyle Padding, int StepsPerEpoch, IReadOnlyList<(string Step, double Changed)> Augmentation, int EpochsDone, string Origin);

/// <summary>What a finished run has to show.</summary>
/// <param name="Records">All epochs in order.</param>
/// <param name="Ranked">Epochs, best first by the experiment's selection rule.</param>
/// <param name="BestCheckpoint">The file of the best.</param>
public sealed record TrainingResult(IReadOnlyList<EpochRecord> Records, IReadOnlyList<int> Ranked, string BestCheckpoint)
{
    /// <summary>The record of the epoch that the selection rule takes.</summary>
    public EpochRecord Best => Records.Single(r => r.Epoch == Ranked[0]);

    /// <summary>Training images a second over all epochs, harmonically averaged.</summary>
    public double ImagesPerSecond => Records.Count / Records.Sum(r => 1 / r.ImagesPerSecond);

    /// <summary>Share of the training time spent waiting for images, 0 to 1, averaged over the epochs.</summary>
    public double DataWaitFraction => Records.Average(r => r.DataWaitFraction);
}
