namespace Gradus.Imaging;

/// <summary>
/// Contrast-limited adaptive histogram equalisation (Zuiderveld, Graphics Gems IV, 1994): each tile's histogram is clipped, what
/// was clipped is spread evenly, and a pixel takes the mean of the four nearest tiles' equalisations by its distance to them.
/// </summary>
internal static class ContrastLimit
{
    private const int Levels = 256;

    /// <summary>Equalises one channel of (height, width, 3) pixels in place. Black stays black, and a tile of one level stays as it is.</summary>
    public static void Apply(Span<byte> pixels, int width, int height, int channel, int tiles, int slope)
    {
        // No tile without a pixel.
        int across = Math.Min(tiles, width), down = Math.Min(tiles, height);
        byte[] curves = new byte[down * across * Levels];
        for (int tile = 0; tile < down * across; tile++)
        {
            int row = tile / across, column = tile % across;
            Curve(pixels, width, (column * width / across, (column + 1) * width / across), (row * height / down, (row + 1) * height / down), channel, slope, curves.AsSpan(tile * Levels, Levels));
        }

        (int First, int Second, float Share)[] columns = Neighbours(width, across), rows = Neighbours(height, down);
        for (int y = 0; y < height; y++)
        {
            (int above, int below, float lower) = rows[y];
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float further) = columns[x];
                ref byte level = ref pixels[(y * width + x) * 3 + channel];
                float top = Mix(curves[(above * across + left) * Levels + level], curves[(above * across + right) * Levels + level], further);
                float bottom = Mix(curves[(below * across + left) * Levels + level], curves[(below * across + right) * Levels + level], further);
                level = (byte)(Mix(top, bottom, lower) + 0.5f);
            }
        }
    }

    private static void Curve(ReadOnlySpan<byte> pixels, int width, (int From, int To) x, (int From, int To) y, int channel, int slope, Span<byte> curve)
    {
        int area = (x.To - x.From) * (y.To - y.From);
        Span<int> histogram = stackalloc int[Levels];
        histogram.Clear();
        for (int row = y.From; row < y.To; row++)
            for (int column = x.From; column < x.To; column++)
                histogram[pixels[(row * width + column) * 3 + channel]]++;

        double limit = (double)slope * area / Levels, clipped = 0;
        bool flat = false;
        foreach (int count in histogram)
        {
            clipped += Math.Max(0, count - limit);
            flat |= count == area;
        }
        double spread = clipped / Levels, first = Math.Min(histogram[0], limit) + spread, sum = 0;
        for (int level = 0; level < Levels; level++)
        {
            sum += Math.Min(histogram[level], limit) + spread;
            curve[level] = flat || area <= first ? (byte)level : (byte)Math.Clamp((sum - first) * (Levels - 1) / (area - first) + 0.5, 0, Levels - 1);
        }
    }

    /// <summary>For every position the two tiles whose centres it lies between, and the second one's share.</summary>
    private static (int First, int Second, float Share)[] Neighbours(int length, int tiles)
    {
        var neighbours = new (int, int, float)[length];
        for (int i = 0; i < length; i++)
        {
            double place = Math.Clamp((i + 0.5) * tiles / length - 0.5, 0, tiles - 1);
            int first = (int)place;
            neighbours[i] = (first, Math.Min(first + 1, tiles - 1), (float)(place - first));
        }
        return neighbours;
    }

    private static float Mix(float first, float second, float share) => first + (second - first) * share;
}
