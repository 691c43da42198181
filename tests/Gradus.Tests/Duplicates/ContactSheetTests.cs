using Gradus.Imaging;
using Gradus.Reports;
using Gradus.Tests.Imaging;
using SkiaSharp;

namespace Gradus.Tests.Duplicates;

public sealed class ContactSheetTests : IDisposable
{
    private const int Side = 120;
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_same_rows_give_the_same_PNG()
    {
        SheetRow[] rows = [Row("similarity 0.95", "IDRiD_013", "IDRiD_397")];
        ContactSheet.Write(_scratch["one.png"], "Near duplicates", rows, "1 pair");
        ContactSheet.Write(_scratch["two.png"], "Near duplicates", rows, "1 pair");
        byte[] one = File.ReadAllBytes(_scratch["one.png"]);
        Assert.Equal(one, File.ReadAllBytes(_scratch["two.png"]));
        Assert.True(one.AsSpan().StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']));
    }

    [Fact]
    public void Colours_stand_in_their_places_and_the_ground_is_white()
    {
        using SKBitmap sheet = ContactSheet.Draw("Colours", [new SheetRow([new(Filled(200, 100, 220, 30, 10), []), new(Filled(28, 28, 10, 40, 210), [])])], null, Side);
        Assert.Equal(SKColors.White, sheet.GetPixel(2, 2));
        Assert.Contains(new SKColor(220, 30, 10), Pixels(sheet));
        Assert.Contains(new SKColor(10, 40, 210), Pixels(sheet));
        Assert.DoesNotContain(new SKColor(10, 30, 220), Pixels(sheet));
        // Twice as wide as high, it is as wide as its place and keeps its proportions.
        Assert.InRange(Pixels(sheet).Count(p => p == new SKColor(220, 30, 10)), Side * Side / 2 - Side, Side * Side / 2 + Side);
    }

    [Fact]
    public void A_caption_never_leaves_its_place_whatever_it_contains()
    {
        string endless = string.Concat(Enumerable.Repeat("patient_with_a_very_long_name\n\t\u202E", 200));
        using SKBitmap plain = Draw(""), full = Draw(endless);
        Assert.Equal((plain.Width, plain.Height), (full.Width, full.Height));
        (int X, int Y)[] changed = [.. from y in Enumerable.Range(0, plain.Height) from x in Enumerable.Range(0, plain.Width) where plain.GetPixel(x, y) != full.GetPixel(x, y) select (x, y)];
        Assert.NotEmpty(changed);
        int left = changed.Min(c => c.X);
        Assert.InRange(changed.Max(c => c.X) - left, Side / 2, Side + 1);

        static SKBitmap Draw(string caption) => ContactSheet.Draw("Title", [new SheetRow([new(Filled(40, 40, 9, 9, 9), [caption, ""]), new(Filled(40, 40, 9, 9, 9), ["right", ""])])], null, Side);
    }

    [Fact]
    public void A_long_id_keeps_both_its_ends_and_a_sentence_its_beginning()
    {
        using var font = new SKFont(SKTypeface.FromFamilyName(Chart.Font), 13);
        string id = SheetPen.Fitted("SOB_B_A-14-22549AB-40-001_0_192.enlarged_and_reduced_192", 150, font), sentence = SheetPen.Fitted("predicted moderate, labelled proliferative, once more", 150, font);
        Assert.StartsWith("SOB_", id, StringComparison.Ordinal);
        Assert.EndsWith("_192", id, StringComparison.Ordinal);
        Assert.StartsWith("predicted moder", sentence, StringComparison.Ordinal);
        Assert.EndsWith("…", sentence, StringComparison.Ordinal);
        Assert.All((string[])[id, sentence], text => Assert.InRange(font.MeasureText(text), 130, 150));
        Assert.Equal("short", SheetPen.Fitted("short", 150, font));
        Assert.Equal("", SheetPen.Fitted("anything", 3, font));
    }

    [Fact]
    public void Short_rows_stand_beside_each_other_and_long_ones_below()
    {
        using SKBitmap one = Sheet(1, 2), three = Sheet(3, 2), many = Sheet(12, 2), wide = Sheet(2, 30);
        Assert.Equal(one.Height, three.Height);
        Assert.True(many.Height > 2 * one.Height);
        Assert.True(many.Width <= 1600 && wide.Width > 30 * Side);

        static SKBitmap Sheet(int rows, int cells) => ContactSheet.Draw("Title", [.. Enumerable.Range(0, rows).Select(r => Row($"row {r}", [.. Enumerable.Range(0, cells).Select(c => $"image {c}")]))], null, Side);
    }

    [Fact]
    public void Rows_of_different_lengths_fill_a_line()
    {
        using SKBitmap mixed = ContactSheet.Draw("Title", [.. ((int[])[2, 2, 2, 6]).Select(n => Row("row", [.. Enumerable.Repeat("image", n)]))], null, Side);
        using SKBitmap line = ContactSheet.Draw("Title", [.. ((int[])[2, 2, 2]).Select(n => Row("row", [.. Enumerable.Repeat("image", n)]))], null, Side);
        // The long one alone takes a line of its own.
        Assert.InRange(mixed.Height, line.Height + Side / 2, line.Height + 2 * Side);
    }

    [Fact]
    public void Rows_beyond_the_limit_are_counted_and_none_at_all_is_a_sheet_too()
    {
        using SKBitmap none = ContactSheet.Draw("Nothing found", [], null, Side), limit = Sheet(ContactSheet.MostRows), more = Sheet(ContactSheet.MostRows + 50);
        Assert.True(none.Height is > 40 and < 200);
        // The note that counts them takes a line.
        Assert.InRange(more.Height - limit.Height, 10, 40);
        Assert.Throws<ArgumentOutOfRangeException>(() => ContactSheet.Draw("Title", [], null, 20));

        static SKBitmap Sheet(int rows) => ContactSheet.Draw("Title", [.. Enumerable.Range(0, rows).Select(_ => new SheetRow([new(Filled(8, 8, 1, 2, 3), [])]))], null, 48);
    }

    private static SheetRow Row(string caption, params string[] ids) => new([.. ids.Select((id, i) => new SheetCell(Scratch.Fundus(60, 40, i), [id, "grade 2"]))], caption);

    private static RgbImage Filled(int width, int height, byte r, byte g, byte b) => new(width, height, [.. Enumerable.Repeat((byte[])[r, g, b], width * height).SelectMany(p => p)]);

    private static SKColor[] Pixels(SKBitmap bitmap) => bitmap.Pixels;
}
