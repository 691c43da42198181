using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gradus.Imaging;

/// <summary>
/// Decodes a plain JPEG at an eighth of its size. There a block of 8 x 8 pixels becomes one, its mean, which is its first coefficient;
/// the others are passed over without being decoded, which makes it several times faster than a decoder that keeps them. (Where
/// chroma is stored at half the size, three more coefficients tell the quarters of its blocks apart.)
/// </summary>
/// <remarks>
/// It checks all it passes over. Whatever is odd (a code that does not exist, a marker out of place, bytes missing) makes it give up,
/// and libvips judges the file: a file is never refused, nor a damaged one accepted, on this class's word. Its loops are compiled at
/// their best from the start: for a few dozen images the first, hasty code would take longer than all the rest.
/// </remarks>
internal ref struct JpegBlockMeans
{
    // A block takes at most 64 codes of 16 bits with 15 bits after them; positions past the end by an MCU that fits windows and such a block stay in the buffer.
    private const int Beyond = 64 * 31 / 8 + 72;

    // Means of a half of the first cosine, cos(pi / 16) and so on, with the transform's factors (T.81, A.3.3), in 13 bits.
    private const int OneWay = 928;
    private const int BothWays = 841;

    // A position in a block that no coefficient has.
    private const int EndedEarly = 1000;

    private readonly ReadOnlySpan<byte> _data;
    private readonly JpegHeader _header;
    private long _position;
    private long _end;
    private int _horizontal;
    private int _vertical;
    private int _diagonal;
    private bool _isComplete;

    private JpegBlockMeans(JpegHeader header, ReadOnlySpan<byte> data)
    {
        _header = header;
        _data = data;
    }

    /// <summary>Decodes; null where the file is not plain, or not whole.</summary>
    public static DecodedImage? TryDecode(JpegHeader header, ReadOnlySpan<byte> file) => Decode(header, file).Image;

    /// <summary>
    /// Whether every block of the picture is there, whatever follows them; true also where the bytes cannot be
    /// followed.
    /// </summary>
    public static bool IsComplete(JpegHeader header, ReadOnlySpan<byte> file)
    {
        (DecodedImage? image, bool isComplete) = Decode(header, file);
        image?.Dispose();
        return isComplete;
    }

    private static (DecodedImage? Image, bool IsComplete) Decode(JpegHeader header, ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> scan = file[header.ScanStart..];
        byte[] data = ArrayPool<byte>.Shared.Rent(scan.Length + Beyond);
        int across = header.Components[0].Across, down = header.Components[0].Down;
        int columns = (header.Width + across * 8 - 1) / (across * 8) * across, rows = (header.Height + down * 8 - 1) / (down * 8) * down;
        byte[] planes = ArrayPool<byte>.Shared.Rent(columns * rows * header.Components.Length);
        try
        {
            if (Unstuffed(scan, data) is not { } ends)
                return (null, true);
            var decoder = new JpegBlockMeans(header, data);
            DecodedImage? image = decoder.Decode(planes, columns, rows, ends) ? ToRgb(header, planes, columns, rows) : null;
            return (image, decoder._isComplete);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(data);
            ArrayPool<byte>.Shared.Return(planes);
        }
    }

    /// <summary>Copies the scan without the zero that follows each 0xFF, so that it can be read at any bit.</summary>
    /// <returns>Where each stretch between restart markers ends; null unless the scan ends with the image's end marker.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static List<int>? Unstuffed(ReadOnlySpan<byte> scan, Span<byte> data)
    {
        var ends = new List<int>();
        int written = 0;
        while (true)
        {
            int next = scan.IndexOf((byte)0xFF);
            if (next < 0 || next + 1 >= scan.Length)
                return null;
            int marker = scan[next + 1], kept = next + (marker == 0 ? 1 : 0);
            scan[..kept].CopyTo(data[written..]);
            written += kept;
            scan = scan[(next + 2)..];
            if (marker == 0)
                continue;
            bool restart = marker is >= 0xD0 and <= 0xD7;
            if (restart ? marker != 0xD0 + ends.Count % 8 : marker != 0xD9)
                return null;
            ends.Add(written);
            if (restart)
                continue;
            data[written..Math.Min(data.Length, written + Beyond)].Clear();
            return ends;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Decode(Span<byte> planes, int columns, int rows, List<int> ends)
    {
        JpegComponent luma = _header.Components[0];
        ReadOnlySpan<JpegComponent> chroma = _header.Components.AsSpan(1);
        ref byte data = ref MemoryMarshal.GetReference(_data);
        ref int starts = ref MemoryMarshal.GetArrayDataReference(luma.Starts);
        ref ushort skips = ref MemoryMarshal.GetArrayDataReference(luma.Ac.Skips);
        int across = luma.Across, down = luma.Down, quantisation = luma.Quantisation[0], stretch = 0, untilRestart = _header.RestartInterval;
        Span<int> last = [0, 0, 0];
        _end = ends[0] * 8L;
        for (int y = 0; y < rows; y += down)
        {
            for (int x = 0; x < columns; x += across)
            {
                if (_header.RestartInterval > 0 && untilRestart-- == 0)
                {
                    if (!StretchIsDone() || ++stretch >= ends.Count)
                        return false;
                    (_position, _end) = (ends[stretch - 1] * 8L, ends[stretch] * 8L);
                    last.Clear();
                    untilRestart = _header.RestartInterval - 1;
                }

                // In locals, since this is where the time goes.
                long position = _position;
                int level = last[0];
                for (int v = 0; v < down; v++)
                {
                    Span<byte> row = planes.Slice((y + v) * columns + x, across);
                    for (int u = 0; u < row.Length; u++)
                    {
                        int entry = Block(Window(ref data, position), ref starts, ref skips);
                        if (entry != 0)
                        {
                            level += entry >> 16;
                            position += entry & JpegHuffman.BitsMask;
                        }
                        else
                        {
                            _position = position;
                            if (!SkipLonger(luma, ref level))
                                return false;
                            position = _position;
                        }
                        row[u] = Level(level * quantisation);
                    }
                }
                (_position, last[0]) = (position, level);
                for (int c = 0; c < chroma.Length; c++)
                {
                    if (!Chroma(chroma[c], ref MemoryMarshal.GetArrayDataReference(chroma[c].Starts), ref last[c + 1], planes[(((c + 1) * rows + y) * columns + x)..], columns, across, down))
                        return false;
                }
                if (_position > _end)
                    return false;
            }
        }
        _isComplete = _position <= _end;
        return StretchIsDone() && stretch == ends.Count - 1;
    }

    /// <summary>
    /// A block that two windows hold, as nearly all are: its entry, the difference, the bits of both windows. The second is looked up
    /// whether or not it is needed, since guessing wrong would cost more. Zero where they do not hold it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Block(ulong window, ref int starts, ref ushort skips)
    {
        int entry = Unsafe.Add(ref starts, (nint)(window >> (64 - JpegHuffman.WindowBits))), used = entry & JpegHuffman.BitsMask;
        int second = Unsafe.Add(ref skips, (nint)(window << used >> (64 - JpegHuffman.WindowBits)));
        int unlessEnded = ((entry >> 15) & 1) - 1;
        int both = entry + (second & unlessEnded);
        // With the first coefficient, 63 passed would be the whole block, and the end would belong to the next one.
        bool holds = (uint)((both & (JpegHuffman.EndOfBlock | JpegHuffman.PassedMask)) - JpegHuffman.EndOfBlock) < 63 << 8;
        return holds && used != 0 ? both : 0;
    }

    // Less than a byte may be left, which the encoder filled up with ones.
    private readonly bool StretchIsDone() => _position <= _end && _position > _end - 8;

    /// <summary>A block of chroma, as one level or as two or four of its parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Chroma(JpegComponent component, ref int starts, ref int last, Span<byte> plane, int columns, int across, int down)
    {
        // Mostly nothing follows the first coefficient.
        int entry = Unsafe.Add(ref starts, (nint)(Window(_position) >> (64 - JpegHuffman.WindowBits)));
        if ((entry & (JpegHuffman.EndOfBlock | JpegHuffman.PassedMask)) != JpegHuffman.EndOfBlock)
            return Parts(component, ref last, plane, columns, across, down);
        last += entry >> 16;
        _position += entry & JpegHuffman.BitsMask;
        byte level = Level(last * component.Quantisation[0]);
        plane[0] = plane[across - 1] = plane[(down - 1) * columns] = plane[(down - 1) * columns + across - 1] = level;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Parts(JpegComponent component, ref int last, Span<byte> plane, int columns, int across, int down)
    {
        if (across == 1 && down == 1)
        {
            if (!SkipLonger(component, ref last))
                return false;
            plane[0] = Level(last * component.Quantisation[0]);
            return true;
        }

        if (!Keep(component, ref last))
            return false;
        int mean = last * component.Quantisation[0];
        int horizontal = across == 1 ? 0 : _horizontal * component.Quantisation[1] * OneWay;
        int vertical = down == 1 ? 0 : _vertical * component.Quantisation[2] * OneWay;
        int diagonal = across == 1 || down == 1 ? 0 : _diagonal * component.Quantisation[4] * BothWays;
        plane[0] = Level(mean, horizontal, vertical, diagonal);
        if (across == 2)
            plane[1] = Level(mean, -horizontal, vertical, -diagonal);
        if (down == 2)
            plane[columns] = Level(mean, horizontal, -vertical, -diagonal);
        if (across == 2 && down == 2)
            plane[columns + 1] = Level(mean, -horizontal, -vertical, diagonal);
        return true;
    }

    private static byte Level(int mean) => (byte)Math.Clamp(((mean + 4) >> 3) + 128, 0, 255);

    private static byte Level(int mean, int horizontal, int vertical, int diagonal) =>
        (byte)Math.Clamp(((mean * 1024 + horizontal + vertical + diagonal + 4096) >> 13) + 128, 0, 255);

    private readonly ulong Window(long position) => Window(ref MemoryMarshal.GetReference(_data), position);

    /// <summary>The next bits, at least 57 of them, from the highest down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Window(ref byte data, long position)
    {
        // Positions pass the end by less than a block, and the buffer reaches further than that.
        ref byte at = ref Unsafe.Add(ref data, (nint)(position >> 3));
        return BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(ref at)) << (int)(position & 7);
    }

    /// <summary>Decodes a block's first coefficient and passes over the others, however many windows that takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool SkipLonger(JpegComponent component, ref int last)
    {
        ulong window = Window(_position);
        int entry = component.Starts[(int)(window >> (64 - JpegHuffman.WindowBits))];
        int used = entry & JpegHuffman.BitsMask;
        if (used == 0)
            return First(component, ref last) && SkipRest(component, _position, 1);
        last += entry >> 16;
        if ((entry & JpegHuffman.EndOfBlock) != 0)
        {
            _position += used;
            return _position <= _end;
        }
        long position = _position;
        ushort[] skips = component.Ac.Skips;
        for (int k = 1 + ((entry & JpegHuffman.PassedMask) >> 8); ;)
        {
            if (used > 57 - JpegHuffman.WindowBits)
            {
                (position, used) = (position + used, 0);
                window = Window(position);
            }
            entry = skips[(int)(window << used >> (64 - JpegHuffman.WindowBits))];
            int next = k + ((entry & JpegHuffman.PassedMask) >> 8);
            bool end = (entry & JpegHuffman.EndOfBlock) != 0;
            // A window that leads past the block's last coefficient belongs in part to the next block: symbol by symbol, then.
            if (entry == 0 || next > 64 || (end && next == 64))
                return SkipRest(component, position + used, k);
            (used, k) = (used + (entry & JpegHuffman.BitsMask), next);
            if (end || k == 64)
            {
                _position = position + used;
                return _position <= _end;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool First(JpegComponent component, ref int last)
    {
        ulong window = Window(_position);
        int first = component.Dc.Differences[(int)(window >> (64 - JpegHuffman.WindowBits))];
        if (first != 0)
        {
            last += first >> 16;
            _position += first & JpegHuffman.BitsMask;
            return true;
        }
        (int size, int length) = component.Dc.Symbol((int)(window >> 48));
        if (length == 0 || size > 15)
            return false;
        last += JpegHuffman.Extended((int)(window << length >> 1 >> (63 - size)), size);
        _position += length + size;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool SkipRest(JpegComponent component, long position, int k)
    {
        _position = position;
        while (k < 64)
        {
            if (!Next(component, ref k, out _))
                return false;
        }
        return k is 64 or EndedEarly && _position <= _end;
    }

    /// <summary>Decodes a block's first coefficient and the three that tell its quarters apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Keep(JpegComponent component, ref int last)
    {
        (_horizontal, _vertical, _diagonal) = (0, 0, 0);
        if (!First(component, ref last))
            return false;
        for (int k = 1; k < 64;)
        {
            if (k > 4)
                return SkipRest(component, _position, k);
            if (!Next(component, ref k, out int value))
                return false;
            // k is one past the coefficient just read, in zigzag order.
            if (k == 2)
                _horizontal = value;
            else if (k == 3)
                _vertical = value;
            else if (k == 5)
                _diagonal = value;
        }
        return _position <= _end;
    }

    /// <summary>One symbol: moves <paramref name="k"/> past its coefficient, or to <see cref="EndedEarly"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Next(JpegComponent component, ref int k, out int value)
    {
        ulong window = Window(_position);
        (int symbol, int length) = component.Ac.Symbol((int)(window >> 48));
        int size = symbol & 15, run = symbol >> 4;
        value = JpegHuffman.Extended((int)(window << length >> 1 >> (63 - size)), size);
        _position += length + size;
        k = size == 0 && run != 15 ? EndedEarly : k + run + 1;
        return length > 0 && k is <= 64 or EndedEarly;
    }

    private static DecodedImage ToRgb(JpegHeader header, ReadOnlySpan<byte> planes, int columns, int rows)
    {
        int width = (header.Width + 7) / 8, height = (header.Height + 7) / 8, plane = columns * rows;
        // Rows are written in steps of eight pixels and a little more, over the start of the next; the last has room for it.
        byte[] rented = ArrayPool<byte>.Shared.Rent(width * height * 3 + 32);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> luma = planes.Slice(y * columns, width);
            Span<byte> rgb = rented.AsSpan(y * width * 3, width * 3 + 32);
            if (header.Components.Length == 3)
                YccToRgb(luma, planes.Slice(plane + y * columns, width), planes.Slice(2 * plane + y * columns, width), rgb);
            else
                for (int x = 0; x < luma.Length; x++)
                    rgb[x * 3] = rgb[x * 3 + 1] = rgb[x * 3 + 2] = luma[x];
        }
        return new DecodedImage(width, height, rented.AsMemory(0, width * height * 3), () => ArrayPool<byte>.Shared.Return(rented))
        {
            Extent = new Region(0, 0, header.Width / 8.0, header.Height / 8.0),
        };
    }

    /// <summary>JFIF's conversion (1.402, 0.344136, 0.714136, 1.772) in 16 bits, exactly as libjpeg rounds it.</summary>
    /// <param name="luma">(W).</param>
    /// <param name="blue">(W).</param>
    /// <param name="red">(W).</param>
    /// <param name="rgb">(W, 3), and room for 32 bytes more.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void YccToRgb(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> blue, ReadOnlySpan<byte> red, Span<byte> rgb)
    {
        int x = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector128<byte> dropFourth = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
            for (; x <= luma.Length - 8; x += 8)
            {
                Vector256<int> level = (Eight(luma, x) << 16) + Vector256.Create(1 << 15), cb = Eight(blue, x) - Vector256.Create(128), cr = Eight(red, x) - Vector256.Create(128);
                Vector256<int> pixels = Byte(level + 91881 * cr) | (Byte(level - 22554 * cb - 46802 * cr) << 8) | (Byte(level + 116130 * cb) << 16);
                Vector128.Shuffle(pixels.GetLower().AsByte(), dropFourth).CopyTo(rgb[(x * 3)..]);
                Vector128.Shuffle(pixels.GetUpper().AsByte(), dropFourth).CopyTo(rgb[(x * 3 + 12)..]);
            }
        }
        for (; x < luma.Length; x++)
        {
            int level = (luma[x] << 16) + (1 << 15), cb = blue[x] - 128, cr = red[x] - 128;
            rgb[x * 3] = (byte)Math.Clamp((level + 91881 * cr) >> 16, 0, 255);
            rgb[x * 3 + 1] = (byte)Math.Clamp((level - 22554 * cb - 46802 * cr) >> 16, 0, 255);
            rgb[x * 3 + 2] = (byte)Math.Clamp((level + 116130 * cb) >> 16, 0, 255);
        }

        static Vector256<int> Byte(Vector256<int> level) => Vector256.Min(Vector256.Max(level >> 16, Vector256<int>.Zero), Vector256.Create(255));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Eight(ReadOnlySpan<byte> bytes, int at)
    {
        Vector128<ushort> levels = Vector128.WidenLower(Vector128.CreateScalar(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..])).AsByte());
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(levels);
        return Vector256.Create(low, high).AsInt32();
    }
}
