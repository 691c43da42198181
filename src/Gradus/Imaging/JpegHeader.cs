using System.Buffers.Binary;

namespace Gradus.Imaging;

/// <summary>
/// What a plain JPEG says before its pixels: baseline, Huffman-coded, 8 bits, grey or YCbCr, one scan (ITU-T T.81, annex B). That is
/// what cameras write. Whatever is not plain is libvips' to judge.
/// </summary>
internal sealed class JpegHeader
{
    private readonly byte[]?[] _quantisation = new byte[4][];

    private JpegHeader()
    {
    }

    /// <summary>Pixels across, as stored.</summary>
    public int Width { get; private set; }

    /// <summary>Pixels down, as stored.</summary>
    public int Height { get; private set; }

    /// <summary>EXIF's orientation, 1 to 8; 1 is upright.</summary>
    public int Orientation { get; private set; } = 1;

    /// <summary>MCUs from one restart marker to the next; 0 where there are none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>One (grey) or three (Y, Cb, Cr).</summary>
    public JpegComponent[] Components { get; private set; } = [];

    /// <summary>Where the entropy-coded bytes start.</summary>
    public int ScanStart { get; private set; }

    /// <summary>Reads a header; null where the file is no plain JPEG.</summary>
    public static JpegHeader? Read(ReadOnlySpan<byte> file)
    {
        var header = new JpegHeader();
        var tables = new JpegHuffman?[8];
        (bool isJfif, bool isAdobeYcc) = (false, false);
        if (!file.StartsWith<byte>([0xFF, 0xD8]))
            return null;
        for (int at = 2; at + 4 <= file.Length;)
        {
            if (file[at] != 0xFF)
                return null;
            int marker = file[at + 1], length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length)
                return null;
            ReadOnlySpan<byte> segment = file.Slice(at + 4, length - 2);
            at += 2 + length;
            bool known = true;
            switch (marker)
            {
                case 0xC0 or 0xC1:
                    known = header.Components.Length == 0 && header.ReadFrame(segment);
                    break;
                case 0xC4:
                    known = ReadHuffman(segment, tables);
                    break;
                case 0xDB:
                    known = header.ReadQuantisation(segment);
                    break;
                case 0xDD:
                    known = segment.Length == 2;
                    header.RestartInterval = known ? BinaryPrimitives.ReadUInt16BigEndian(segment) : 0;
                    break;
                case 0xDA:
                    header.ScanStart = at;
                    bool isYcc = header.Components.Length == 1 || isJfif || isAdobeYcc || header.Components is [{ Id: 1 }, { Id: 2 }, { Id: 3 }];
                    return isYcc && header.ReadScan(segment, tables) ? header : null;
                case 0xE0:
                    isJfif |= segment.StartsWith("JFIF\0"u8);
                    break;
                case 0xE1 when segment.StartsWith("Exif\0\0"u8):
                    header.Orientation = ReadOrientation(segment[6..]);
                    break;
                case 0xE2:
                    // Colours of another space need their profile applied.
                    known = !segment.StartsWith("ICC_PROFILE\0"u8) || VipsImage.IsSrgb(segment);
                    break;
                case 0xEE when segment.StartsWith("Adobe"u8):
                    isAdobeYcc = known = segment.Length >= 12 && segment[11] == 1;
                    break;
                case (>= 0xE0 and <= 0xEF) or 0xFE:
                    break;
                default:
                    known = false;
                    break;
            }
            if (!known)
                return null;
        }
        return null;
    }

    private bool ReadFrame(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment[0] != 8 || segment[5] is not (1 or 3) || segment.Length != 6 + segment[5] * 3)
            return false;
        (Height, Width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        var components = new JpegComponent[segment[5]];
        for (int i = 0; i < components.Length; i++)
        {
            ReadOnlySpan<byte> part = segment.Slice(6 + i * 3, 3);
            components[i] = new JpegComponent(part[0], part[1] >> 4, part[1] & 15, part[2]);
        }
        Components = components;
        // A scan of one component is never interleaved: its sampling factors say nothing.
        if (components.Length == 1)
            (components[0].Across, components[0].Down) = (1, 1);
        return Height > 0 && Width > 0 && components[0] is { Across: 1 or 2, Down: 1 or 2 } && components.Skip(1).All(c => c is { Across: 1, Down: 1 });
    }

    private bool ReadQuantisation(ReadOnlySpan<byte> segment)
    {
        for (; segment.Length >= 65; segment = segment[65..])
        {
            // Tables of 16 bits come with 12-bit samples.
            if (segment[0] > 3)
                return false;
            _quantisation[segment[0]] = segment.Slice(1, 64).ToArray();
        }
        return segment.IsEmpty;
    }

    private static bool ReadHuffman(ReadOnlySpan<byte> segment, JpegHuffman?[] tables)
    {
        while (segment.Length >= 17)
        {
            int number = (segment[0] & 15) + (segment[0] >> 4) * 4, values = 0;
            foreach (byte count in segment.Slice(1, 16))
                values += count;
            if ((segment[0] & 15) > 3 || number > 7 || values > 256 || segment.Length < 17 + values)
                return false;
            tables[number] = JpegHuffman.Create(segment.Slice(1, 16), segment.Slice(17, values));
            if (tables[number] is null)
                return false;
            segment = segment[(17 + values)..];
        }
        return segment.IsEmpty;
    }

    private bool ReadScan(ReadOnlySpan<byte> segment, JpegHuffman?[] tables)
    {
        int count = Components.Length;
        if (count == 0 || segment.Length != 4 + count * 2 || segment[0] != count || !segment[(1 + count * 2)..].SequenceEqual<byte>([0, 63, 0]))
            return false;
        for (int i = 0; i < count; i++)
        {
            JpegComponent component = Components[i];
            (int id, int dc, int ac) = (segment[1 + i * 2], segment[2 + i * 2] >> 4, segment[2 + i * 2] & 15);
            if (id != component.Id || dc > 3 || ac > 3 || component.QuantisationNumber > 3 || _quantisation[component.QuantisationNumber] is not { } quantisation
                || tables[dc] is not { } dcTable || tables[4 + ac] is not { } acTable)
                return false;
            (component.Quantisation, component.Dc, component.Ac) = (quantisation, dcTable, acTable);
        }
        return true;
    }

    /// <summary>The tag 0x0112 of the first directory of a TIFF block; 1 where there is none.</summary>
    private static int ReadOrientation(ReadOnlySpan<byte> tiff)
    {
        bool little = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || (!little && !tiff.StartsWith("MM\0*"u8)))
            return 1;
        uint directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
            return 1;
        int entries = Short(tiff[(int)directory..]);
        for (int i = 0, at = (int)directory + 2; i < entries && at + 12 <= tiff.Length; i++, at += 12)
        {
            if (Short(tiff[at..]) == 0x0112)
                return Short(tiff[(at + 8)..]) is var value and >= 1 and <= 8 ? value : 1;
        }
        return 1;

        int Short(ReadOnlySpan<byte> at) => little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }
}

/// <summary>A colour component of a plain JPEG.</summary>
internal sealed class JpegComponent(int id, int across, int down, int quantisationNumber)
{
    /// <summary>By which the scan names it.</summary>
    public int Id { get; } = id;

    /// <summary>Blocks of an MCU side by side.</summary>
    public int Across { get; set; } = across;

    /// <summary>Blocks of an MCU on top of each other.</summary>
    public int Down { get; set; } = down;

    /// <summary>Number of its quantisation table.</summary>
    public int QuantisationNumber { get; } = quantisationNumber;

    /// <summary>(64) in zigzag order.</summary>
    public byte[] Quantisation { get; set; } = [];

    /// <summary>Codes of the first coefficient.</summary>
    public JpegHuffman Dc { get; set; } = null!;

    /// <summary>Codes of the others.</summary>
    public JpegHuffman Ac { get; set; } = null!;

    /// <summary>Both in one; see <see cref="JpegHuffman.Starts"/>.</summary>
    public int[] Starts => field ??= JpegHuffman.Starts(Dc, Ac);
}
