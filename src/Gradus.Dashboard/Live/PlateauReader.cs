using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gradus.Experiments;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Thresholds;

namespace Gradus.Dashboard.Live;

/// <summary>How far the thresholds of an epoch could have moved.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Plateaus">One a threshold, or one where all are shared; empty where the run kept no scores of the epoch.</param>
internal sealed record EpochPlateaus(int Epoch, ImmutableArray<Plateau> Plateaus);

/// <summary>
/// Plateaus of a run's thresholds, computed from the validation scores that it kept. That costs time on a processor that a training may want,
/// so one epoch is done at a time, with rests four times as long as the work.
/// </summary>
internal static class PlateauReader
{
    private const int RestFactor = 4;

    /// <summary>The plateaus of epochs, in order; an epoch without scores has none.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="experiment">Its experiment.</param>
    /// <param name="records">The epochs.</param>
    /// <param name="stop">Ends it between two epochs.</param>
    public static async IAsyncEnumerable<EpochPlateaus> ReadAsync(RunFolder folder, Experiment experiment, IEnumerable<EpochRecord> records, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (EpochRecord record in records)
        {
            long start = Stopwatch.GetTimestamp();
            ImmutableArray<Plateau> plateaus = await Task.Run(() => Of(folder, experiment, record), stop).ConfigureAwait(false);
            yield return new EpochPlateaus(record.Epoch, plateaus);
            await Task.Delay(Stopwatch.GetElapsedTime(start) * RestFactor, stop).ConfigureAwait(false);
        }
    }

    private static ImmutableArray<Plateau> Of(RunFolder folder, Experiment experiment, EpochRecord record)
    {
        string file = folder.ValidationScores(record.Epoch);
        try
        {
            if (record.Thresholds.Values.IsEmpty || !File.Exists(file) || ScoreFile.Read(file) is not { Truth: { } truth } scored)
                return [];
            return ThresholdStability.Plateaus(record.Thresholds, experiment.Scale, scored.Scores, truth);
        }
        catch (GradusException)
        {
            return []; // a band that is missing; the thresholds themselves are in the log
        }
    }
}
