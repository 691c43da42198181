using System.Collections.Immutable;
using Gradus.Imaging;
using Gradus.Shift;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>A shift report as one page of HTML that needs nothing beside it.</summary>
public static class ShiftPage
{
    private const int Side = 220;
    private const int Quality = 82;

    /// <summary>Writes verdicts, tables, a plot of every property and of the grades, and the most telling images.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">For the head of the page.</param>
    /// <param name="report">The report; its telling images are read again.</param>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, string title, ShiftReport report)
    {
        var page = new HtmlText();
        page.Raw("<header>").Element("h1", title).Element("p", $"{report.Test.Length} test images beside {report.Training.Length} labelled ones{(report.Checkpoint is { } name ? $", by {name}" : "")}").Raw("</header>\n<ul>\n");
        foreach (ShiftVerdict verdict in report.Verdicts)
            page.Element("li", verdict.Message, verdict.IsWarning ? "failure" : null);
        page.Raw("</ul>\n");
        foreach (ShiftTable table in ShiftTable.Of(report))
        {
            page.Element("h2", table.Title).Table(table.Columns, [.. table.Rows]);
            if (table.Note is not null)
                page.Element("p", table.Note);
            Plots(page, table, report);
        }
        Telling(page, report);
        AtomicFile.WriteText(path, page.Document(title));
    }

    private static void Plots(HtmlText page, ShiftTable table, ShiftReport report)
    {
        page.Raw("<div class=\"pair\">");
        if (table.Title == ShiftTable.SourcesTitle)
            ShiftSvg.Bars(page, "share of the images", report.Scale, [.. report.Sources.Select(s => (s.Name, s.Shares))]);
        if (table.Title == ShiftTable.EstimatesTitle && report.Labels is { } labels)
            ShiftSvg.Bars(page, "share of the images", report.Scale, [("validation", labels.Validation), ("black box", labels.Bbse.Distribution), ("EM", labels.Em.Distribution), .. report.Truth is { } truth ? ((string, ImmutableArray<double>)[])[("truth", SourceShares.Of(truth))] : []]);
        if (table.Title == ShiftTable.PropertiesTitle)
        {
            foreach (ImageProperty property in ImageProperty.All)
                ShiftSvg.Curves(page, property.Words, [("labelled", Of(report.Training, property)), ("external", Of(report.External, property)), ("test", Of(report.Test, property))]);

            static double[] Of(IEnumerable<ImageProperties> images, ImageProperty property) => [.. images.Select(property.Value)];
        }
        page.Raw("</div>\n");
    }

    private static void Telling(HtmlText page, ShiftReport report)
    {
        foreach (IGrouping<bool, TellingImage> side in (report.Adversarial?.Telling ?? []).GroupBy(t => t.IsTest))
        {
            page.Element("h2", side.Key ? "Test images that look least like labelled ones" : "Labelled images that look most like test images").Raw("<div class=\"pair\">");
            foreach (TellingImage telling in side)
            {
                if (Jpeg(telling) is { } jpeg)
                    page.Raw($"<figure><img alt=\"\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">").Element("figcaption", $"{telling.Image.Id}: {ShiftWords.Number(telling.Probability)}").Raw("</figure>\n");
            }
            page.Raw("</div>\n");
        }
    }

    // A page without one of its pictures is better than none.
    private static byte[]? Jpeg(TellingImage telling)
    {
        try
        {
            using SKBitmap bitmap = ContactSheet.Bitmap(Thumbnail.Of(telling.Image.Location, Side));
            using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
            return data.ToArray();
        }
        catch (GradusException)
        {
            return null;
        }
    }
}
