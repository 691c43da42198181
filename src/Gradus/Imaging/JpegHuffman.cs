using System.Runtime.CompilerServices;

namespace Gradus.Imaging;

/// <summary>
/// A Huffman table of a JPEG (ITU-T T.81, annex C), turned into tables that answer a window of the next bits at once: for the first
/// coefficient its value, for the others how far as many whole symbols as fit lead, since most coefficients need only be passed over.
/// </summary>
internal sealed class JpegHuffman
{
    /// <summary>Bits of the window.</summary>
    public const int WindowBits = 12;

    /// <summary>Bits that a window's symbols take, in the low byte of an entry. Zero where not one symbol fits, or none begins so.</summary>
    public const int BitsMask = 0xFF;

    /// <summary>Set where the last of a window's symbols ends the block.</summary>
    public const int EndOfBlock = 0x8000;

    /// <summary>The coefficients that a window's symbols pass, shifted left by 8.</summary>
    public const int PassedMask = 0x7F00;

    private const int LongestCode = 16;

    private readonly int[] _firstCode = new int[LongestCode + 1];
    private readonly int[] _endCode = new int[LongestCode + 1];
    private readonly int[] _firstValue = new int[LongestCode + 1];
    private readonly byte[] _values;
    private int[]? _differences;
    private (JpegHuffman Ac, int[] Starts)? _starts;
    private ushort[]? _steps;
    private ushort[]? _skips;

    private JpegHuffman(byte[] values) => _values = values;

    /// <summary>For a window at a first coefficient: its difference to the last block's, shifted left by 16, and the bits.</summary>
    public int[] Differences => _differences ??= BuildDifferences();

    /// <summary>For a window at any other: the coefficients passed, the bits, and <see cref="EndOfBlock"/>.</summary>
    public ushort[] Skips => _skips ??= BuildSkips();

    private ushort[] Steps => _steps ??= BuildSteps();

    /// <summary>For a window at the start of a block: both of the above in one, as far as the window reaches.</summary>
    /// <param name="dc">Codes of first coefficients.</param>
    /// <param name="ac">Codes of the others.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int[] Starts(JpegHuffman dc, JpegHuffman ac)
    {
        // Both chroma components mostly share their tables.
        if (dc._starts is { } known && known.Ac == ac)
            return known.Starts;
        int[] starts = [.. dc.Differences];
        for (int window = 0; window < starts.Length; window++)
        {
            if ((starts[window] & BitsMask) != 0)
                starts[window] = ac.Follow(window, starts[window]);
        }
        dc._starts = (ac, starts);
        return starts;
    }

    /// <summary>Builds the codes; null where the lengths fit no code.</summary>
    /// <param name="counts">(16) codes of each length.</param>
    /// <param name="values">Symbols in the order of their codes.</param>
    public static JpegHuffman? Create(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        var table = new JpegHuffman(values.ToArray());
        int code = 0, value = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            (table._firstCode[length], table._firstValue[length]) = (code, value);
            code += counts[length - 1];
            value += counts[length - 1];
            table._endCode[length] = code;
            if (code > 1 << length)
                return null;
            code <<= 1;
        }
        return table;
    }

    /// <summary>One symbol, however long its code.</summary>
    /// <param name="next">The next 16 bits.</param>
    /// <returns>The symbol and the length of its code; the length is 0 where no code begins so.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (int Symbol, int Length) Symbol(int next)
    {
        for (int length = 1; length <= LongestCode; length++)
        {
            int code = next >> (LongestCode - length);
            if (code < _endCode[length])
                return (_values[_firstValue[length] + code - _firstCode[length]], length);
        }
        return (0, 0);
    }

    /// <summary>The signed number that <paramref name="size"/> bits stand for (T.81, figure F.12).</summary>
    public static int Extended(int bits, int size) => size == 0 || bits >= 1 << (size - 1) ? bits : bits - (1 << size) + 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int[] BuildDifferences()
    {
        int[] entries = new int[1 << WindowBits];
        for (int length = 1; length <= WindowBits; length++)
        {
            for (int code = _firstCode[length]; code < _endCode[length]; code++)
            {
                int size = _values[_firstValue[length] + code - _firstCode[length]], behind = WindowBits - length;
                // All windows that begin with this code, where its difference fits too.
                for (int rest = 0; size <= behind && rest < 1 << behind; rest++)
                    entries[(code << behind) | rest] = (Extended(rest >> (behind - size), size) << 16) | (length + size);
            }
        }
        return entries;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ushort[] BuildSteps()
    {
        ushort[] steps = new ushort[1 << WindowBits];
        for (int length = 1; length <= WindowBits; length++)
        {
            for (int code = _firstCode[length]; code < _endCode[length]; code++)
            {
                int symbol = _values[_firstValue[length] + code - _firstCode[length]], size = symbol & 15, run = symbol >> 4, behind = WindowBits - length;
                // A size of zero: sixteen zeros where the run is 15, else the end.
                ushort step = (ushort)(size == 0 && run != 15 ? EndOfBlock | length : ((run + 1) << 8) | (length + size));
                for (int rest = 0; size <= behind && rest < 1 << behind; rest++)
                    steps[(code << behind) | rest] = step;
            }
        }
        return steps;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ushort[] BuildSkips()
    {
        ushort[] skips = new ushort[1 << WindowBits];
        for (int window = 0; window < skips.Length; window++)
            skips[window] = (ushort)Follow(window, 0);
        return skips;
    }

    /// <summary>Adds to an entry the symbols that fit behind the bits it has taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Follow(int window, int entry)
    {
        while (true)
        {
            int step = Steps[(window << (entry & BitsMask)) & ((1 << WindowBits) - 1)];
            // No sum passes 63 coefficients, so that the fields of an entry never run into each other.
            if ((step & BitsMask) == 0 || (entry & BitsMask) + (step & BitsMask) > WindowBits || (entry & PassedMask) + (step & PassedMask) > 63 << 8)
                return entry;
            entry += step;
            if ((step & EndOfBlock) != 0)
                return entry;
        }
    }
}
