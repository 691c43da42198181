using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradus.Imaging;

/// <summary>
/// Gaussian blur of RGB pixels as OpenCV's GaussianBlur(x, (0, 0), sigma) computes it for bytes: a window of six sigmas, borders
/// mirrored without repeating the edge, the result rounded to bytes. Sums are 32-bit floats in an order of their own for each
/// value, so that the bytes are the same on every processor.
/// </summary>
internal static class GaussianBlur
{
    /// <summary>Blurs (height, width, 3) pixels into new ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte[] Apply(ReadOnlySpan<byte> pixels, int width, int height, double sigma)
    {
        float[] kernel = Kernel(sigma);
        int radius = kernel.Length - 1, stride = width * 3;
        byte[] rented = ArrayPool<byte>.Shared.Rent(stride * height * sizeof(float));
        Span<float> across = MemoryMarshal.Cast<byte, float>(rented.AsSpan());
        float[] padded = new float[(width + 2 * radius) * 3];
        int[] column = new int[width + 2 * radius];
        for (int x = 0; x < column.Length; x++)
            column[x] = Mirrored(x - radius, width) * 3;
        int[] near = new int[kernel.Length], far = new int[kernel.Length];
        for (int tap = 0; tap < kernel.Length; tap++)
            (near[tap], far[tap]) = ((radius - tap) * 3, (radius + tap) * 3);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(y * stride, stride);
            for (int x = 0; x < column.Length; x++)
                (padded[x * 3], padded[x * 3 + 1], padded[x * 3 + 2]) = (row[column[x]], row[column[x] + 1], row[column[x] + 2]);
            Weigh(padded, near, far, kernel, across.Slice(y * stride, stride));
        }

        byte[] blurred = GC.AllocateUninitializedArray<byte>(stride * height);
        float[] sum = new float[stride];
        for (int y = 0; y < height; y++)
        {
            for (int tap = 0; tap < kernel.Length; tap++)
                (near[tap], far[tap]) = (Mirrored(y - tap, height) * stride, Mirrored(y + tap, height) * stride);
            Weigh(across, near, far, kernel, sum);
            Round(sum, blurred.AsSpan(y * stride, stride));
        }
        ArrayPool<byte>.Shared.Return(rented);
        return blurred;
    }

    /// <summary>sum[i] = kernel[0] source[near[0] + i] + kernel[1] (source[near[1] + i] + source[far[1] + i]) + …</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Weigh(ReadOnlySpan<float> source, ReadOnlySpan<int> near, ReadOnlySpan<int> far, ReadOnlySpan<float> kernel, Span<float> sum)
    {
        ref float from = ref MemoryMarshal.GetReference(source);
        int i = 0;
        // Four sums at once: one alone would wait for each of its additions.
        for (; i <= sum.Length - 4 * Vector<float>.Count; i += 4 * Vector<float>.Count)
        {
            ref float centre = ref Unsafe.Add(ref from, near[0] + i);
            Vector<float> a = Vector.LoadUnsafe(ref centre) * kernel[0], b = Vector.LoadUnsafe(ref centre, (nuint)Vector<float>.Count) * kernel[0];
            Vector<float> c = Vector.LoadUnsafe(ref centre, (nuint)(2 * Vector<float>.Count)) * kernel[0], d = Vector.LoadUnsafe(ref centre, (nuint)(3 * Vector<float>.Count)) * kernel[0];
            for (int tap = 1; tap < kernel.Length && tap < near.Length && tap < far.Length; tap++)
            {
                ref float first = ref Unsafe.Add(ref from, near[tap] + i);
                ref float second = ref Unsafe.Add(ref from, far[tap] + i);
                var weight = new Vector<float>(kernel[tap]);
                a += (Vector.LoadUnsafe(ref first) + Vector.LoadUnsafe(ref second)) * weight;
                b += (Vector.LoadUnsafe(ref first, (nuint)Vector<float>.Count) + Vector.LoadUnsafe(ref second, (nuint)Vector<float>.Count)) * weight;
                c += (Vector.LoadUnsafe(ref first, (nuint)(2 * Vector<float>.Count)) + Vector.LoadUnsafe(ref second, (nuint)(2 * Vector<float>.Count))) * weight;
                d += (Vector.LoadUnsafe(ref first, (nuint)(3 * Vector<float>.Count)) + Vector.LoadUnsafe(ref second, (nuint)(3 * Vector<float>.Count))) * weight;
            }
            ref float to = ref sum[i];
            a.StoreUnsafe(ref to);
            b.StoreUnsafe(ref to, (nuint)Vector<float>.Count);
            c.StoreUnsafe(ref to, (nuint)(2 * Vector<float>.Count));
            d.StoreUnsafe(ref to, (nuint)(3 * Vector<float>.Count));
        }
        for (; i <= sum.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> total = Vector.LoadUnsafe(ref from, (nuint)(near[0] + i)) * kernel[0];
            for (int tap = 1; tap < kernel.Length; tap++)
                total += (Vector.LoadUnsafe(ref from, (nuint)(near[tap] + i)) + Vector.LoadUnsafe(ref from, (nuint)(far[tap] + i))) * kernel[tap];
            total.CopyTo(sum[i..]);
        }
        for (; i < sum.Length; i++)
        {
            float total = source[near[0] + i] * kernel[0];
            for (int tap = 1; tap < kernel.Length; tap++)
                total += (source[near[tap] + i] + source[far[tap] + i]) * kernel[tap];
            sum[i] = total;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(ReadOnlySpan<float> levels, Span<byte> row)
    {
        int i = 0, step = Vector<float>.Count;
        for (; i <= row.Length - 4 * step; i += 4 * step)
        {
            Vector<short> low = Vector.Narrow(Four(levels[i..]), Four(levels[(i + step)..])), high = Vector.Narrow(Four(levels[(i + 2 * step)..]), Four(levels[(i + 3 * step)..]));
            Vector.Narrow(low.As<short, ushort>(), high.As<short, ushort>()).CopyTo(row[i..]);
        }
        for (; i < row.Length; i++)
            row[i] = (byte)(levels[i] + 0.5f);

        static Vector<int> Four(ReadOnlySpan<float> levels) => Vector.ConvertToInt32(new Vector<float>(levels) + new Vector<float>(0.5f));
    }

    /// <summary>The centre and one side of the window; the whole of it sums to 1.</summary>
    private static float[] Kernel(double sigma)
    {
        int radius = ((int)Math.Round(sigma * 6 + 1) | 1) / 2;
        double sum = 1;
        for (int x = 1; x <= radius; x++)
            sum += 2 * Weight(x);
        float[] side = new float[radius + 1];
        for (int x = 0; x <= radius; x++)
            side[x] = (float)(Weight(x) / sum);
        return side;

        double Weight(int x) => Math.Exp(-x * x / (2 * sigma * sigma));
    }

    /// <summary>gfedcb|abcdefgh|gfedcba, however far outside.</summary>
    private static int Mirrored(int position, int length)
    {
        if (length == 1)
            return 0;
        int period = 2 * (length - 1), within = ((position % period) + period) % period;
        return within < length ? within : period - within;
    }
}
