using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Gradus.Datasets;

/// <summary>Reads NumPy's .npy, versions 1 to 3 (numpy.lib.format, "Format Version 1.0" and on).</summary>
internal static partial class NpyFormat
{
    // A header of an unstructured array is about a hundred characters; NumPy itself refuses more than 10,000.
    private const int LongestHeader = 10_000;

    /// <summary>Reads one array of exactly <paramref name="length"/> bytes, header and items together.</summary>
    /// <exception cref="GradusException">Not an .npy, another order or type than <see cref="NpyArray"/> holds, or a shape that does not fit the length.</exception>
    /// <exception cref="EndOfStreamException">The stream ends before the array does.</exception>
    public static NpyArray Read(Stream stream, long length, string where)
    {
        Span<byte> start = stackalloc byte[12];
        if (length < 10)
            throw Malformed(where, "it is not an .npy array", $"{length} bytes");
        stream.ReadExactly(start[..10]);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw Malformed(where, "it is not an .npy array", $"it starts with {Convert.ToHexStringLower(start[..6])}");

        int version = start[6];
        if (version is < 1 or > 3)
            throw Malformed(where, "only versions 1 to 3 of .npy are known", $"version {version}");
        long header = BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        long taken = 10;
        if (version >= 2)
        {
            stream.ReadExactly(start[10..12]);
            (header, taken) = (BinaryPrimitives.ReadUInt32LittleEndian(start[8..]), 12);
        }
        if (header > LongestHeader || taken + header > length)
            throw Malformed(where, "its header does not fit", $"a header of {header} bytes");

        byte[] text = new byte[header];
        stream.ReadExactly(text);
        (string dtype, ImmutableArray<int> shape) = Parse(Encoding.UTF8.GetString(text), where);

        // Before anything is allocated: the shape has to account for every byte of the entry.
        Int128 expected = dtype[^1] - '0';
        foreach (int side in shape)
            expected *= side;
        if (expected != length - taken - header)
            throw Malformed(where, $"its shape ({string.Join(", ", shape)}) of {dtype} does not fit its size", $"{length - taken - header} bytes");
        if (expected > Array.MaxLength)
            throw new GradusException("an array of more than 2 GiB cannot be read", where, $"{expected} bytes", "Divide it into smaller arrays or files");

        byte[] data = new byte[(int)expected];
        stream.ReadExactly(data);
        return new NpyArray(where, shape, dtype, data);
    }

    private static (string DType, ImmutableArray<int> Shape) Parse(string header, string where)
    {
        Match descr = Descr().Match(header), order = Order().Match(header), shape = Shape().Match(header);
        if (!order.Success || !shape.Success || !header.Contains("'descr'", StringComparison.Ordinal))
            throw Malformed(where, "its header does not state descr, fortran_order and shape", $"'{Shortened(header)}'");
        if (!descr.Success)
            throw Malformed(where, "only whole and floating-point numbers, little-endian, are read", $"'{Shortened(header)}'");
        if (order.Groups[1].Value == "True")
            throw new GradusException("it is in Fortran order, whose dimensions run the other way", where, remedy: "Save it with numpy.ascontiguousarray");

        string kind = descr.Groups["kind"].Value;
        var sides = ImmutableArray.CreateBuilder<int>();
        foreach (Capture side in shape.Groups["side"].Captures)
            sides.Add(int.TryParse(side.ValueSpan, out int items) ? items : throw Malformed(where, "a dimension is too long", side.Value));
        return (kind[^1] == '1' ? $"|{kind}" : $"<{kind}", sides.DrainToImmutable());
    }

    private static string Shortened(string header) => header.Length <= 80 ? header.Trim() : header[..80].Trim() + "…";

    private static GradusException Malformed(string where, string problem, string found) => new(problem, where, found);

    [GeneratedRegex(@"'descr'\s*:\s*'(?:[|<](?<kind>[ui]1)|<(?<kind>[ui][248]|f[48]))'")]
    private static partial Regex Descr();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex Order();

    [GeneratedRegex(@"'shape'\s*:\s*\(\s*(?:(?<side>\d+)L?\s*,?\s*)*\)")]
    private static partial Regex Shape();
}
