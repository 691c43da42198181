namespace Gradus.Duplicates;

/// <summary>
/// The signs of 8 x 8 coefficients of a pattern's cosine transform (Zauner 2010, pHash), taken from the third frequency of each
/// direction on: the lower ones tell where the light and the optic disc are, which thousands of eyes share.
/// </summary>
/// <remarks>
/// The signs are compared with zero and not with the median, so that a turned pattern has the turned hash, to the bit: mirroring
/// changes the sign of odd frequencies, transposing exchanges rows and columns. All sums are of whole numbers.
/// </remarks>
internal static class PerceptualHash
{
    private const int Bits = 8;
    private const int FirstFrequency = 3;
    private const int Unit = 1 << 13;

    // The odd ones among the frequencies 3 to 10 are those of bits 0, 2, 4, 6.
    private const ulong OddColumns = 0x5555_5555_5555_5555;
    private const ulong OddRows = 0x00FF_00FF_00FF_00FF;

    // (Bits, Side) cosines. Only one half is computed, so that the other mirrors it exactly.
    private static readonly int[] Cosines = Table();

    /// <summary>Bit 8 u + v is set where the coefficient of row frequency 3 + u and column frequency 3 + v is positive.</summary>
    public static ulong Of(Pattern pattern)
    {
        const int Side = Pattern.Side;
        Span<int> rows = stackalloc int[Bits * Side];
        rows.Clear();
        for (int u = 0; u < Bits; u++)
        {
            Span<int> row = rows.Slice(u * Side, Side);
            for (int y = 0; y < Side; y++)
            {
                int cosine = Cosines[u * Side + y];
                ReadOnlySpan<sbyte> levels = pattern.Row(y);
                for (int x = 0; x < row.Length; x++)
                    row[x] += cosine * levels[x];
            }
        }
        ulong hash = 0;
        for (int u = 0; u < Bits; u++)
        {
            for (int v = 0; v < Bits; v++)
            {
                long coefficient = 0;
                for (int x = 0; x < Side; x++)
                    coefficient += (long)Cosines[v * Side + x] * rows[u * Side + x];
                if (coefficient > 0)
                    hash |= 1UL << (u * Bits + v);
            }
        }
        return hash;
    }

    /// <summary>The hash that the pattern has once it is turned.</summary>
    public static ulong Turned(ulong hash, Orientation orientation)
    {
        if (orientation.Transposes())
            hash = Transposed(hash);
        if (orientation.MirrorsColumns())
            hash ^= OddColumns;
        return orientation.MirrorsRows() ? hash ^ OddRows : hash;
    }

    /// <summary>Exchanges rows and columns of the 8 x 8 bits: single bits, then squares of 2 x 2, then of 4 x 4 (Warren, Hacker's Delight, 7-3).</summary>
    private static ulong Transposed(ulong bits)
    {
        ulong swapped = (bits ^ (bits >> 7)) & 0x00AA_00AA_00AA_00AA;
        bits ^= swapped ^ (swapped << 7);
        swapped = (bits ^ (bits >> 14)) & 0x0000_CCCC_0000_CCCC;
        bits ^= swapped ^ (swapped << 14);
        swapped = (bits ^ (bits >> 28)) & 0x0000_0000_F0F0_F0F0;
        return bits ^ swapped ^ (swapped << 28);
    }

    private static int[] Table()
    {
        const int Side = Pattern.Side;
        int[] table = new int[Bits * Side];
        for (int k = 0; k < Bits; k++)
        {
            int frequency = FirstFrequency + k;
            for (int x = 0; x < Side / 2; x++)
            {
                int cosine = (int)Math.Round(Unit * Math.Cos(Math.PI * (2 * x + 1) * frequency / (2 * Side)));
                table[k * Side + x] = cosine;
                table[k * Side + Side - 1 - x] = frequency % 2 == 0 ? cosine : -cosine;
            }
        }
        return table;
    }
}
