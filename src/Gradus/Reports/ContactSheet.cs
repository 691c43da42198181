using System.Collections.Immutable;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>An image of a contact sheet.</summary>
/// <param name="Image">Drawn as large as its place allows, its proportions kept.</param>
/// <param name="Caption">Lines below it, the first the most important; each is shortened to the image's place with an ellipsis.</param>
public sealed record SheetCell(RgbImage Image, ImmutableArray<string> Caption);

/// <summary>Images that are looked at together: a pair, an image through the steps of a recipe, the members of a group.</summary>
/// <param name="Cells">Side by side, from the left.</param>
/// <param name="Caption">A line above them; null for none.</param>
public sealed record SheetRow(ImmutableArray<SheetCell> Cells, string? Caption = null);

/// <summary>Rows of images side by side with captions, as one PNG; short rows stand beside each other. The same rows give the same picture.</summary>
public static class ContactSheet
{
    /// <summary>Rows that are drawn; a note says how many are left out.</summary>
    public const int MostRows = 100;

    // Blocks stand beside each other up to this width; one wider than it makes the sheet wider.
    private const int Page = 1560;
    private const int Margin = 28;
    private const int CellGap = 6;
    private const int BlockGap = 28;

    // A sheet of one small block is still wide enough for its title.
    private const int Narrowest = 640;
    private const int NarrowestCaption = 240;
    private const int LineHeight = 18;
    private const int CaptionGap = 7;
    private const float TitleSize = 21, HeadSize = 14, TextSize = 13;

    private static readonly SKColor Ink = Colour(Chart.Ink), Muted = Colour(Chart.Muted), Hairline = Colour(Chart.Grid);

    /// <summary>Draws the sheet and writes it as a PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">A line at the top.</param>
    /// <param name="rows">In reading order; those beyond <see cref="MostRows"/> are only counted.</param>
    /// <param name="note">A quieter line below the title; null for none.</param>
    /// <param name="side">Pixels of the square that each image is fitted into, 48 to 512.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="side"/> is outside its range.</exception>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, string title, IReadOnlyList<SheetRow> rows, string? note = null, int side = 200)
    {
        using SKBitmap sheet = Draw(title, rows, note, side);
        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, png.SaveTo);
    }

    internal static SKBitmap Draw(string title, IReadOnlyList<SheetRow> rows, string? note, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 48);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, 512);
        SheetRow[] drawn = [.. rows.Take(MostRows).Where(r => r.Cells.Length > 0)];
        if (rows.Count > MostRows)
            note = $"{(note is null ? "" : note + "  ·  ")}the first {MostRows} of {Chart.Count(rows.Count)}";

        SheetBlock[] blocks = [.. drawn.Select(row => SheetBlock.Of(row, side))];
        SheetLine[] lines = [.. Lines(blocks).Select(line => new SheetLine(line, side))];
        int top = Margin + 28 + (note is null ? 0 : LineHeight + 6);
        int width = Math.Max(Narrowest, lines.Select(line => line.Width).DefaultIfEmpty(0).Max() + 2 * Margin);
        int height = top + lines.Sum(line => BlockGap + line.Height) + Margin;

        var sheet = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(sheet);
        using var pen = new SheetPen(canvas);
        canvas.Clear(SKColors.White);
        pen.Text(title, Margin, Margin + 17, width - 2 * Margin, TitleSize, Ink, bold: true);
        if (note is not null)
            pen.Text(note, Margin, Margin + 17 + LineHeight + 8, width - 2 * Margin, HeadSize, Muted);
        foreach (SheetLine line in lines)
        {
            pen.Rule(Margin, top + BlockGap / 2 - 2, width - Margin, Hairline);
            top += BlockGap;
            int left = Margin;
            foreach (SheetBlock block in line.Blocks)
            {
                DrawBlock(canvas, pen, block, line, left, top, side);
                left += block.Width + BlockGap;
            }
            top += line.Height;
        }
        return sheet;
    }

    // As many beside each other as the page is wide.
    private static List<SheetBlock[]> Lines(SheetBlock[] blocks)
    {
        var lines = new List<SheetBlock[]>();
        for (int start = 0, end; start < blocks.Length; start = end)
        {
            int width = blocks[start].Width;
            for (end = start + 1; end < blocks.Length && width + BlockGap + blocks[end].Width <= Page - 2 * Margin; end++)
                width += BlockGap + blocks[end].Width;
            lines.Add(blocks[start..end]);
        }
        return lines;
    }

    private static void DrawBlock(SKCanvas canvas, SheetPen pen, SheetBlock block, SheetLine line, int left, int top, int side)
    {
        if (block.Row.Caption is { } caption)
            pen.Text(caption, left, top + 13, block.Width, HeadSize, Ink, bold: true);
        top += line.HeadHeight;
        foreach (SheetCell cell in block.Row.Cells)
        {
            DrawImage(canvas, cell.Image, new SKRect(left, top, left + side, top + line.ImageHeight));
            for (int i = 0; i < cell.Caption.Length; i++)
                pen.Text(cell.Caption[i], left, top + line.ImageHeight + CaptionGap + i * LineHeight + 13, side, TextSize, i == 0 ? Ink : Muted);
            left += side + CellGap;
        }
    }

    private static void DrawImage(SKCanvas canvas, RgbImage image, SKRect place)
    {
        float scale = Math.Min(place.Width / image.Width, place.Height / image.Height);
        float width = Math.Max(1, MathF.Round(image.Width * scale)), height = Math.Max(1, MathF.Round(image.Height * scale));
        float left = place.Left + MathF.Floor((place.Width - width) / 2), top = place.Top + MathF.Floor((place.Height - height) / 2);
        using SKBitmap bitmap = Bitmap(image);
        using SKImage picture = SKImage.FromBitmap(bitmap);
        // The pixels of a tiny image are shown as they are; smoothing would invent detail.
        SKSamplingOptions sampling = scale >= 3 ? new(SKFilterMode.Nearest) : scale > 1 ? new(SKCubicResampler.Mitchell) : new(SKFilterMode.Linear, SKMipmapMode.Linear);
        canvas.DrawImage(picture, SKRect.Create(left, top, width, height), sampling);
    }

    /// <summary>The image as SkiaSharp has it.</summary>
    internal static SKBitmap Bitmap(RgbImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> rgba = bitmap.GetPixelSpan();
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                int from = (y * image.Width + x) * 3, to = y * bitmap.RowBytes + x * 4;
                image.Pixels.AsSpan(from, 3).CopyTo(rgba[to..]);
                rgba[to + 3] = 255;
            }
        }
        return bitmap;
    }

    /// <summary>A row and the width that it takes: a single image leaves room for its caption.</summary>
    private sealed record SheetBlock(SheetRow Row, int Width)
    {
        public static SheetBlock Of(SheetRow row, int side) =>
            new(row, Math.Max(row.Cells.Length * (side + CellGap) - CellGap, row.Caption is null ? 0 : Math.Min(NarrowestCaption, SheetPen.Width(row.Caption, HeadSize))));
    }

    /// <summary>Blocks that stand beside each other, and the height that they share: images that all lie flat leave no empty stripe.</summary>
    private sealed record SheetLine(SheetBlock[] Blocks, int Side)
    {
        private IEnumerable<SheetCell> Cells => Blocks.SelectMany(b => b.Row.Cells);

        public int Width { get; } = Blocks.Sum(b => b.Width + BlockGap) - BlockGap;

        public int HeadHeight { get; } = Blocks.Any(b => b.Row.Caption is not null) ? LineHeight + CaptionGap : 0;

        public int ImageHeight => Cells.Max(c => Math.Clamp((int)Math.Ceiling((double)Side * c.Image.Height / c.Image.Width), 1, Side));

        public int Height => HeadHeight + ImageHeight + (Cells.Max(c => c.Caption.Length) is > 0 and var lines ? CaptionGap + lines * LineHeight : 0);
    }

    private static SKColor Colour(ScottPlot.Color colour) => new(colour.R, colour.G, colour.B);
}
