using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Splitting;

/// <summary>Which images a run learns from, is judged by, and predicts.</summary>
public sealed record DataPartition
{
    private DataPartition()
    {
    }

    /// <summary>The main images of the other folds (all, beside a validation source) and the external ones.</summary>
    public required TrainingSet Training { get; init; }

    /// <summary>The main images of the fold or of the list, or the validation sources'.</summary>
    public required ValidationSet Validation { get; init; }

    /// <summary>The folds of the main images; null beside a validation source or list.</summary>
    public required FoldPlan? Plan { get; init; }

    /// <summary>The images to predict; may be empty.</summary>
    public required ImmutableArray<ImageRecord> Test { get; init; }

    /// <summary>What was left out of training to keep validation honest, and grades that a side has no image of.</summary>
    public required ImmutableArray<AuditFinding> Findings { get; init; }

    /// <summary>SHA-256 over which image, by content and grade, is on which side; a run resumes on this and no other data.</summary>
    public string Fingerprint => GradusJson.Fingerprint(new { training = Lines(Training.Records), validation = Lines(Validation.Records) });

    /// <summary>
    /// Divides the audit's usable images as the experiment says. External images are for training only; a training image with
    /// the content, nearly the picture or the group of a validation image is left out and listed.
    /// </summary>
    /// <param name="experiment">Says how.</param>
    /// <param name="report">The audit of the same experiment.</param>
    /// <param name="plan">A plan made earlier, for example read from split.csv, and checked against the near duplicates of today; null makes it from the experiment's seed.</param>
    /// <exception cref="GradusException">Both or neither of split and validation source, no such fold, or no images for one of the sides.</exception>
    public static DataPartition Create(Experiment experiment, AuditReport report, FoldPlan? plan = null)
    {
        bool hasValidation = experiment.Sources.Any(s => s.Role == SourceRole.Validation);
        SamePicture[] alike = Alike(report);
        (ImmutableArray<ImageRecord> training, ValidationSet validation) = (hasValidation, experiment.Split) switch
        {
            (false, null) when experiment.ValidationList is { } list => Listed(ValidationListFile.Read(list, report.Main), report.Main),
            (true, null) => (report.Main, new ValidationSet(report.Validation)),
            (false, { } split) => OfFold(plan = plan is null ? StratifiedGroupKFold.Plan(report.Main, split.Folds, experiment.Train.Seed, alike) : plan.With(alike), split),
            (true, not null) => throw new GradusException("a validation source takes the place of a split", found: "both", remedy: "Delete 'split', or give the source the role main", fault: Fault.Request),
            _ => throw new GradusException("validation needs a split or a validation source", found: "neither", remedy: "Write for example split: { folds: 5, fold: 0 }", fault: Fault.Request),
        };
        (ImmutableArray<ImageRecord> kept, ImmutableArray<AuditFinding> leftOut) = WithoutValidation([.. training, .. report.External], validation, alike);
        var set = new TrainingSet(kept);
        return new DataPartition
        {
            Training = set,
            Validation = validation,
            Plan = experiment.Split is null ? null : plan,
            Test = report.Test,
            Findings = [.. leftOut, .. AbsentGrades(set.Records, "training", experiment.Scale), .. AbsentGrades(validation.Records, "validation", experiment.Scale)],
        };
    }

    /// <summary>The near duplicates of an audit, as contents.</summary>
    internal static SamePicture[] Alike(AuditReport report) => [.. report.NearDuplicates.Select(n => new SamePicture(n.A.Hash!.Value, n.B.Hash!.Value))];

    // In the sets' own order, which the sampler's draws refer to.
    private static string[] Lines(ImmutableArray<ImageRecord> records) => [.. records.Select(r => $"{r.Hash} {r.Grade} {r.Source} {r.Id}")];

    private static (ImmutableArray<ImageRecord> Training, ValidationSet Validation) OfFold(FoldPlan plan, SplitSpec split)
    {
        if (plan.Folds != split.Folds)
            throw new GradusException($"the experiment asks for {split.Folds} folds", found: $"{plan.Folds} in the plan", remedy: "Split anew", fault: Fault.Request);
        (TrainingSet training, ValidationSet validation) = plan.Split(split.Fold);
        return (training.Records, validation);
    }

    private static (ImmutableArray<ImageRecord> Training, ValidationSet Validation) Listed(ImmutableArray<ImageRecord> listed, ImmutableArray<ImageRecord> main)
    {
        HashSet<ImageKey> validating = [.. listed.Select(ImageKey.Of)];
        return ([.. main.Where(r => !validating.Contains(ImageKey.Of(r)))], new ValidationSet(listed));
    }

    private static (ImmutableArray<ImageRecord> Kept, ImmutableArray<AuditFinding> Findings) WithoutValidation(ImmutableArray<ImageRecord> training, ValidationSet validation, SamePicture[] alike)
    {
        ImmutableArray<ImageRecord> all = [.. validation.Records, .. training];
        var kept = ImmutableArray.CreateBuilder<ImageRecord>(training.Length);
        var findings = ImmutableArray.CreateBuilder<AuditFinding>();
        var leaking = new HashSet<int>();
        // Groups list positions in ascending order, so a group that reaches into validation starts there.
        foreach (ImmutableArray<int> group in ImageGroups.Of(all, alike).Where(g => g[0] < validation.Count && g[^1] >= validation.Count))
        {
            ImmutableArray<ImageRecord> outside = [.. group.Where(i => i >= validation.Count).Select(i => all[i])];
            leaking.UnionWith(group.Where(i => i >= validation.Count));
            findings.Add(new AuditFinding(FindingKind.LeftOutOfTraining, outside[0].Source, [.. outside.Select(r => r.Id)],
                $"{AuditFinding.Few([.. outside.Select(r => ImageKey.Of(r))])} left out of training: validation holds the same image, nearly the same or one of the same group, '{ImageKey.Of(all[group[0]])}'. " +
                "Nothing needs doing unless the match is a coincidence of group names."));
        }
        for (int i = validation.Count; i < all.Length; i++)
        {
            if (!leaking.Contains(i))
                kept.Add(all[i]);
        }
        return (kept.ToImmutable(), findings.ToImmutable());
    }

    private static IEnumerable<AuditFinding> AbsentGrades(ImmutableArray<ImageRecord> records, string side, GradeScale scale) =>
        Enumerable.Range(0, scale.Count).Except(records.Select(r => r.Grade!.Value)).Select(g =>
            new AuditFinding(FindingKind.GradeAbsent, records[0].Source, [], $"No {side} image has the grade {g} ({scale.Names[g]}): it cannot be {(side == "training" ? "learnt" : "judged")}. Add images of it, or choose another fold.")
            {
                Grades = [g],
            });
}
