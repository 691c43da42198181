using System.Runtime.CompilerServices;

namespace Gradus.Imaging;

/// <summary>Finds the bright disc of a fundus photograph on its dark ground.</summary>
internal static class RetinaBox
{
    // A row or column belongs to the disc from this share of lit pixels on: a hot pixel or a speck of dust is no disc, and the
    // chord of a disc is this long within a hair's breadth of its edge.
    private const int SmallestShare = 100;

    // A "disc" that spans less of a side than this is a reflection or a time stamp.
    private const int SmallestSpan = 10;

    /// <summary>The bounding box of rows and columns that hold pixels with a channel above <paramref name="tolerance"/>; null where there is no disc.</summary>
    /// <param name="pixels">(H, W, 3).</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="tolerance">0 to 254.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Region? Find(ReadOnlySpan<byte> pixels, int width, int height, int tolerance)
    {
        int[] columns = new int[width], rows = new int[height];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(y * width * 3, width * 3);
            int lit = 0;
            for (int x = 0, i = 0; x < columns.Length && i + 2 < row.Length; x++, i += 3)
            {
                // The sign bit is set where a channel is above the tolerance; without a branch, since the disc's texture would mispredict it.
                int isLit = ((tolerance - row[i]) | (tolerance - row[i + 1]) | (tolerance - row[i + 2])) >>> 31;
                columns[x] += isLit;
                lit += isLit;
            }
            rows[y] = lit;
        }
        return Span(columns, height) is var (left, right) && Span(rows, width) is var (top, bottom) ? new Region(left, top, right, bottom) : null;
    }

    private static (int First, int End)? Span(int[] lit, int across)
    {
        int needed = Math.Max(2, across / SmallestShare);
        int first = 0, end = lit.Length;
        while (first < end && lit[first] < needed)
            first++;
        while (end > first && lit[end - 1] < needed)
            end--;
        return end > first && (end - first) * SmallestSpan >= lit.Length ? (first, end) : null;
    }
}
