using System.Collections.Immutable;
using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Duplicates;

namespace Gradus.Reports;

/// <summary>
/// What of an audit is to be looked at: identical images with different grades, test images among the labels, groups of near duplicates
/// (with different grades first, then those that reach into the test set), then other identical images.
/// </summary>
internal sealed class AuditGroups
{
    // Of a group these many are drawn: more of the same picture tell nothing new.
    private const int MostFigures = 6;
    private const int MostConflicting = 4;
    private const int MostNamed = 50;

    private readonly AuditReport _report;
    private readonly Dictionary<ImageKey, ImageRecord> _readable;
    private readonly HashSet<ImageKey> _test;
    private readonly HashSet<string> _pseudo;
    private readonly Dictionary<(ContentHash Representative, ContentHash Copy), NearDuplicate> _likeness = [];

    /// <summary>Prepares to look an audit's images up.</summary>
    public AuditGroups(AuditReport report)
    {
        _report = report;
        _readable = report.Readable.ToDictionary(ImageKey.Of);
        _test = [.. report.Test.Select(ImageKey.Of)];
        _pseudo = [.. report.Pseudo.Select(r => r.Source)];
        HashSet<ContentHash> representatives = [.. report.NearDuplicateGroups.Select(g => Hash(g.Representative))];
        foreach (NearDuplicate pair in report.NearDuplicates)
        {
            (ContentHash a, ContentHash b) = (pair.A.Hash!.Value, pair.B.Hash!.Value);
            if (representatives.Contains(a))
                _likeness[(a, b)] = pair;
            if (representatives.Contains(b))
                _likeness[(b, a)] = pair;
        }
    }

    /// <summary>All groups, the most important first.</summary>
    public ImmutableArray<AuditGroup> All() => [.. Conflicts(), .. Leaks(), .. Near(), .. Identical()];

    /// <summary>Test images that are nearly labelled ones, where no model gave the grade.</summary>
    public int NearTestLeaks() => _report.NearDuplicates.Where(n => IsLeak([n.A, n.B])).Select(n => ImageKey.Of(IsTest(n.A) ? n.A : n.B)).Distinct().Count();

    /// <summary>Groups of near duplicates whose grades differ.</summary>
    public int Contradicting() => _report.NearDuplicateGroups.Count(g => Contradict(g.Images.Select(k => _readable[k])));

    // One id with two grades is a conflict as well, but there is only one image to see, and the reader left it out.
    private IEnumerable<AuditGroup> Conflicts() => _report.Conflicts.Where(c => c.Images.All(_readable.ContainsKey)).Select(c =>
    {
        ImageRecord[] images = [.. c.Images.Select(k => _readable[k])];
        ImageRecord[] drawn = [.. images.DistinctBy(i => i.Grade).Concat(images).DistinctBy(ImageKey.Of).Take(MostConflicting)];
        return new AuditGroup("One image, different grades", [.. drawn.Select(i => new AuditFigure(i, [Name(i), Grade(i)]))], More(images.Length - drawn.Length, "identical file"));
    });

    private IEnumerable<AuditGroup> Leaks() => _report.TestLeaks.SelectMany(l => new[] { l.Train, l.Test }).Distinct().GroupBy(Hash)
        .Select(g => OnePicture("Test images among the labels", g));

    private IEnumerable<AuditGroup> Identical()
    {
        HashSet<ImageKey> shown = [.. _report.Conflicts.SelectMany(c => c.Images), .. _report.TestLeaks.SelectMany(l => new[] { l.Train, l.Test })];
        return _report.ExactDuplicates.Where(g => !g.Any(shown.Contains)).Select(g => OnePicture("Identical images", g));
    }

    // The bytes are the same: one image shows all of them.
    private AuditGroup OnePicture(string title, IEnumerable<ImageKey> keys)
    {
        ImageRecord[] images = [.. keys.Select(k => _readable[k])];
        return new AuditGroup(title, [new AuditFigure(images[0], [.. images.Take(MostNamed).SelectMany(i => new[] { Name(i), Grade(i) })])], More(images.Length - MostNamed, "identical file"));
    }

    private IEnumerable<AuditGroup> Near() => _report.NearDuplicateGroups.Select(g => (Group: g, Images: g.Images.Select(k => _readable[k]).ToArray()))
        .Select(g => (g.Group, g.Images, Rank: Contradict(g.Images) ? 0 : IsLeak(g.Images) ? 1 : 2)).OrderBy(g => g.Rank).Select(g =>
        {
            ImageRecord first = _readable[g.Group.Representative];
            ImageRecord[] drawn = [first, .. g.Images.Where(i => i != first).OrderBy(i => i.Grade == first.Grade && IsTest(i) == IsTest(first)).Take(MostFigures - 1)];
            string title = g.Rank switch { 0 => "Near duplicates, different grades", 1 => "Near duplicates across test set and labels", _ => "Near duplicates" };
            return new AuditGroup(title, [.. drawn.Select(i => new AuditFigure(i, [Name(i), Grade(i), .. Likeness(first, i)]))], More(g.Images.Length - drawn.Length, "image"));
        });

    private ImmutableArray<string> Likeness(ImageRecord first, ImageRecord copy) =>
        copy == first ? ["representative"]
        : copy.Hash == first.Hash ? ["identical to it"]
        : !_likeness.TryGetValue((first.Hash!.Value, copy.Hash!.Value), out NearDuplicate? pair) ? ["like another of the group"]
        : [string.Create(CultureInfo.InvariantCulture, $"similarity {pair.Similarity:0.000}, {pair.HashDistance} bit{(pair.HashDistance == 1 ? "" : "s")}"), .. pair.Orientation == Orientation.Upright ? (string[])[] : [pair.Orientation.Words()]];

    // A model's grade does not contradict a person's, and leaks nothing.
    private bool Contradict(IEnumerable<ImageRecord> images) => images.Where(i => !_pseudo.Contains(i.Source)).Select(i => i.Grade).OfType<int>().Distinct().Skip(1).Any();

    private bool IsLeak(IEnumerable<ImageRecord> images) => images.Where(i => !_pseudo.Contains(i.Source)).Select(IsTest).Distinct().Skip(1).Any();

    private bool IsTest(ImageRecord image) => _test.Contains(ImageKey.Of(image));

    private ContentHash Hash(ImageKey key) => _readable[key].Hash!.Value;

    private static string Name(ImageRecord image) => $"{ImageKey.Of(image)}";

    private string Grade(ImageRecord image) => image.Grade is { } grade ? $"grade {grade} {_report.Scale.Names[grade]}" : "no grade";

    private static string? More(int count, string what) => count <= 0 ? null : $"and {count} more {what}{(count == 1 ? "" : "s")}; --lists names them all";
}
