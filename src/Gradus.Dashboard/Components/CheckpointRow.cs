using System.Collections.Immutable;
using Gradus.Runs;

namespace Gradus.Dashboard.Components;

/// <summary>An epoch as the list of checkpoints shows it.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Record">What was recorded of it; null where the log does not have it.</param>
/// <param name="Rank">By the run's rule, 1 for the selected one; null without a record.</param>
/// <param name="Size">Of its file, in bytes; null where it was not kept.</param>
internal sealed record CheckpointRow(int Epoch, EpochRecord? Record, int? Rank, long? Size)
{
    /// <summary>Every epoch that was recorded or has a file, best first.</summary>
    public static CheckpointRow[] Of(RunFolder folder, RunInfo info, ImmutableArray<EpochRecord> records)
    {
        HashSet<int> kept = [.. folder.Checkpoints()];
        IReadOnlyList<int> ranked = Selection.Rank(records, info.Experiment.Select);
        return
        [
            .. ranked.Select((epoch, i) => new CheckpointRow(epoch, records[epoch - 1], i + 1, Size(epoch))),
            .. kept.Except(ranked).Order().Select(epoch => new CheckpointRow(epoch, null, null, Size(epoch))),
        ];

        long? Size(int epoch) => kept.Contains(epoch) && new FileInfo(folder.Checkpoint(epoch)) is { Exists: true } file ? file.Length : null;
    }
}
