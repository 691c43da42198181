using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Shift;
using Gradus.Splitting;

namespace Gradus.Dashboard.Auditing;

/// <summary>What an audit of a run's data found, as they were then.</summary>
/// <param name="Experiment">The run's experiment, as it was audited.</param>
/// <param name="Report">What is wrong.</param>
/// <param name="Disputed">What a person has to decide.</param>
/// <param name="Partition">Training and validation; null where the images cannot be divided.</param>
/// <param name="Shift">How the images differ between the sets; null where there is nothing to compare.</param>
/// <param name="Notes">Why there is no partition or comparison.</param>
/// <param name="At">When it was finished.</param>
public sealed record DataAudit(
    Experiment Experiment, AuditReport Report, ImmutableArray<DisputedImage> Disputed, DataPartition? Partition, ShiftReport? Shift, ImmutableArray<string> Notes, DateTimeOffset At)
{
    /// <summary>Reads and compares everything.</summary>
    /// <exception cref="GradusException">A source cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal static DataAudit Run(Experiment experiment, TimeProvider time, IProgress<WorkProgress> progress, CancellationToken stop)
    {
        // The file of decisions may be the one that is to be filled in here for the first time.
        if (experiment is { Conflicts: ConflictPolicy.File, Decisions: { } file } && !File.Exists(file))
            experiment = experiment with { Conflicts = ConflictPolicy.Quarantine, Decisions = null };
        var notes = ImmutableArray.CreateBuilder<string>();
        AuditReport report = Auditor.Run(experiment, progress, stop);
        DataPartition? partition = Try(() => DataPartition.Create(experiment, report), notes);
        ShiftReport? shift = experiment.Test is null ? null : Try(() => ShiftReport.Create(experiment, report, checkpoint: null, features: null, progress, stop), notes);
        return new DataAudit(experiment, report, [.. DisputedImages.Of(report)], partition, shift, notes.ToImmutable(), time.GetUtcNow());
    }

    private static T? Try<T>(Func<T> make, ImmutableArray<string>.Builder notes)
        where T : class
    {
        try
        {
            return make();
        }
        catch (GradusException e)
        {
            notes.Add(e.Message);
            return null;
        }
    }
}
