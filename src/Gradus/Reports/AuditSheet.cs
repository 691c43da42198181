using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Imaging;

namespace Gradus.Reports;

/// <summary>The images of an audit that ought to be looked at, side by side in one picture.</summary>
public static class AuditSheet
{
    private const int Side = 170;
    private const int MostLines = 8;

    /// <summary>Writes a PNG of groups: identical images with different grades, test images among the labels, near duplicates, other identical images.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The audit; its images are read again.</param>
    /// <returns>The number of groups, drawn or not.</returns>
    /// <exception cref="GradusException">An image cannot be read any more, or the file cannot be written.</exception>
    public static int Write(string path, AuditReport report)
    {
        ImmutableArray<AuditSection> sections = AuditSection.Of(new AuditGroups(report).All());
        int groups = sections.Sum(s => s.Count), left = groups - sections.Sum(s => s.Drawn.Length);
        SheetRow[] rows =
        [
            .. sections.SelectMany(s => s.Drawn).Select(g => new SheetRow(
                [.. g.Figures.Select(f => new SheetCell(Thumbnail.Of(f.Image.Location, 2 * Side), [.. f.Lines.Take(MostLines), .. f.Lines.Length > MostLines ? (string[])["…"] : []]))],
                g.Rest is { } rest ? $"{g.Title}, {rest}" : g.Title)),
        ];
        string[] notes = [.. left > 0 ? (string[])[$"{groups - left} of {groups} groups; --lists has them all"] : [], .. sections.Select(s => s.Heading)];
        ContactSheet.Write(path, "Images that ought to be looked at", rows, notes.Length == 0 ? "Nothing was found." : string.Join("  ·  ", notes), Side);
        return groups;
    }
}
