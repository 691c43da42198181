using System.Globalization;
using Gradus.Explanations;
using Gradus.Grading;

namespace Gradus.Reports;

/// <summary>Explained images together: a page that needs nothing beside it, and a contact sheet.</summary>
public static class ExplanationGallery
{
    /// <summary>Images that a page shows; a line says how many are left out.</summary>
    public const int MostImages = 200;

    private const int PageSide = 400, SheetSide = 220;

    /// <summary>Writes the page, a card an image, in the order given.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">For its head.</param>
    /// <param name="note">What the maps show, below it.</param>
    /// <param name="images">What is shown.</param>
    /// <param name="scale">Names the grades.</param>
    /// <exception cref="GradusException">A photograph cannot be read any more, or the file cannot be written.</exception>
    public static void WritePage(string path, string title, string note, IReadOnlyList<ImageExplanation> images, GradeScale scale)
    {
        var page = new HtmlText();
        page.Raw("<header>").Element("h1", title).Element("p", note).Raw("</header>\n");
        page.Element("p", "A map shows where the answer came from, not how sure it is: each has its own peak. Left the photograph, right the same with the map.");
        foreach (ImageExplanation e in images.Take(MostImages))
        {
            page.Raw("<figure>").Raw($"<img loading=\"lazy\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(ExplanationCard.Jpeg(e, scale, PageSide))}\" alt=\"").Text($"{e.Id}: photograph, heat map, probabilities").Raw("\">");
            page.Element("figcaption", $"{e.Id}: {ExplanationCard.Answer(e, scale)}{string.Concat(e.Notes.Select(n => $"; {n}"))}").Raw("</figure>\n");
        }
        if (images.Count > MostImages)
            page.Element("p", $"{images.Count - MostImages} more are not shown.");
        AtomicFile.WriteText(path, page.Document(title));
    }

    /// <summary>Writes the contact sheet: photograph, map and probabilities of each image.</summary>
    /// <param name="path">The file, a PNG.</param>
    /// <param name="title">A line at the top.</param>
    /// <param name="note">A quieter line below it.</param>
    /// <param name="images">Those beyond <see cref="ContactSheet.MostRows"/> are only counted.</param>
    /// <param name="scale">Names the grades.</param>
    /// <exception cref="GradusException">A photograph cannot be read any more, or the file cannot be written.</exception>
    public static void WriteSheet(string path, string title, string note, IReadOnlyList<ImageExplanation> images, GradeScale scale) =>
        ContactSheet.Write(path, title, [.. images.Take(ContactSheet.MostRows + 1).Select(e => Row(e, scale))], note, SheetSide);

    private static SheetRow Row(ImageExplanation e, GradeScale scale)
    {
        (Imaging.RgbImage photograph, Imaging.RgbImage overlay) = HeatOverlay.Draw(e, SheetSide);
        return new SheetRow(
            [
                new SheetCell(photograph, [e.Truth is { } truth ? $"labelled {truth} {scale.Names[truth]}" : ""]),
                new SheetCell(overlay, [$"predicted {e.Grade} {scale.Names[e.Grade]}"]),
                new SheetCell(ExplanationCard.Bars(e, scale, SheetSide), [$"score {e.Score.ToString("0.00", CultureInfo.InvariantCulture)}"]),
            ],
            $"{e.Id}");
    }
}
