using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Audit;

/// <summary>Looks at all data of an experiment once and reports everything that is wrong with it.</summary>
public static class Auditor
{
    /// <summary>
    /// Reads every source and the test set, opens every image once, and compares contents and pictures. Bad data never stops it. Equal experiments
    /// over equal files give equal reports, whatever the number of threads. Called from a task, all of its work runs in that task's scheduler.
    /// </summary>
    /// <exception cref="GradusException">A file, folder or column is missing, or two sources share a name.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static AuditReport Run(Experiment experiment, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ImmutableArray<SourceSpec> sources = experiment.Test is { } test ? [.. experiment.Sources, test with { Role = SourceRole.Test }] : experiment.Sources;
        if (sources.GroupBy(s => s.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("each source has a name of its own", found: $"'{twice.Key}' {twice.Count()} times", fault: Fault.Request);

        ImmutableArray<Dataset> datasets = [.. sources.Select(s => DatasetReader.Read(s, experiment.Scale))];
        AuditedImage[] images = [.. datasets.SelectMany(d => d.Records.Select(r => new AuditedImage(r, d.Source.Role)))];
        (ImmutableArray<AuditedImage> probed, ImmutableArray<UnreadableImage> unusable, ImmutableArray<AuditFinding> probeFindings) = AuditedImages.Probe(images, progress, ct);
        probed = Decisions.Apply(probed, experiment);
        var content = new ContentGroups(probed, experiment.Conflicts);
        var pictures = new PictureGroups(probed, progress, ct);

        ImmutableArray<UnreadableImage> missing = [.. datasets.SelectMany(d => d.Findings).Where(f => f.Kind == FindingKind.MissingImage).Select(f => new UnreadableImage(new ImageKey(f.Source, f.Ids[0]), "missing"))];
        (ImmutableArray<GradeConflict> Conflicts, ImmutableArray<ImageKey> Quarantined) byId = ConflictsById(datasets, experiment.Conflicts);
        return new AuditReport
        {
            Scale = experiment.Scale,
            Policy = experiment.Conflicts,
            Images = images.Length + missing.Length,
            Main = Of(content.Usable, SourceRole.Main),
            External = Of(content.Usable, SourceRole.External),
            Pseudo = Of(content.Usable, SourceRole.Pseudo),
            Validation = Of(content.Usable, SourceRole.Validation),
            Test = Of(content.Usable, SourceRole.Test),
            Unreadable = [.. missing, .. unusable],
            ExactDuplicates = content.Duplicates,
            Conflicts = [.. byId.Conflicts, .. content.Conflicts],
            TestLeaks = content.Leaks,
            NearDuplicates = pictures.Pairs,
            NearDuplicateGroups = pictures.Groups,
            Readable = [.. probed.Select(i => i.Record)],
            Quarantined = [.. byId.Quarantined, .. content.Quarantined],
            ClassCounts = [.. datasets.Where(d => d.Source.Role != SourceRole.Test || d.Records.Any(r => r.Grade is not null)).Select(d => (d.Source.Name, Counts(d.Records, experiment.Scale)))],
            Findings = [.. datasets.SelectMany(d => d.Findings), .. datasets.SelectMany(d => AbsentGrades(d, experiment.Scale)), .. probeFindings, .. content.Findings, .. pictures.Findings],
        };
    }

    /// <summary>
    /// An id with two grades is a conflict that only a person can settle: there is one image, so nothing could be kept twice and
    /// there is no majority. The reader has left it out already.
    /// </summary>
    private static (ImmutableArray<GradeConflict> Conflicts, ImmutableArray<ImageKey> Quarantined) ConflictsById(ImmutableArray<Dataset> datasets, ConflictPolicy policy)
    {
        AuditFinding[] found = [.. datasets.Where(d => d.Source.Role != SourceRole.Test).SelectMany(d => d.Findings).Where(f => f.Kind == FindingKind.DuplicateIdOtherGrade)];
        return (
            [.. found.Select(f => new GradeConflict([.. f.Grades.Select(_ => new ImageKey(f.Source, f.Ids[0]))], f.Grades))],
            policy == ConflictPolicy.Drop ? [] : [.. found.Select(f => new ImageKey(f.Source, f.Ids[0]))]);
    }

    /// <summary>A data set graded in four steps lacks the fifth; read on a scale of five, each of its grades would mean something else.</summary>
    private static IEnumerable<AuditFinding> AbsentGrades(Dataset dataset, GradeScale scale)
    {
        if (dataset.Source is not { Role: SourceRole.External or SourceRole.Pseudo, Scale: null } source || dataset.Records.IsEmpty)
            return [];
        ImmutableArray<int> counts = Counts(dataset.Records, scale);
        int[] absent = [.. Enumerable.Range(0, scale.Count).Where(g => counts[g] == 0)];
        if (absent.Length == 0)
            return [];
        return
        [
            new AuditFinding(FindingKind.GradeAbsentFromSource, source.Name, [], $"'{source.Name}' has no image graded {string.Join(", ", absent.Select(g => $"{g} ({scale.Names[g]})"))}. If its own scale has {scale.Count - absent.Length} steps, " +
                "its grades mean something else here: declare scale: and mapping: of the source, or scale: alone if the scale is this one.") { Grades = [.. absent] },
        ];
    }

    private static ImmutableArray<ImageRecord> Of(ImmutableArray<AuditedImage> images, SourceRole role) => [.. images.Where(i => i.Role == role).Select(i => i.Record)];

    private static ImmutableArray<int> Counts(ImmutableArray<ImageRecord> records, GradeScale scale)
    {
        int[] counts = new int[scale.Count];
        foreach (ImageRecord record in records)
        {
            if (record.Grade is { } grade)
                counts[grade]++;
        }
        return [.. counts];
    }
}
