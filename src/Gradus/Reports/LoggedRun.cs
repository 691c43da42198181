using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>A run as its folder tells it.</summary>
/// <param name="Info">run.json.</param>
/// <param name="Records">metrics.jsonl.</param>
/// <param name="Notes">notes.json.</param>
public sealed record LoggedRun(RunInfo Info, IReadOnlyList<EpochRecord> Records, RunNotes Notes)
{
    /// <summary>The epoch that the experiment's rule selects; null before the first has ended.</summary>
    public EpochRecord? Best { get; } = Records.Count == 0 ? null : Records.Single(r => r.Epoch == Selection.Rank(Records, Info.Experiment.Select)[0]);

    /// <summary>Wall-clock time of all epochs with their validation, in seconds; null before the first has ended.</summary>
    public double? Seconds => Records.Count == 0 ? null : Records.Sum(r => r.Seconds);

    /// <summary>Training images a second over all epochs, without validation; null where it is not known.</summary>
    public double? ImagesPerSecond => TrainingSeconds > 0 ? Timed.Sum(Drawn) / TrainingSeconds : null;

    /// <summary>Share of the training time spent waiting for images, 0 to 1; null where it is not known.</summary>
    public double? DataWaitFraction => TrainingSeconds > 0 ? Timed.Sum(r => r.DataWaitFraction * Drawn(r) / r.ImagesPerSecond) / TrainingSeconds : null;

    private IEnumerable<EpochRecord> Timed => Records.Where(r => r.ImagesPerSecond > 0);

    // An epoch's own seconds include its validation; images through rate do not.
    private double TrainingSeconds => Timed.Sum(r => Drawn(r) / r.ImagesPerSecond);

    /// <summary>Reads a run.</summary>
    /// <exception cref="GradusException">A file of it cannot be read or is damaged.</exception>
    public static LoggedRun Read(RunFolder run) => new(run.ReadInfo(), run.Metrics.Read(), RunNotes.Read(run));

    private static double Drawn(EpochRecord record) => record.Draw.Realised.Sum();
}
