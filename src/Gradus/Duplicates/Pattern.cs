using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradus.Duplicates;

/// <summary>
/// The fine structure of an image: 48 x 48 levels without brightness, contrast, vignetting and the outline of a disc, as
/// <see cref="PatternFilter"/> makes it. A level of 32 is one standard deviation; outside the content all are zero.
/// </summary>
internal sealed class Pattern
{
    /// <summary>Rows and columns.</summary>
    public const int Side = 48;

    // A column of zeros follows each row, so that a pattern that is moved by one takes nothing from the row before.
    private const int Stride = Side + 1;

    private readonly sbyte[] _levels;

    private Pattern(sbyte[] levels)
    {
        _levels = levels;
        Energy = Product(levels, levels);
    }

    /// <summary>The pattern of an image without structure.</summary>
    public static Pattern Blank { get; } = new(new sbyte[Side * Stride]);

    /// <summary>The sum of the squared levels; zero for a blank image.</summary>
    public int Energy { get; }

    /// <summary>A row's levels.</summary>
    public ReadOnlySpan<sbyte> Row(int y) => _levels.AsSpan(y * Stride, Side);

    /// <summary>Wraps (48, 48) levels, copied.</summary>
    public static Pattern Of(ReadOnlySpan<sbyte> levels)
    {
        sbyte[] padded = new sbyte[Side * Stride];
        for (int y = 0; y < Side; y++)
            levels.Slice(y * Side, Side).CopyTo(padded.AsSpan(y * Stride));
        return new Pattern(padded);
    }

    /// <summary>The pattern of the turned image.</summary>
    public Pattern Turned(Orientation orientation)
    {
        if (orientation == Orientation.Upright)
            return this;
        sbyte[] turned = new sbyte[_levels.Length];
        (int down, int across) = orientation.Transposes() ? (1, Stride) : (Stride, 1);
        int first = 0;
        if (orientation.MirrorsRows())
            (first, down) = (first + (Side - 1) * down, -down);
        if (orientation.MirrorsColumns())
            (first, across) = (first + (Side - 1) * across, -across);
        for (int y = 0; y < Side; y++)
        {
            Span<sbyte> row = turned.AsSpan(y * Stride, Side);
            for (int x = 0, from = first + y * down; x < row.Length; x++, from += across)
                row[x] = _levels[from];
        }
        return new Pattern(turned);
    }

    /// <summary>
    /// The normalised cross-correlation, the largest of those with one pattern moved by up to a pixel in each direction. What is
    /// moved out of the frame counts as nothing.
    /// </summary>
    /// <returns>-1 to 1; 0 where a pattern is blank.</returns>
    public double Similarity(Pattern other)
    {
        if (Energy == 0 || other.Energy == 0)
            return 0;
        int best = int.MinValue;
        for (int offset = -1; offset <= 1; offset++)
        {
            best = Math.Max(best, Moved(offset, other));
            best = Math.Max(best, Moved(offset + Stride, other));
            best = Math.Max(best, Moved(offset - Stride, other));
        }
        return best / Math.Sqrt((double)Energy * other.Energy);
    }

    private int Moved(int offset, Pattern other) => offset >= 0
        ? Product(_levels.AsSpan(offset), other._levels.AsSpan(0, other._levels.Length - offset))
        : Product(_levels.AsSpan(0, _levels.Length + offset), other._levels.AsSpan(-offset));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Product(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
    {
        ref sbyte left = ref MemoryMarshal.GetReference(a);
        ref sbyte right = ref MemoryMarshal.GetReference(b);
        Vector<int> sums = Vector<int>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref left, (nuint)i), out Vector<short> low, out Vector<short> high);
            Vector.Widen(Vector.LoadUnsafe(ref right, (nuint)i), out Vector<short> lowOther, out Vector<short> highOther);
            // A product is at most 127 x 127; two of them fit 16 bits.
            Vector.Widen(low * lowOther + high * highOther, out Vector<int> first, out Vector<int> second);
            sums += first + second;
        }
        int sum = Vector.Sum(sums);
        for (; i < a.Length && i < b.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
