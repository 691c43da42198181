using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>An audit as one page of HTML that needs nothing beside it.</summary>
public static class AuditPage
{
    /// <summary>Groups of images that are shown; a line says how many are left out.</summary>
    public const int MostPairs = 200;

    private const int Side = 360;
    private const int Quality = 82;

    /// <summary>Writes counts, findings, and the images that ought to be looked at side by side.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">For the head of the page.</param>
    /// <param name="report">The audit; its images are read again.</param>
    /// <exception cref="GradusException">An image cannot be read any more, or the file cannot be written.</exception>
    public static void Write(string path, string title, AuditReport report)
    {
        var page = new HtmlText();
        page.Raw("<header>").Element("h1", title).Element("p", $"Audit of {report.Images} images").Raw("</header>\n");
        Figures(page, report);
        Pairs(page, report);
        page.Element("h2", "Images of each grade");
        page.Table(["grade", .. report.ClassCounts.Select(c => c.Source)], [.. report.Scale.Names.Select((name, k) => (string[])[$"{k} {name}", .. report.ClassCounts.Select(c => $"{c.Counts[k]}")])]);
        Findings(page, report);
        AtomicFile.WriteText(path, page.Document(title));
    }

    private static void Figures(HtmlText page, AuditReport report)
    {
        page.Raw("<div class=\"figures\">");
        foreach ((int count, string what) in (ReadOnlySpan<(int, string)>)
        [
            (report.Images, "images"), (report.Unreadable.Length, "cannot be used"), (report.ExactDuplicates.Length, "groups of identical images"),
            (report.Conflicts.Length, "of them with different grades"), (report.NearDuplicates.Length, "pairs of near duplicates"),
            (report.NearDuplicates.Count(n => n.GradesDiffer), "of them with different grades"), (report.TestLeaks.Length, "test images among the labels"),
            (report.Quarantined.Length, "quarantined"),
        ])
            page.Raw("<div>").Element("b", $"{count}").Element("span", what).Raw("</div>");
        page.Raw("</div>\n");
    }

    private static void Pairs(HtmlText page, AuditReport report)
    {
        ImmutableArray<AuditPair> pairs = AuditPair.Of(report);
        foreach (IGrouping<string, AuditPair> kind in pairs.Take(MostPairs).GroupBy(p => p.Title))
        {
            page.Element("h2", kind.Key);
            foreach (AuditPair pair in kind)
            {
                page.Element("p", pair.Detail).Raw("<div class=\"pair\">");
                foreach (ImageRecord image in pair.Images)
                {
                    page.Raw($"<figure><img alt=\"\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(Jpeg(image))}\">");
                    page.Element("figcaption", $"{image.Id}: {AuditPair.Facts(image, report.Scale)}").Raw("</figure>\n");
                }
                page.Raw("</div>\n");
            }
        }
        if (pairs.Length > MostPairs)
            page.Element("p", $"{pairs.Length - MostPairs} more are not shown; the findings name them all.");
    }

    private static void Findings(HtmlText page, AuditReport report)
    {
        page.Element("h2", "Findings");
        if (report.Findings.IsEmpty)
            page.Element("p", "Nothing was found.");
        foreach (IGrouping<FindingKind, AuditFinding> kind in report.Findings.GroupBy(f => f.Kind))
        {
            page.Raw("<details open>").Element("summary", $"{kind.Key.Words()}: {kind.Count()}").Raw("<ul>\n");
            foreach (AuditFinding finding in kind)
                page.Element("li", finding.Where is { } where ? $"{where}: {finding.Message}" : finding.Message);
            page.Raw("</ul></details>\n");
        }
    }

    private static byte[] Jpeg(ImageRecord image)
    {
        using SKBitmap bitmap = ContactSheet.Bitmap(Thumbnail.Of(image.Location, Side));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return data.ToArray();
    }
}
