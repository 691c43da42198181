namespace Gradus.Metrics;

/// <summary>Whether two figures rise and fall together.</summary>
public static class Correlation
{
    private const double Normal975 = 1.959963984540054;

    // The variance of the transformed rank correlation: Fieller, Hartley and Pearson 1957, "Tests for rank correlation coefficients I".
    private const double RankVariance = 1.06;

    /// <summary>Pearson's correlation, -1 to 1, with Fisher's interval (1921) where there are four pairs and they are not on a line.</summary>
    /// <param name="x">(N) finite.</param>
    /// <param name="y">(N) finite.</param>
    /// <returns>No value for fewer than three pairs, of which two always lie on a line, or where one side is constant.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Estimate Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y) => WithInterval(Coefficient(x, y), x.Count, 1);

    /// <summary>Spearman's rank correlation, -1 to 1, ties at their mean rank; everything else as <see cref="Pearson"/>.</summary>
    /// <inheritdoc cref="Pearson"/>
    public static Estimate Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) => WithInterval(Coefficient(Ranks(x), Ranks(y)), x.Count, RankVariance);

    private static double? Coefficient(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count)
            throw new ArgumentException($"pairs expected: {x.Count} and {y.Count} numbers", nameof(y));
        // Of equal numbers the mean may differ in the last bit, so that their deviations are no test.
        if (x.Count < 3 || x.Min() == x.Max() || y.Min() == y.Max())
            return null;
        double meanX = x.Average(), meanY = y.Average(), xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Count; i++)
        {
            (double dx, double dy) = (x[i] - meanX, y[i] - meanY);
            (xy, xx, yy) = (xy + dx * dy, xx + dx * dx, yy + dy * dy);
        }
        return Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }

    private static Estimate WithInterval(double? coefficient, int pairs, double variance)
    {
        // On a line the interval would have no width, however few the pairs.
        if (coefficient is not { } r || pairs < 4 || Math.Abs(r) > 1 - 1e-12)
            return new Estimate(coefficient, null, null);
        double half = Normal975 * Math.Sqrt(variance / (pairs - 3));
        return new Estimate(r, Math.Tanh(Math.Atanh(r) - half), Math.Tanh(Math.Atanh(r) + half));
    }

    private static double[] Ranks(IReadOnlyList<double> values) =>
        [.. values.Select(v => values.Count(other => other < v) + (values.Count(other => other == v) + 1) / 2.0)];
}
