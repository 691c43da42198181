using System.Globalization;
using Gradus.Explanations;
using Gradus.Grading;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>One image explained, as a picture: the photograph, the photograph with the map, and the probabilities of the grades.</summary>
public static class ExplanationCard
{
    private const int Margin = 20, Gap = 12, BarsWidth = 300, Head = 34, Foot = 34, LineHeight = 30;

    /// <summary>Writes the card as a PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="explanation">What is shown.</param>
    /// <param name="scale">Names the grades.</param>
    /// <param name="side">Pixels of the square that photograph and overlay are each fitted into, 48 to 768.</param>
    /// <exception cref="GradusException">The photograph cannot be read any more, or the file cannot be written.</exception>
    public static void Write(string path, ImageExplanation explanation, GradeScale scale, int side = 480)
    {
        using SKBitmap card = Draw(explanation, scale, side);
        using SKData png = card.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, png.SaveTo);
    }

    /// <summary>The card as the bytes of a JPEG, for a page.</summary>
    internal static byte[] Jpeg(ImageExplanation explanation, GradeScale scale, int side)
    {
        using SKBitmap card = Draw(explanation, scale, side);
        using SKData data = card.Encode(SKEncodedImageFormat.Jpeg, 84);
        return data.ToArray();
    }

    /// <summary>What was answered, and what a person had said, in a line.</summary>
    internal static string Answer(ImageExplanation e, GradeScale scale) =>
        $"{(e.Truth is { } truth ? $"labelled {truth} {scale.Names[truth]}, " : "")}predicted {e.Grade} {scale.Names[e.Grade]}, score {e.Score.ToString("0.00", CultureInfo.InvariantCulture)}";

    internal static SKBitmap Draw(ImageExplanation explanation, GradeScale scale, int side)
    {
        (RgbImage photograph, RgbImage overlay) = HeatOverlay.Draw(explanation, side);
        int bars = scale.Count * LineHeight, body = Math.Max(photograph.Height, bars + 40);
        int width = 2 * Margin + 2 * photograph.Width + 3 * Gap + BarsWidth, height = 2 * Margin + Head + body + Foot;
        var card = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(card);
        using var pen = new SheetPen(canvas);
        canvas.Clear(SKColors.White);
        pen.Text($"{explanation.Id}", Margin, Margin + 18, photograph.Width, 19, Ink, bold: true);
        int second = Margin + photograph.Width + Gap, third = second + photograph.Width + 2 * Gap, top = Margin + Head;
        pen.Text(Answer(explanation, scale), second, Margin + 18, width - second - Margin, 16, Ink);
        Place(canvas, photograph, Margin, top);
        Place(canvas, overlay, second, top);
        Legend(canvas, pen, explanation, second, top + photograph.Height + 10, photograph.Width);
        Bars(canvas, pen, explanation, scale, third, top, BarsWidth, LineHeight);
        return card;
    }

    /// <summary>The probabilities as an image of its own, for a contact sheet.</summary>
    internal static RgbImage Bars(ImageExplanation explanation, GradeScale scale, int side)
    {
        int line = Math.Clamp(side / (scale.Count + 1), 18, LineHeight);
        using var bitmap = new SKBitmap(new SKImageInfo(side, Math.Min(side, line * scale.Count + 8), SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            using var pen = new SheetPen(canvas);
            canvas.Clear(SKColors.White);
            Bars(canvas, pen, explanation, scale, 2, 2, side - 4, line);
        }
        var pixels = new byte[bitmap.Width * bitmap.Height * 3];
        ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
        for (int i = 0; i < bitmap.Width * bitmap.Height; i++)
            rgba.Slice(i / bitmap.Width * bitmap.RowBytes + i % bitmap.Width * 4, 3).CopyTo(pixels.AsSpan(3 * i));
        return new RgbImage(bitmap.Width, bitmap.Height, pixels);
    }

    private static void Bars(SKCanvas canvas, SheetPen pen, ImageExplanation e, GradeScale scale, float left, float top, float width, float line)
    {
        float size = line * 0.48f, names = width * 0.42f, longest = width - names - size * 3.4f;
        if (e.Probabilities.IsDefaultOrEmpty)
        {
            pen.Text($"score {e.Score.ToString("0.00", CultureInfo.InvariantCulture)}; a regression has no probabilities", left, top + line * 0.65f, width, size, Muted);
            return;
        }
        for (int k = 0; k < scale.Count; k++)
        {
            float y = top + k * line;
            double p = Math.Clamp(e.Probabilities[k], 0, 1);
            pen.Text($"{k} {scale.Names[k]}", left, y + line * 0.66f, names - 6, size, Ink, bold: k == e.Grade);
            using var paint = new SKPaint { Color = k == e.Grade ? Colour(Chart.Blue) : k == e.Truth ? Colour(Chart.Orange) : Colour(Chart.Grey), IsAntialias = true };
            canvas.DrawRect(left + names, y + line * 0.2f, Math.Max(1.5f, (float)p * longest), line * 0.6f, paint);
            pen.Text(p.ToString("0%", CultureInfo.InvariantCulture), left + names + (float)p * longest + 6, y + line * 0.66f, size * 3.2f, size, Muted);
        }
        if (e.Truth is { } truth && truth != e.Grade && line >= LineHeight)
            pen.Text("blue: predicted, orange: labelled", left, top + scale.Count * line + size * 1.6f, width, size * 0.9f, Muted);
    }

    private static void Legend(SKCanvas canvas, SheetPen pen, ImageExplanation e, int left, int top, int width)
    {
        if (e.Map.Peak == 0)
        {
            pen.Text("no place speaks for it", left, top + 11, width, 13, Muted);
            return;
        }
        const int Strip = 110, Letters = 58;
        pen.Text("nothing", left, top + 11, Letters, 13, Muted);
        for (int x = 0; x < Strip; x++)
        {
            using var paint = new SKPaint { Color = Colour(HeatOverlay.Colour(x / (Strip - 1.0))) };
            canvas.DrawRect(left + Letters + x, top, 1, 12, paint);
        }
        pen.Text("most, in this image", left + Letters + Strip + 8, top + 11, width - Letters - Strip - 8, 13, Muted);
    }

    private static void Place(SKCanvas canvas, RgbImage image, int left, int top)
    {
        using SKBitmap bitmap = ContactSheet.Bitmap(image);
        canvas.DrawBitmap(bitmap, left, top);
    }

    private static SKColor Ink => Colour(Chart.Ink);

    private static SKColor Muted => Colour(Chart.Muted);

    private static SKColor Colour(ScottPlot.Color colour) => new(colour.R, colour.G, colour.B);
}
