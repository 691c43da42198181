namespace Gradus.Shift;

/// <summary>How far two samples are apart, and how likely chance alone moves them as far.</summary>
/// <param name="Distance">The largest difference between the two cumulative shares, 0 to 1.</param>
/// <param name="P">The chance of such a distance between two samples of one distribution, 0 to 1.</param>
public readonly record struct KsTest(double Distance, double P);

/// <summary>
/// The two-sample test of Kolmogorov and Smirnov, with weights on the first sample. P is the asymptotic one with Stephens' correction
/// (1970) for small samples; weights count by Kish's effective size. Ties make it cautious: P is too large rather than too small.
/// </summary>
public static class KolmogorovSmirnov
{
    /// <summary>Compares (N) weighted values with (M) others; no weights are equal weights.</summary>
    /// <exception cref="ArgumentException">An empty sample, or weights that do not fit or are all zero.</exception>
    public static KsTest Compare(ReadOnlySpan<double> first, ReadOnlySpan<double> weights, ReadOnlySpan<double> second)
    {
        if (first.IsEmpty || second.IsEmpty || (!weights.IsEmpty && weights.Length != first.Length))
            throw new ArgumentException($"two samples expected: {first.Length} values with {weights.Length} weights, and {second.Length}", nameof(first));
        double[] a = first.ToArray(), b = second.ToArray();
        double[] mass = weights.IsEmpty ? [.. Enumerable.Repeat(1.0, a.Length)] : weights.ToArray();
        Array.Sort(a, mass);
        Array.Sort(b);
        double total = mass.Sum(), squares = mass.Sum(w => w * w);
        if (!(total > 0))
            throw new ArgumentException("weights are not all zero", nameof(weights));
        double below = 0, distance = 0;
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            double at = j >= b.Length || (i < a.Length && a[i] <= b[j]) ? a[i] : b[j];
            for (; i < a.Length && a[i] <= at; i++)
                below += mass[i];
            while (j < b.Length && b[j] <= at)
                j++;
            distance = Math.Max(distance, Math.Abs(below / total - (double)j / b.Length));
        }
        double effective = total * total / squares;
        double size = Math.Sqrt(effective * b.Length / (effective + b.Length));
        return new KsTest(distance, Tail((size + 0.12 + 0.11 / size) * distance));
    }

    // Kolmogorov's distribution: 2 sum (-1)^(k-1) exp(-2 k² x²).
    private static double Tail(double x)
    {
        if (x < 0.2)
            return 1; // the series converges slowly there, to 1 within 1e-12
        double sum = 0, sign = 1;
        for (int k = 1; k <= 100; k++, sign = -sign)
        {
            double term = Math.Exp(-2.0 * k * k * x * x);
            sum += sign * term;
            if (term < 1e-12)
                break;
        }
        return Math.Clamp(2 * sum, 0, 1);
    }
}
