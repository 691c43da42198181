using System.Collections.Immutable;
using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Grading;

namespace Gradus.Reports;

/// <summary>Images of an audit that a person should see beside each other.</summary>
/// <param name="Title">Why.</param>
/// <param name="Detail">How alike they are, in a few words.</param>
/// <param name="Images">Two or more, at most <see cref="MostImages"/>.</param>
internal sealed record AuditPair(string Title, string Detail, ImmutableArray<ImageRecord> Images)
{
    /// <summary>Of a large group of identical images these many are shown: they all look the same.</summary>
    public const int MostImages = 4;

    /// <summary>
    /// Identical images with different grades, then near duplicates: those with different grades first, then those that reach into the
    /// test set, then the others.
    /// </summary>
    public static ImmutableArray<AuditPair> Of(AuditReport report)
    {
        Dictionary<ImageKey, ImageRecord> readable = report.Readable.ToDictionary(ImageKey.Of);
        HashSet<ImageKey> test = [.. report.Test.Select(ImageKey.Of)];
        return
        [
            // One id with two grades is a conflict as well, but there is only one image to see, and the reader left it out.
            .. report.Conflicts.Where(c => c.Images.All(readable.ContainsKey)).Select(c =>
                new AuditPair("One image, different grades", $"{c.Images.Length} identical files", [.. c.Images.Take(MostImages).Select(k => readable[k])])),
            .. report.NearDuplicates.Select(n => (Pair: n, Leak: test.Contains(ImageKey.Of(n.A)) != test.Contains(ImageKey.Of(n.B))))
                .OrderBy(n => n.Pair.GradesDiffer ? 0 : n.Leak ? 1 : 2)
                .Select(n => new AuditPair(n.Pair.GradesDiffer ? "Near duplicates, different grades" : n.Leak ? "Near duplicates, one in the test set" : "Near duplicates", Likeness(n.Pair), [n.Pair.A, n.Pair.B])),
        ];
    }

    /// <summary>Source and grade of an image.</summary>
    public static string Facts(ImageRecord image, GradeScale scale) => image.Grade is { } grade ? $"{image.Source}, grade {grade} {scale.Names[grade]}" : $"{image.Source}, no grade";

    private static string Likeness(NearDuplicate pair) => string.Create(
        CultureInfo.InvariantCulture,
        $"similarity {pair.Similarity:0.000}, {pair.HashDistance} of 64 bits{(pair.Orientation == Orientation.Upright ? "" : ", turned")}");
}
