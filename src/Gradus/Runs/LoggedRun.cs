using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Runs.Notes;

namespace Gradus.Runs;

/// <summary>A run as its folder tells it, as far as that can be read.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Description">run.json.</param>
/// <param name="Records">The records of metrics.jsonl that can be read, by rising epoch.</param>
/// <param name="Notes">notes.json; none where it cannot be read.</param>
/// <param name="Damage">What is damaged, a sentence without a full stop each; none in a sound run.</param>
public sealed record LoggedRun(RunFolder Folder, RunDescription Description, IReadOnlyList<EpochRecord> Records, RunNotes Notes, ImmutableArray<string> Damage)
{
    /// <summary>The status of a run of which a file is damaged, whatever it says of itself.</summary>
    public const string Damaged = "damaged";

    /// <summary>running, finished, failed, stopped or died, or <see cref="Damaged"/>.</summary>
    public string Status => Damage.IsEmpty ? Info.Status.ToString().ToLowerInvariant() : Damaged;

    /// <summary>What this version of Gradus cannot read of it, and what is damaged; a sentence without a full stop each.</summary>
    public ImmutableArray<string> Problems => Description.Problem is { } problem ? [problem, .. Damage] : Damage;

    /// <summary>The folder's name, by which the run is known, whatever it was called once.</summary>
    public string Name => Folder.Name;

    /// <summary>What run.json says beside the experiment.</summary>
    public RunOutline Info => Description.Outline;

    /// <summary>The experiment; null where this version of Gradus does not understand it.</summary>
    public Experiment? Experiment => Description.Experiment;

    /// <summary>The network; null where that is not known.</summary>
    public string? Backbone => Description.Setting("model.backbone");

    /// <summary>The epoch that the experiment's rule selects; null before the first has ended.</summary>
    public EpochRecord? Best { get; } = Description.Best(Records);

    /// <summary>Wall-clock time of all epochs with their validation, in seconds; null before the first has ended.</summary>
    public double? Seconds => Records.Count == 0 ? null : Records.Sum(r => r.Seconds);

    /// <summary>Training images a second over all epochs, without validation; null where it is not known.</summary>
    public double? ImagesPerSecond => TrainingSeconds > 0 ? Timed.Sum(Drawn) / TrainingSeconds : null;

    /// <summary>Share of the training time spent waiting for images, 0 to 1; null where it is not known.</summary>
    public double? DataWaitFraction => TrainingSeconds > 0 ? Timed.Sum(r => r.DataWaitFraction * Drawn(r) / r.ImagesPerSecond) / TrainingSeconds : null;

    private IEnumerable<EpochRecord> Timed => Records.Where(r => r.ImagesPerSecond > 0);

    // An epoch's own seconds include its validation; images through rate do not.
    private double TrainingSeconds => Timed.Sum(r => Drawn(r) / r.ImagesPerSecond);

    /// <summary>Reads of a run what was done, and nothing of what came of it.</summary>
    /// <exception cref="GradusException">Its run.json cannot be read or is damaged.</exception>
    internal static LoggedRun ReadExperiment(RunFolder run) => new(run, run.Describe(), [], RunNotes.None, []);

    /// <summary>Reads a run.</summary>
    /// <exception cref="GradusException">Its run.json cannot be read or is damaged.</exception>
    public static LoggedRun Read(RunFolder run)
    {
        RunDescription description = run.Describe();
        var damage = new List<string>();
        (IReadOnlyList<EpochRecord> records, GradusException? torn) = Try(run.Metrics.ReadSound, ([], null));
        if (torn is not null)
            damage.Add(torn.Message);
        else if (description.Selected is { } selected && damage.Count == 0 && records.All(r => r.Epoch != selected))
            damage.Add($"{run.Metrics.FilePath}: has no record of epoch {selected}, which the run selected");
        RunNotes notes = Try(() => RunNotes.Read(run.Root), RunNotes.None);
        return new LoggedRun(run, description, records, notes, [.. damage]);

        T Try<T>(Func<T> read, T none)
        {
            try
            {
                return read();
            }
            catch (GradusException e)
            {
                damage.Add(e.Message);
                return none;
            }
        }
    }

    private static double Drawn(EpochRecord record) => record.Draw.Realised.Sum();
}
