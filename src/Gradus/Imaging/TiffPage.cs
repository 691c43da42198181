using System.Collections.Immutable;

namespace Gradus.Imaging;

/// <summary>
/// What a page of a TIFF says before its pixels (TIFF 6.0, and BigTIFF): of damaged files as much as can be read.
/// </summary>
internal sealed class TiffPage
{
    private const int MostPages = 1000;

    private readonly Dictionary<int, (int Type, long Count, long At)> _entries;
    private readonly bool _little;

    private TiffPage(Dictionary<int, (int Type, long Count, long At)> entries, bool little) =>
        (_entries, _little) = (entries, little);

    private enum Tag
    {
        Width = 256,
        Height = 257,
        Bits = 258,
        StripOffsets = 273,
        StripCounts = 279,
        Minimum = 280,
        Maximum = 281,
        TileOffsets = 324,
        TileCounts = 325,
        SampleMinimum = 340,
        SampleMaximum = 341,
    }

    /// <summary>All pages in order; none where the bytes are no TIFF.</summary>
    public static ImmutableArray<TiffPage> Read(ReadOnlySpan<byte> file)
    {
        var pages = ImmutableArray.CreateBuilder<TiffPage>();
        bool little = file.StartsWith("II"u8);
        if (file.Length < 16 || (!little && !file.StartsWith("MM"u8)))
            return [];
        long version = Number(file, 2, 2, little);
        if (version is not (42 or 43))
            return [];
        bool big = version == 43;
        (int counter, int entry, int offset) = big ? (8, 20, 8) : (2, 12, 4);
        var seen = new HashSet<long>();
        for (long at = Number(file, big ? 8 : 4, offset, little); at > 0 && pages.Count < MostPages && seen.Add(at); )
        {
            long count = Number(file, at, counter, little);
            if (count <= 0 || count > (file.Length - at) / entry)
                break;
            var entries = new Dictionary<int, (int Type, long Count, long At)>();
            for (long i = 0, place = at + counter; i < count; i++, place += entry)
            {
                int type = (int)Number(file, place + 2, 2, little);
                long items = Number(file, place + 4, offset, little),
                    value = place + 4 + offset;
                if (items >= 0 && items <= file.Length && items * Size(type) > offset)
                    value = Number(file, value, offset, little);
                entries.TryAdd((int)Number(file, place, 2, little), (type, items, value));
            }
            pages.Add(new TiffPage(entries, little));
            at = Number(file, at + counter + count * entry, offset, little);
        }
        return pages.ToImmutable();
    }

    /// <summary>Pixels of the page, as stored.</summary>
    public long Pixels(ReadOnlySpan<byte> file) => (long)(First(file, Tag.Width) * First(file, Tag.Height) ?? 0);

    /// <summary>"W x H".</summary>
    public string Size(ReadOnlySpan<byte> file) => $"{First(file, Tag.Width)} x {First(file, Tag.Height)}";

    /// <summary>The smallest and the largest value of a sample, as far as the page states them.</summary>
    public (double? Low, double? High) StatedRange(ReadOnlySpan<byte> file) =>
        (
            First(file, Tag.SampleMinimum) ?? First(file, Tag.Minimum),
            First(file, Tag.SampleMaximum) ?? First(file, Tag.Maximum)
        );

    /// <summary>Bits of a sample, of the first channel.</summary>
    public double BitsPerSample(ReadOnlySpan<byte> file) => First(file, Tag.Bits) ?? 1;

    /// <summary>Strips or tiles that are announced and have no bytes, and how many there are in all.</summary>
    public (int Missing, int All) Parts(ReadOnlySpan<byte> file)
    {
        double[] offsets = Numbers(file, Tag.StripOffsets) is { Length: > 0 } strips
            ? strips
            : Numbers(file, Tag.TileOffsets);
        double[] counts = Numbers(file, Tag.StripCounts) is { Length: > 0 } bytes
            ? bytes
            : Numbers(file, Tag.TileCounts);
        if (counts.Length != offsets.Length)
            return (0, offsets.Length);
        return (offsets.Zip(counts).Count(p => p.First == 0 || p.Second == 0), offsets.Length);
    }

    private static int Size(int type) =>
        type switch
        {
            3 or 8 => 2,
            4 or 9 or 11 or 13 => 4,
            5 or 10 or 12 or 16 or 17 or 18 => 8,
            _ => 1,
        };

    private static long Number(ReadOnlySpan<byte> file, long at, int bytes, bool little)
    {
        if (at < 0 || at > file.Length - bytes)
            return 0;
        ReadOnlySpan<byte> digits = file.Slice((int)at, bytes);
        long number = 0;
        for (int i = 0; i < bytes; i++)
            number |= (long)digits[little ? i : bytes - 1 - i] << (8 * i);
        return number;
    }

    private double? First(ReadOnlySpan<byte> file, Tag tag) => Numbers(file, tag) is [var first, ..] ? first : null;

    private double[] Numbers(ReadOnlySpan<byte> file, Tag tag)
    {
        if (!_entries.TryGetValue((int)tag, out (int Type, long Count, long At) entry))
            return [];
        int size = Size(entry.Type);
        if (entry.At < 0 || entry.Count < 0 || entry.Count > file.Length || entry.At > file.Length - entry.Count * size)
            return [];
        double[] numbers = new double[entry.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<byte> item = file.Slice((int)entry.At + i * size, size);
            long number = Number(item, 0, size, _little);
            numbers[i] = entry.Type switch
            {
                6 => (sbyte)number,
                8 => (short)number,
                9 => (int)number,
                11 => BitConverter.UInt32BitsToSingle((uint)number),
                12 => BitConverter.Int64BitsToDouble(number),
                _ => number,
            };
        }
        return numbers;
    }
}
