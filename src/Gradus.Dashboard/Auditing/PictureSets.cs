using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Dashboard.Components;
using Gradus.Datasets;
using Gradus.Duplicates;

namespace Gradus.Dashboard.Auditing;

/// <summary>An image among others that it resembles.</summary>
/// <param name="Record">The image.</param>
/// <param name="Words">How it lies beside the first of them; null for the first, or where that goes without saying.</param>
public sealed record AlikeImage(ImageRecord Record, string? Words = null);

/// <summary>Images that belong side by side.</summary>
/// <param name="Images">Two or more.</param>
public sealed record PictureSet(ImmutableArray<AlikeImage> Images)
{
    /// <summary>Whether people gave them different grades.</summary>
    public bool GradesDiffer { get; } = Images.Select(i => i.Record.Grade).OfType<int>().Distinct().Skip(1).Any();
}

/// <summary>An audit's duplicates, arranged to be looked at.</summary>
internal static class PictureSets
{
    /// <summary>Identical images.</summary>
    public static ImmutableArray<PictureSet> Exact(AuditReport report) => Of(report, report.ExactDuplicates.Select(g => (IEnumerable<ImageKey>)g));

    /// <summary>Labelled images with the test images that they are identical to, each image once.</summary>
    public static ImmutableArray<PictureSet> Leaks(AuditReport report)
    {
        Dictionary<ImageKey, ImageRecord> known = Known(report);
        return Of(report, report.TestLeaks.Where(l => known.ContainsKey(l.Test)).GroupBy(l => known[l.Test].Hash).Select(g => g.SelectMany(l => (ImageKey[])[l.Train, l.Test]).Distinct()));
    }

    /// <summary>Images of one picture, the one that resembles the most others first; each of the others with what sets it apart from that one.</summary>
    public static ImmutableArray<PictureSet> Near(AuditReport report)
    {
        Dictionary<ImageKey, ImageRecord> known = Known(report);
        var pairs = new Dictionary<(ContentHash, ContentHash), NearDuplicate>();
        foreach (NearDuplicate pair in report.NearDuplicates)
            pairs.TryAdd((pair.A.Hash!.Value, pair.B.Hash!.Value), pair);
        return
        [
            .. report.NearDuplicateGroups.Select(group =>
            {
                ImageRecord first = known[group.Representative];
                return new PictureSet([new AlikeImage(first), .. group.Images.Where(i => i != group.Representative).Select(i => new AlikeImage(known[i], Beside(first, known[i], pairs)))]);
            }).OrderByDescending(s => s.GradesDiffer),
        ];
    }

    private static string Beside(ImageRecord first, ImageRecord image, Dictionary<(ContentHash, ContentHash), NearDuplicate> pairs)
    {
        (ContentHash a, ContentHash b) = (first.Hash!.Value, image.Hash!.Value);
        if (a == b)
            return "identical";
        if (pairs.TryGetValue((a, b), out NearDuplicate? pair))
            return Words(pair, pair.Orientation);
        return pairs.TryGetValue((b, a), out pair)
            ? Words(pair, pair.Orientation switch { Orientation.QuarterTurn => Orientation.QuarterTurnBack, Orientation.QuarterTurnBack => Orientation.QuarterTurn, var same => same })
            : "like another of them";
    }

    private static string Words(NearDuplicate pair, Orientation orientation) => $"similarity {Figures.Metric(pair.Similarity)}{(orientation.Words() is { Length: > 0 } turned ? $", {turned}" : "")}";

    private static ImmutableArray<PictureSet> Of(AuditReport report, IEnumerable<IEnumerable<ImageKey>> groups)
    {
        Dictionary<ImageKey, ImageRecord> known = Known(report);
        return [.. groups.Select(g => new PictureSet([.. g.Where(known.ContainsKey).Select(k => new AlikeImage(known[k]))])).Where(s => s.Images.Length > 1)];
    }

    private static Dictionary<ImageKey, ImageRecord> Known(AuditReport report) => report.Readable.ToDictionary(ImageKey.Of);
}
