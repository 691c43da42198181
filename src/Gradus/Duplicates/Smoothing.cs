using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradus.Duplicates;

/// <summary>
/// A Gaussian blur of 48 x 48 floats, the border mirrored. Each value is summed in an order of its own, so the result is the same on
/// every processor.
/// </summary>
internal sealed class Smoothing
{
    private const int Side = Pattern.Side;

    private readonly float[] _kernel;
    private readonly int _radius;

    /// <summary>A blur of this standard deviation in pixels, cut at three of them.</summary>
    public Smoothing(double sigma)
    {
        _radius = (int)Math.Ceiling(3 * sigma);
        double[] weights = [.. Enumerable.Range(-_radius, 2 * _radius + 1).Select(x => Math.Exp(-x * x / (2 * sigma * sigma)))];
        double sum = weights.Sum();
        _kernel = [.. weights.Select(w => (float)(w / sum))];
    }

    /// <summary>The blurred values, (48, 48).</summary>
    public float[] Apply(ReadOnlySpan<float> source)
    {
        float[] result = new float[Side * Side];
        Apply(source, result);
        return result;
    }

    /// <summary>Blurs (48, 48) values into others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ReadOnlySpan<float> source, Span<float> result)
    {
        Span<float> across = stackalloc float[Side * Side], padded = stackalloc float[Side + 2 * _radius];
        for (int y = 0; y < Side; y++)
        {
            ReadOnlySpan<float> row = source.Slice(y * Side, Side);
            for (int x = 0; x < padded.Length; x++)
                padded[x] = row[Mirrored(x - _radius)];
            Span<float> sums = across.Slice(y * Side, Side);
            sums.Clear();
            for (int tap = 0; tap < _kernel.Length; tap++)
                Add(padded.Slice(tap, Side), _kernel[tap], sums);
        }
        result.Clear();
        for (int y = 0; y < Side; y++)
        {
            for (int tap = 0; tap < _kernel.Length; tap++)
                Add(across.Slice(Mirrored(y + tap - _radius) * Side, Side), _kernel[tap], result.Slice(y * Side, Side));
        }
    }

    private static void Add(ReadOnlySpan<float> values, float weight, Span<float> sums)
    {
        int i = 0;
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sums[i..]) + new Vector<float>(values[i..]) * weight).CopyTo(sums[i..]);
        for (; i < sums.Length; i++)
            sums[i] += values[i] * weight;
    }

    // The radius is less than the side, so one reflection is enough.
    private static int Mirrored(int at) => at < 0 ? -1 - at : at >= Side ? 2 * Side - 1 - at : at;
}
