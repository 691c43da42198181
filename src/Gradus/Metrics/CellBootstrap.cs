using MathNet.Numerics.Distributions;

namespace Gradus.Metrics;

/// <summary>
/// Bias-corrected and accelerated bootstrap intervals (BCa; Efron 1987, eqs. 2.3 and 6.6) of many figures at once, all computed from
/// images that are counted in cells. Images of one cell are alike, so the jackknife behind the acceleration takes one evaluation per
/// cell; where whole groups of images are drawn, one per group.
/// </summary>
internal static class CellBootstrap
{
    public const int Resamples = 2000;
    private const double Confidence = 0.95;

    /// <summary>Each figure with its interval.</summary>
    /// <param name="sample">At least one image.</param>
    /// <param name="figures">(M) figures of cell counts; NaN where undefined.</param>
    /// <param name="random">From <see cref="RandomStream"/>; decides the intervals.</param>
    /// <param name="resamples">At least 1.</param>
    public static Estimate[] Estimates(CellSample sample, Func<int[], double[]> figures, Random random, int resamples = Resamples)
    {
        double[] values = figures([.. sample.Counts]);
        var replicates = new double[values.Length][];
        for (int m = 0; m < values.Length; m++)
            replicates[m] = new double[resamples];
        int resample = 0;
        foreach (int[] drawn in sample.Draws(random, resamples))
        {
            double[] at = figures(drawn);
            for (int m = 0; m < values.Length; m++)
                replicates[m][resample] = at[m];
            resample++;
        }
        double[] accelerations = Accelerations(sample, figures, values.Length);
        return [.. values.Select((value, m) => Interval(value, replicates[m], accelerations[m]))];
    }

    /// <summary>
    /// The BCa interval of a figure from its replicates; bias-corrected only (Efron 1981) where the acceleration is 0. Resamples in which
    /// the figure is undefined are left out; there is no interval where they are more than half. Where no replicate lies below the figure,
    /// or none above, its bias is taken as if half a one did.
    /// </summary>
    public static Estimate Interval(double value, double[] replicates, double acceleration)
    {
        if (!double.IsFinite(value))
            return default;
        double[] sorted = [.. replicates.Where(double.IsFinite)];
        if (2 * sorted.Length < replicates.Length)
            return new Estimate(value, null, null);
        Array.Sort(sorted);
        // Rounding can tell apart what is the same; such replicates count as equal to the figure.
        double same = 1e-12 * Math.Max(1, Math.Abs(value));
        double below = sorted.Sum(r => r < value - same ? 1 : r <= value + same ? 0.5 : 0);
        double bias = Normal.InvCDF(0, 1, Math.Clamp(below, 0.5, sorted.Length - 0.5) / sorted.Length);
        return new Estimate(value, Bootstrap.Quantile(sorted, Share(-1)), Bootstrap.Quantile(sorted, Share(1)));

        double Share(int side)
        {
            double z = bias + side * Normal.InvCDF(0, 1, (1 + Confidence) / 2);
            double shrink = 1 - acceleration * z;
            return shrink > 0 ? Normal.CDF(0, 1, bias + z / shrink) : side < 0 ? 0 : 1;
        }
    }

    // A sixth of the skewness of the jackknife's values; 0 where a figure is undefined without some image, or does not change.
    private static double[] Accelerations(CellSample sample, Func<int[], double[]> figures, int count)
    {
        (int Units, double[] Figures)[] leftOut = [.. sample.LeftOut().Select(l => (l.Units, figures(l.Counts)))];
        double units = leftOut.Sum(l => (double)l.Units);
        return [.. Enumerable.Range(0, count).Select(Acceleration)];

        double Acceleration(int m)
        {
            double mean = leftOut.Sum(l => l.Units * l.Figures[m]) / units;
            double squares = leftOut.Sum(l => l.Units * Math.Pow(mean - l.Figures[m], 2));
            double acceleration = leftOut.Sum(l => l.Units * Math.Pow(mean - l.Figures[m], 3)) / (6 * Math.Pow(squares, 1.5));
            return double.IsFinite(acceleration) ? acceleration : 0;
        }
    }
}
