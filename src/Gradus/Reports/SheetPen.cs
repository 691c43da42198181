using System.Globalization;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>Writes lines of text that stay in their place, whatever a person's ids contain.</summary>
internal sealed class SheetPen(SKCanvas canvas) : IDisposable
{
    // No place shows more; what a file name may hold must not cost time.
    private const int MostLetters = 400;

    private readonly SKTypeface _plain = SKTypeface.FromFamilyName(Chart.Font), _bold = SKTypeface.FromFamilyName(Chart.Font, SKFontStyle.Bold);

    /// <summary>Writes one line, shortened with an ellipsis where it is wider than its place.</summary>
    /// <param name="text">Line breaks and other control characters become spaces.</param>
    /// <param name="left">Of the first letter.</param>
    /// <param name="baseline">Below the letters.</param>
    /// <param name="width">Of the place, in pixels.</param>
    /// <param name="size">Of the letters.</param>
    /// <param name="colour">Of the letters.</param>
    /// <param name="bold">Whether it stands out.</param>
    public void Text(string text, float left, float baseline, float width, float size, SKColor colour, bool bold = false)
    {
        using var font = new SKFont(bold ? _bold : _plain, size) { Subpixel = true, Edging = SKFontEdging.Antialias };
        using var paint = new SKPaint { Color = colour, IsAntialias = true };
        canvas.DrawText(Fitted(Plain(text), width, font), left, baseline, font, paint);
    }

    /// <summary>Pixels that a line in bold letters takes.</summary>
    public static int Width(string text, float size)
    {
        using SKTypeface face = SKTypeface.FromFamilyName(Chart.Font, SKFontStyle.Bold);
        using var font = new SKFont(face, size) { Subpixel = true };
        return (int)Math.Ceiling(font.MeasureText(Plain(text)));
    }

    /// <summary>A thin line across.</summary>
    public void Rule(float left, float y, float right, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour, StrokeWidth = 1 };
        canvas.DrawLine(left, y + 0.5f, right, y + 0.5f, paint);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.Dispose();
        _bold.Dispose();
    }

    /// <summary>
    /// As much as fits, in whole characters as a reader counts them: the beginning of a sentence; of one word both ends, since ids
    /// tend to differ in the last letters.
    /// </summary>
    internal static string Fitted(string text, float width, SKFont font)
    {
        if (font.MeasureText(text) <= width)
            return text;
        int[] starts = StringInfo.ParseCombiningCharacters(text);
        int fits = 0, tooMany = starts.Length;
        while (tooMany - fits > 1)
        {
            int middle = (fits + tooMany) / 2;
            if (font.MeasureText(Cut(middle)) <= width)
                fits = middle;
            else
                tooMany = middle;
        }
        return fits == 0 ? "" : Cut(fits);

        string Cut(int characters)
        {
            if (text.Contains(' ', StringComparison.Ordinal))
                return text[..starts[characters]].TrimEnd() + "…";
            int end = characters / 2;
            return text[..starts[characters - end]] + "…" + (end == 0 ? "" : text[starts[^end]..]);
        }
    }

    private static string Plain(string text)
    {
        string few = text.Length > MostLetters ? text[..MostLetters] : text;
        return string.Concat(few.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Surrogate ? ' ' : c)).Trim();
    }
}
