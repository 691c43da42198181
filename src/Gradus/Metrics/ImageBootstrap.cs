using System.Runtime.InteropServices;

namespace Gradus.Metrics;

/// <summary>Resamples for figures that need every image and not only a table of counts.</summary>
internal static class ImageBootstrap
{
    /// <summary>Rows of (M) figures of resampled images, each resample from a stream of its own, so that threads do not matter.</summary>
    /// <param name="images">N, at least 1.</param>
    /// <param name="groups">(N) the group of each image, 0 to G-1, which is drawn as a whole; null draws image by image.</param>
    /// <param name="figures">(M) figures, given how often each of the (N) images was drawn; called from many threads.</param>
    /// <param name="seed">Decides the resamples.</param>
    /// <param name="resamples">At least 1.</param>
    /// <returns>(M) arrays of a figure's replicates.</returns>
    public static double[][] Replicates(int images, int[]? groups, Func<ushort[], double[]> figures, long seed, int resamples)
    {
        var rows = new double[resamples][];
        int units = groups is null ? images : groups.Max() + 1;
        Parallel.For(0, resamples, () => (Times: new ushort[units], Bytes: new byte[sizeof(uint) * Math.Min(units, 4096)]), (resample, _, buffers) =>
        {
            Draw(RandomStream.Create(seed, "images", resample), buffers.Times, buffers.Bytes);
            rows[resample] = figures(groups is null ? buffers.Times : [.. groups.Select(g => buffers.Times[g])]);
            return buffers;
        }, static _ => { });
        return [.. Enumerable.Range(0, rows[0].Length).Select(m => rows.Select(row => row[m]).ToArray())];
    }

    // 32 random bits times N, without the lower 32: no image is favoured by more than N / 2^32.
    private static void Draw(Random random, ushort[] times, byte[] bytes)
    {
        Array.Clear(times);
        for (int left = times.Length; left > 0;)
        {
            random.NextBytes(bytes);
            ReadOnlySpan<uint> draws = MemoryMarshal.Cast<byte, uint>(bytes);
            draws = draws[..Math.Min(left, draws.Length)];
            foreach (uint draw in draws)
                times[(int)((ulong)draw * (uint)times.Length >> 32)]++;
            left -= draws.Length;
        }
    }
}
