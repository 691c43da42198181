using System.Collections.Immutable;
using System.Globalization;
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

    /// <summary>
    /// The main images of the other folds (all, beside a validation source) and those of external and pseudo-graded sources; in pre-training, those of
    /// the sources for pre-training alone. Sampled sources as sampled.
    /// </summary>
    public required TrainingSet Training { get; init; }

    /// <summary>The main images of the fold or of the list, or the validation sources'.</summary>
    public required ValidationSet Validation { get; init; }

    /// <summary>The folds of the main images, and of external ones for folds; null beside a validation source or list.</summary>
    public required FoldPlan? Plan { get; init; }

    /// <summary>The images to predict; may be empty.</summary>
    public required ImmutableArray<ImageRecord> Test { get; init; }

    /// <summary>What was taken of each source that is sampled, in the experiment's order.</summary>
    public required ImmutableArray<SourceSample> Samples { get; init; }

    /// <summary>What was left out of training to keep validation honest, what samples lack, and grades that a side has no image of.</summary>
    public required ImmutableArray<AuditFinding> Findings { get; init; }

    /// <summary>SHA-256 over which image, by content and grade, is on which side; a run resumes on this and no other data.</summary>
    public string Fingerprint => GradusJson.Fingerprint(new { training = Lines(Training.Records, Training.Weights), validation = Lines(Validation.Records) });

    /// <summary>
    /// Divides the audit's usable images as the experiment says. External images are for training only, unless they are for folds; pseudo-graded ones
    /// always; a training image with the content, nearly the picture or the group of a validation image is left out and listed. What is left of
    /// a source is then sampled, if it is to be.
    /// </summary>
    /// <param name="experiment">Says how, and for which phase.</param>
    /// <param name="report">The audit of the same experiment.</param>
    /// <param name="plan">A plan made earlier, for example read from split.csv, and checked against the near duplicates of today; null makes it from the experiment's seed.</param>
    /// <exception cref="GradusException">Both or neither of split and validation source, no such fold, no images for one of the sides, or pre-training without a source for it.</exception>
    public static DataPartition Create(Experiment experiment, AuditReport report, FoldPlan? plan = null)
    {
        bool hasValidation = experiment.Sources.Any(s => s.Role == SourceRole.Validation);
        bool isPretraining = experiment.Phase == TrainingPhase.Pretraining;
        if (isPretraining && !experiment.Sources.Any(s => s.Use == SourceUse.Pretraining))
            throw new GradusException("no source is for pre-training", remedy: "Write use: pretraining in an external source", fault: Fault.Request);
        RefuseEmpty(experiment, report);
        SamePicture[] alike = Alike(report);
        ImmutableArray<ImageRecord> Beside(SourceUse use)
        {
            HashSet<string> names = [.. experiment.Sources.Where(s => s.Role is SourceRole.External or SourceRole.Pseudo && s.Use == use).Select(s => s.Name)];
            return [.. report.External.Concat(report.Pseudo).Where(r => names.Contains(r.Source))];
        }
        ImmutableArray<ImageRecord> divided = [.. report.Main, .. Beside(SourceUse.Folds)];
        (ImmutableArray<ImageRecord> training, ValidationSet validation) = (hasValidation, experiment.Split) switch
        {
            (false, null) when experiment.ValidationList is { } list => Listed(ValidationListFile.Read(list, report.Main), divided),
            (true, null) => (divided, new ValidationSet(report.Validation)),
            (false, { } split) => OfFold(plan = plan is null ? StratifiedGroupKFold.Plan(divided, split.Folds, experiment.Train.Seed, alike) : plan.With(alike), split),
            (true, not null) => throw new GradusException("a validation source takes the place of a split", found: "both", remedy: "Delete 'split', or give the source the role main", fault: Fault.Request),
            _ => throw new GradusException("validation needs a split or a validation source", found: "neither", remedy: "Write for example split: { folds: 5, fold: 0 }", fault: Fault.Request),
        };
        training = isPretraining ? Beside(SourceUse.Pretraining) : [.. training, .. Beside(SourceUse.Training)];
        (ImmutableArray<ImageRecord> kept, ImmutableArray<AuditFinding> leftOut) = WithoutValidation(training, validation, alike);
        (kept, ImmutableArray<SourceSample> samples) = Sampled(kept, experiment, report.Main);
        var set = new TrainingSet(kept, experiment.Sampling is WeightedImages rule ? ImageWeightFile.Read(rule, kept, report.Readable) : null);
        return new DataPartition
        {
            Training = set,
            Validation = validation,
            Plan = experiment.Split is null ? null : plan,
            Test = report.Test,
            Samples = samples,
            Findings =
            [
                .. leftOut, .. experiment.Split is null || plan is null ? [] : FoldFindings.Uneven(plan),
                .. FoldFindings.PairsApart(
                    experiment, Sides(experiment.Split is null ? null : plan, kept, validation)),
                    .. samples.SelectMany(s => s.Findings(experiment.Scale)),
                .. AbsentGrades(set.Records, "training", experiment.Scale), .. AbsentGrades(validation.Records, "validation", experiment.Scale),
            ],
        };
    }

    /// <summary>A source with a header alone is a finding of the audit, and no data to train on.</summary>
    private static void RefuseEmpty(Experiment experiment, AuditReport report)
    {
        foreach (AuditFinding empty in report.Findings.Where(f => f.Kind == FindingKind.NoRows))
        {
            if (experiment.Sources.Any(s => s.Name == empty.Source))
                throw new GradusException(
                    $"the source '{empty.Source}' has no images", empty.Where, "no rows",
                    "Add its rows, or remove the source", Fault.Request);
        }
    }

    private static IEnumerable<(ImageRecord Record, int Side)> Sides(
        FoldPlan? plan, ImmutableArray<ImageRecord> training, ValidationSet validation) => plan is not null
        ? plan.Assignments.Select(a => (a.Record, a.Fold))
        : [.. training.Select(r => (r, 0)), .. validation.Records.Select(r => (r, 1))];

    /// <summary>The near duplicates of an audit, as contents that stay on one side of a split.</summary>
    public static SamePicture[] Alike(AuditReport report) => [.. report.NearDuplicates.Select(n => new SamePicture(n.A.Hash!.Value, n.B.Hash!.Value))];

    private static (ImmutableArray<ImageRecord> Kept, ImmutableArray<SourceSample> Samples) Sampled(ImmutableArray<ImageRecord> records, Experiment experiment, ImmutableArray<ImageRecord> main)
    {
        var samples = ImmutableArray.CreateBuilder<SourceSample>();
        ILookup<string, ImageRecord> bySource = records.ToLookup(r => r.Source, StringComparer.Ordinal);
        bool isPretraining = experiment.Phase == TrainingPhase.Pretraining;
        var taken = new Dictionary<string, HashSet<ImageId>>(StringComparer.Ordinal);
        foreach (SourceSpec source in experiment.Sources.Where(s => s.IsSampled && (s.Use == SourceUse.Pretraining) == isPretraining))
        {
            (SourceSample sample, ImmutableArray<ImageRecord> images) = SourceSample.Of(source, [.. bySource[source.Name]], main, experiment.Scale, experiment.Train.Seed);
            samples.Add(sample);
            taken[source.Name] = [.. images.Select(r => r.Id)];
        }
        return ([.. records.Where(r => !taken.TryGetValue(r.Source, out HashSet<ImageId>? ids) || ids.Contains(r.Id))], samples.ToImmutable());
    }

    // In the sets' own order, which the sampler's draws refer to.
    private static string[] Lines(ImmutableArray<ImageRecord> records, ImmutableArray<double>? weights = null) =>
        [.. records.Select((r, i) => $"{r.Hash} {r.Grade} {r.Source} {r.Id}{(weights is { } w ? string.Create(CultureInfo.InvariantCulture, $" {w[i]:R}") : "")}")];

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
