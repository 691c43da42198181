using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Shift;

namespace Gradus.Reports;

/// <summary>A shift report as one page of HTML that needs nothing beside it.</summary>
public static class ShiftPage
{
    private const int Side = 260;

    /// <summary>Writes verdicts, tables with what their words mean, plots of the properties and of the grades, and the most telling images.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">The experiment's name.</param>
    /// <param name="report">The report; its telling images are read again.</param>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, string title, ShiftReport report)
    {
        var page = new HtmlText();
        page.Raw("<header>").Element("h1", $"Shift of {title}").Element("p", $"{report.Test.Length} test images beside {report.Training.Length} labelled ones{(report.Checkpoint is { } name ? $", by {name}" : "")}").Raw("</header>\n<ul>\n");
        foreach (ShiftVerdict verdict in report.Verdicts)
            page.Element("li", verdict.Message, verdict.IsWarning ? "failure" : null);
        page.Raw("</ul>\n");
        foreach (ShiftTable table in ShiftTable.Of(report))
        {
            page.Element("h2", table.Title).Table(table.Columns, [.. table.Rows]);
            if (table.Note is not null)
                page.Element("p", table.Note);
            foreach (string line in table.Legend)
                page.Element("p", line, "legend");
            Plots(page, table, report);
        }
        if (report.Adversarial is { } adversarial)
            Telling(page, adversarial);
        AtomicFile.WriteText(path, page.Document($"Shift of {title}"));
    }

    private static void Plots(HtmlText page, ShiftTable table, ShiftReport report)
    {
        string[] grades = [.. report.Scale.Names.Select((_, k) => $"{k}")];
        if (table.Title == ShiftTable.SourcesTitle && ShiftTable.IsComparison(report))
            ShiftSvg.Bars(page, "share of the images of each grade", grades, [.. report.Sources.Select(s => (s.Name, s.Shares))]);
        if (table.Title == ShiftTable.EstimatesTitle && report.Labels is { } labels)
            ShiftSvg.Bars(page, "share of the images of each grade", grades, [("validation", labels.Validation), ("black box", labels.Bbse.Distribution), ("EM", labels.Em.Distribution), .. report.Truth is { } truth ? ((string, ImmutableArray<double>)[])[("truth", SourceShares.Of(truth))] : []]);
        if (table.Title == ShiftTable.PropertiesTitle)
        {
            page.Raw("<div class=\"charts\">");
            foreach (ImageProperty property in ImageProperty.All)
                ShiftSvg.Distributions(page, property.Words, ("labelled", Of(report.Training, property)), ("external", Of(report.External, property)), ("test", Of(report.Test, property)));
            page.Raw("</div>\n");

            static double[] Of(IEnumerable<ImageProperties> images, ImageProperty property) => [.. images.Select(property.Value)];
        }
    }

    private static void Telling(HtmlText page, AdversarialValidation adversarial)
    {
        if (!adversarial.Decisive.BeatsGuessing)
        {
            page.Element("h2", "Most telling images").Element("p", $"None are shown: the classifier does no better than guessing (AUC {ShiftWords.Auc(adversarial.Decisive)}), so what it picks tells nothing.");
            return;
        }
        foreach (IGrouping<bool, TellingImage> side in adversarial.Telling.GroupBy(t => t.IsTest))
        {
            page.Element("h2", side.Key ? "Test images that look least like labelled ones" : "Labelled images that look most like test images");
            if (side.Key)
                page.Element("p", "The probability is the classifier's for being from the test set, where both sets are equally likely; it had not learnt from the image.");
            page.Raw("<div class=\"groups\">");
            foreach (TellingImage telling in side)
            {
                page.Raw("<div class=\"group\"><figure>");
                Picture(page, telling.Image);
                page.Raw("<figcaption>").Text($"{ImageKey.Of(telling.Image)}").Raw("<br>").Text($"test image with probability {ShiftWords.Number(telling.Probability)}").Raw("</figcaption></figure></div>\n");
            }
            page.Raw("</div>\n");
        }
    }

    // A page without one of its pictures is better than none.
    private static void Picture(HtmlText page, ImageRecord image)
    {
        try
        {
            PageImage.Add(page, image, Side);
        }
        catch (GradusException)
        {
            page.Text("cannot be read any more");
        }
    }
}
