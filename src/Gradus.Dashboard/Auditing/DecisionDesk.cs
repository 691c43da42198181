using System.Collections.Frozen;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Dashboard.Auditing;

/// <summary>The file in which a person's decisions about conflicts are kept, and what is in it.</summary>
/// <param name="options">Name the folder of runs.</param>
internal sealed class DecisionDesk(DashboardOptions options)
{
    private readonly Lock _one = new();

    /// <summary>Full path of the file: the experiment's own, or else one for all runs of the folder.</summary>
    public string FileOf(Experiment experiment) => experiment is { Conflicts: ConflictPolicy.File, Decisions: { } own } ? own : Path.Combine(Path.GetFullPath(options.Runs), "decisions.csv");

    /// <summary>What is decided, by image and content.</summary>
    /// <exception cref="GradusException">The file cannot be understood.</exception>
    public FrozenDictionary<(ImageKey, ContentHash), ImageDecision> Read(Experiment experiment)
    {
        string file = FileOf(experiment);
        lock (_one)
        {
            return !File.Exists(file) || new FileInfo(file).Length == 0
                ? FrozenDictionary<(ImageKey, ContentHash), ImageDecision>.Empty
                : DecisionFile.Read(file, experiment.Scale).ToFrozenDictionary(d => (d.Image, d.Hash));
        }
    }

    /// <summary>Writes one decision.</summary>
    /// <param name="audit">What was looked at.</param>
    /// <param name="run">The run's experiment.</param>
    /// <param name="image">The image.</param>
    /// <param name="kind">What becomes of it; null to decide nothing.</param>
    /// <param name="grade">The grade that it takes.</param>
    /// <exception cref="GradusException">The file cannot be understood or written.</exception>
    public void Decide(DataAudit audit, Experiment run, ImageKey image, DecisionKind? kind, int? grade)
    {
        string file = FileOf(run);
        // An experiment may name any path; what is no CSV in a folder that is there already is none of ours.
        if (!Path.GetExtension(file).Equals(".csv", StringComparison.OrdinalIgnoreCase) || !Directory.Exists(Path.GetDirectoryName(file)))
            throw new GradusException("decisions are kept in a CSV in a folder that exists", file, remedy: "Name another in the experiment", fault: Fault.Request);
        string decision = kind switch
        {
            null => "",
            DecisionKind.Keep => "keep",
            DecisionKind.Drop => "drop",
            _ => Word(audit.Report.Scale, grade!.Value),
        };
        lock (_one)
            DecisionFile.Decide(file, audit.Report, image, decision);
    }

    // A grade may be called what a decision is called.
    private static string Word(GradeScale scale, int grade) => scale.Names[grade].ToUpperInvariant() is "KEEP" or "DROP" ? $"{grade}" : scale.Names[grade];
}
