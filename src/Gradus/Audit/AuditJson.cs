using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Splitting;

namespace Gradus.Audit;

/// <summary>An audit as JSON, for <see cref="GradusJson"/>. Ids are plain strings.</summary>
/// <param name="Images">Number of images that the sources and the test set name.</param>
/// <param name="Unreadable">Images that cannot be used.</param>
/// <param name="ExactDuplicates">Groups of identical images, by id.</param>
/// <param name="ExactDuplicateSources">The source of each, in the same order: two sources may use one id.</param>
/// <param name="Conflicts">Identical images with different grades.</param>
/// <param name="TestLeaks">Labelled images identical to test images.</param>
/// <param name="NearDuplicates">Images that show the same picture with different bytes.</param>
/// <param name="NearDuplicateGroups">Images of one picture, by id, the representative first.</param>
/// <param name="ClassCounts">Source to name of a grade to count, in the order of the scale.</param>
/// <param name="Findings">Everything found.</param>
/// <param name="Quarantined">Ids set aside.</param>
/// <param name="Samples">What would be taken of each source that is sampled.</param>
public sealed record AuditJson(
    int Images,
    ImmutableArray<AuditJson.UnreadableEntry> Unreadable,
    ImmutableArray<ImmutableArray<string>> ExactDuplicates,
    ImmutableArray<ImmutableArray<string>> ExactDuplicateSources,
    ImmutableArray<AuditJson.ConflictEntry> Conflicts,
    ImmutableArray<AuditJson.LeakEntry> TestLeaks,
    ImmutableArray<AuditJson.NearDuplicateEntry> NearDuplicates,
    ImmutableArray<ImmutableArray<string>> NearDuplicateGroups,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> ClassCounts,
    ImmutableArray<AuditJson.FindingEntry> Findings,
    ImmutableArray<string> Quarantined,
    ImmutableArray<AuditJson.SampleEntry> Samples)
{
    /// <summary>The JSON view of a report.</summary>
    /// <param name="report">The audit.</param>
    /// <param name="partitions">The divisions of its images, for training and pre-training, for what is sampled and what that lacks.</param>
    public static AuditJson Of(AuditReport report, params ImmutableArray<DataPartition> partitions) => new(
        report.Images,
        [.. report.Unreadable.Select(u => new UnreadableEntry(u.Image.Id.Value, u.Image.Source, u.Problem))],
        [.. report.ExactDuplicates.Select(Ids)],
        [.. report.ExactDuplicates.Select(Sources)],
        [.. report.Conflicts.Select(c => new ConflictEntry(Ids(c.Images), c.Grades, Sources(c.Images)))],
        [.. report.TestLeaks.Select(l => new LeakEntry(l.Train.Id.Value, l.Test.Id.Value, l.Train.Source, l.Test.Source))],
        [.. report.NearDuplicates.Select(n => new NearDuplicateEntry(
            n.A.Id.Value, n.B.Id.Value, n.A.Source, n.B.Source, n.A.Grade, n.B.Grade, n.Similarity, n.HashDistance, n.Orientation))],
        [.. report.NearDuplicateGroups.Select(g => Ids([g.Representative, .. g.Images.Where(i => i != g.Representative)]))],
        Ordered(report.ClassCounts.Select(c => KeyValuePair.Create<string, IReadOnlyDictionary<string, int>>(c.Source, Ordered(report.Scale.Names.Zip(c.Counts, KeyValuePair.Create))))),
        [.. report.Findings.Concat(
            partitions.SelectMany(p => p.Findings).Where(f => f.Kind.IsOfSplit()).DistinctBy(f => f.Message))
            .Select(f => new FindingEntry(f.Kind, f.Source, [.. f.Ids.Select(i => i.Value)], f.Message))],
        Ids(report.Quarantined),
        [.. partitions.SelectMany(p => p.Samples).Select(s => new SampleEntry(s.Source, s.Shares, s.Requested, s.Counts.Available, s.Counts.Wanted, s.Counts.Taken, s.Counts.Missing))]);

    private static ImmutableArray<string> Ids(ImmutableArray<ImageKey> images) => [.. images.Select(i => i.Id.Value)];

    private static ImmutableArray<string> Sources(ImmutableArray<ImageKey> images) => [.. images.Select(i => i.Source)];

    private static OrderedDictionary<string, T> Ordered<T>(IEnumerable<KeyValuePair<string, T>> entries) => new(entries, StringComparer.Ordinal);

    /// <summary>An image that cannot be used.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Source">Its source.</param>
    /// <param name="Problem">Why.</param>
    public sealed record UnreadableEntry(string Id, string Source, string Problem);

    /// <summary>Identical images with different grades.</summary>
    /// <param name="Ids">The images.</param>
    /// <param name="Grades">The grade of each.</param>
    /// <param name="Sources">The source of each.</param>
    public sealed record ConflictEntry(ImmutableArray<string> Ids, ImmutableArray<int> Grades, ImmutableArray<string> Sources);

    /// <summary>A labelled image identical to a test image.</summary>
    /// <param name="Train">Id of the labelled image.</param>
    /// <param name="Test">Id of the test image.</param>
    /// <param name="TrainSource">Source of the labelled image.</param>
    /// <param name="TestSource">Name of the test set.</param>
    public sealed record LeakEntry(string Train, string Test, string TrainSource, string TestSource);

    /// <summary>Two images that show the same picture with different bytes.</summary>
    /// <param name="A">Id of one.</param>
    /// <param name="B">Id of the other.</param>
    /// <param name="SourceA">Its source.</param>
    /// <param name="SourceB">Its source.</param>
    /// <param name="GradeA">Its grade; null where its source gives none.</param>
    /// <param name="GradeB">Its grade; null where its source gives none.</param>
    /// <param name="Similarity">0.9 to 1.</param>
    /// <param name="Distance">Bits of 64 in which the hashes differ.</param>
    /// <param name="Orientation">What makes the first look like the other; in snake_case.</param>
    public sealed record NearDuplicateEntry(
        string A, string B, string SourceA, string SourceB, int? GradeA, int? GradeB, double Similarity, int Distance, Orientation Orientation);

    /// <summary>A finding.</summary>
    /// <param name="Kind">In snake_case.</param>
    /// <param name="Source">The source.</param>
    /// <param name="Ids">The images concerned.</param>
    /// <param name="Message">A full sentence.</param>
    public sealed record FindingEntry(FindingKind Kind, string Source, ImmutableArray<string> Ids, string Message);

    /// <summary>What would be taken of a source that is sampled.</summary>
    /// <param name="Source">Its name.</param>
    /// <param name="Shares">(K) the target, of sum 1; null where it is taken at random.</param>
    /// <param name="Requested">How many the experiment asks for; null where as many as the target allows.</param>
    /// <param name="Available">(K) images that may train.</param>
    /// <param name="Wanted">(K) images that fulfil the target.</param>
    /// <param name="Taken">(K) images taken.</param>
    /// <param name="Missing">(K) images wanted and not there.</param>
    public sealed record SampleEntry(
        string Source, ImmutableArray<double>? Shares, int? Requested, ImmutableArray<int> Available, ImmutableArray<int> Wanted, ImmutableArray<int> Taken, ImmutableArray<int> Missing);
}
