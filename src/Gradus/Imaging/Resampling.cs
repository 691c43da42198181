using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gradus.Imaging;

/// <summary>
/// Resizes a region of RGB pixels. Reduction averages exactly the area that a pixel comes to cover, as OpenCV's INTER_AREA does;
/// enlargement interpolates cubically (Keys 1981, a = -1/2). Both directions choose for themselves. The sums run in an order
/// that depends on nothing but the sizes, so the bytes are the same on every processor.
/// </summary>
internal static class Resampling
{
    /// <summary>Resizes <paramref name="region"/> of an image to <paramref name="width"/> x <paramref name="height"/> pixels.</summary>
    /// <param name="pixels">(H, W, 3).</param>
    /// <param name="sourceWidth">W.</param>
    /// <param name="sourceHeight">H.</param>
    /// <param name="region">Within the image; its borders may cut pixels.</param>
    /// <param name="width">Of the result.</param>
    /// <param name="height">Of the result.</param>
    /// <param name="destination">(height, stride / 3, 3): where the result goes.</param>
    /// <param name="stride">Bytes from one row of the destination to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Resize(
        ReadOnlySpan<byte> pixels, int sourceWidth, int sourceHeight, Region region, int width, int height, Span<byte> destination, int stride)
    {
        Taps across = Taps.Create(region.Left, region.Right, sourceWidth, width), down = Taps.Create(region.Top, region.Bottom, sourceHeight, height);
        int firstColumn = across.First[0], columns = across.First[^1] + across.Count - firstColumn;
        // One float more than the row has, so that the last pixel too can be loaded as four.
        float[] row = new float[columns * 3 + 1];
        for (int y = 0; y < height; y++)
        {
            Array.Clear(row);
            for (int tap = 0; tap < down.Count; tap++)
            {
                float weight = down.Weights[y * down.Count + tap];
                if (weight != 0)
                    AddRow(pixels.Slice(((down.First[y] + tap) * sourceWidth + firstColumn) * 3, columns * 3), weight, row);
            }
            Combine(row, firstColumn, across, destination.Slice(y * stride, width * 3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(ReadOnlySpan<byte> source, float weight, Span<float> sum)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref byte from = ref MemoryMarshal.GetReference(source);
            ref float to = ref MemoryMarshal.GetReference(sum);
            Vector256<float> factor = Vector256.Create(weight);
            for (; i <= source.Length - 16; i += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)i));
                Add(ref to, i, low, factor);
                Add(ref to, i + 8, high, factor);
            }
        }
        for (; i < source.Length; i++)
            sum[i] += weight * source[i];
    }

    private static void Add(ref float sum, int at, Vector128<ushort> levels, Vector256<float> factor)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(levels);
        Vector256<float> values = Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
        (Vector256.LoadUnsafe(ref sum, (nuint)at) + values * factor).StoreUnsafe(ref sum, (nuint)at);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine(ReadOnlySpan<float> row, int firstColumn, Taps across, Span<byte> destination)
    {
        ref float from = ref MemoryMarshal.GetReference(row);
        int weight = 0;
        for (int x = 0; x * 3 < destination.Length; x++)
        {
            int column = (across.First[x] - firstColumn) * 3;
            Vector128<float> sum = Vector128.Create(0.5f);
            for (int tap = 0; tap < across.Count; tap++, column += 3)
                sum += Vector128.LoadUnsafe(ref from, (nuint)column) * across.Weights[weight++];
            Vector128<int> levels = Vector128.ConvertToInt32(Vector128.Min(Vector128.Max(sum, Vector128<float>.Zero), Vector128.Create(255f)));
            destination[x * 3] = (byte)levels[0];
            destination[x * 3 + 1] = (byte)levels[1];
            destination[x * 3 + 2] = (byte)levels[2];
        }
    }

    /// <summary>For every pixel of the result the first source pixel that it takes from, and the weights from there on, which sum to 1.</summary>
    private sealed record Taps(int[] First, float[] Weights, int Count)
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static Taps Create(double from, double to, int source, int result)
        {
            double scale = (to - from) / result;
            bool reduces = scale >= 1;
            int count = Math.Min(reduces ? (int)Math.Ceiling(scale) + 1 : 4, source);
            int[] first = new int[result];
            float[] weights = new float[result * count];
            double[] raw = new double[count];
            for (int i = 0; i < result; i++)
            {
                double sum = 0;
                double start = from + i * scale, end = start + scale, centre = (start + end) / 2 - 0.5;
                first[i] = Math.Clamp((int)Math.Floor(reduces ? start : centre - 1), 0, source - count);
                for (int tap = 0; tap < count; tap++)
                {
                    int pixel = first[i] + tap;
                    raw[tap] = reduces ? Math.Max(0, Math.Min(end, pixel + 1) - Math.Max(start, pixel)) : Keys(Math.Abs(centre - pixel));
                    sum += raw[tap];
                }
                for (int tap = 0; tap < count; tap++)
                    weights[i * count + tap] = (float)(raw[tap] / sum);
            }
            return new Taps(first, weights, count);
        }

        private static double Keys(double distance) => distance switch
        {
            < 1 => (1.5 * distance - 2.5) * distance * distance + 1,
            < 2 => ((-0.5 * distance + 2.5) * distance - 4) * distance + 2,
            _ => 0,
        };
    }
}
