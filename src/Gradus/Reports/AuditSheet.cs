using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Imaging;

namespace Gradus.Reports;

/// <summary>The images of an audit that ought to be looked at, side by side in one picture.</summary>
public static class AuditSheet
{
    private const int Side = 240;

    /// <summary>Writes a PNG of the first hundred groups: identical images with different grades, then near duplicates.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The audit; its images are read again.</param>
    /// <returns>The number of groups, drawn or not.</returns>
    /// <exception cref="GradusException">An image cannot be read any more, or the file cannot be written.</exception>
    public static int Write(string path, AuditReport report)
    {
        ImmutableArray<AuditPair> pairs = AuditPair.Of(report);
        SheetRow[] rows =
        [
            .. pairs.Take(ContactSheet.MostRows).Select(p => new SheetRow(
                [.. p.Images.Select((image, i) => new SheetCell(Thumbnail.Of(image.Location, 2 * Side), [image.Id.Value, AuditPair.Facts(image, report.Scale), .. i == 0 ? [p.Detail] : (string[])[]]))], p.Title)),
            // Only counted.
            .. pairs.Skip(ContactSheet.MostRows).Select(p => new SheetRow([], p.Title)),
        ];
        ContactSheet.Write(path, "Images that ought to be looked at", rows, $"images {report.Images}  ·  conflicts {report.Conflicts.Length}  ·  pairs of near duplicates {report.NearDuplicates.Length}", Side);
        return pairs.Length;
    }
}
