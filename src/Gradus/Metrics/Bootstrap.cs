namespace Gradus.Metrics;

/// <summary>The range that holds a metric with the stated confidence.</summary>
public readonly record struct ConfidenceInterval(double Low, double High);

/// <summary>
/// Percentile bootstrap (Efron 1979) of whatever is computed from a confusion matrix. Drawing N images with replacement is the same
/// as drawing the counts of the matrix from a multinomial distribution, which costs K x K draws a resample instead of N.
/// </summary>
public static class Bootstrap
{
    /// <summary>The central interval of the statistic over resampled matrices.</summary>
    /// <param name="matrix">At least one image.</param>
    /// <param name="statistic">For example <see cref="Kappa.Quadratic"/>.</param>
    /// <param name="random">From <see cref="RandomStream"/>; decides the interval.</param>
    /// <param name="resamples">At least 1.</param>
    /// <param name="confidence">Above 0 and below 1; 0.95 takes the percentiles 2.5 and 97.5.</param>
    /// <exception cref="ArgumentException">No images, no resamples, or a confidence out of range.</exception>
    public static ConfidenceInterval Interval(ConfusionMatrix matrix, Func<ConfusionMatrix, double> statistic, Random random, int resamples = 1000, double confidence = 0.95)
    {
        if (matrix.Total == 0)
            throw new ArgumentException("nothing to resample: the matrix is empty", nameof(matrix));
        return Interval(new CellSample(matrix.Counts), counts => statistic(new ConfusionMatrix(matrix.Grades, counts)), random, resamples, confidence);
    }

    /// <summary>The same for images that are counted in cells of any kind, at least one.</summary>
    internal static ConfidenceInterval Interval(CellSample sample, Func<int[], double> statistic, Random random, int resamples = 1000, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (!(confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "above 0 and below 1 expected");
        double[] values = [.. sample.Draws(random, resamples).Select(statistic)];
        Array.Sort(values);
        return new ConfidenceInterval(Quantile(values, (1 - confidence) / 2), Quantile(values, (1 + confidence) / 2));
    }

    /// <summary>Cell counts of as many images drawn with replacement, anew each time.</summary>
    internal static IEnumerable<int[]> Draws(int[] cells, Random random, int resamples)
    {
        int total = Total(cells);
        double[] logFactorials = LogFactorials(total);
        for (int i = 0; i < resamples; i++)
            yield return Resample(cells, total, random, logFactorials);
    }

    /// <summary>The matrix of as many images drawn with replacement.</summary>
    internal static ConfusionMatrix Resample(ConfusionMatrix matrix, Random random) =>
        new(matrix.Grades, Resample(matrix.Counts, matrix.Total, random, LogFactorials(matrix.Total)));

    private static int[] Resample(ReadOnlySpan<int> cells, int total, Random random, double[] logFactorials)
    {
        // A multinomial is a chain of binomials: each cell takes its share of what the cells before it left over.
        var drawn = new int[cells.Length];
        int open = total;
        int mass = total;
        for (int cell = 0; cell < drawn.Length && open > 0; cell++)
        {
            int count = cells[cell];
            if (count == 0)
                continue;
            drawn[cell] = count == mass ? open : Binomial(random, open, (double)count / mass, logFactorials);
            open -= drawn[cell];
            mass -= count;
        }
        return drawn;
    }

    // Exact inversion, outwards from the mode: about two standard deviations of steps.
    private static int Binomial(Random random, int n, double p, double[] logFactorials)
    {
        double q = 1 - p;
        int mode = Math.Min(n, (int)((n + 1) * p));
        double atMode = Math.Exp(logFactorials[n] - logFactorials[mode] - logFactorials[n - mode] + mode * Math.Log(p) + (n - mode) * Math.Log(q));
        double left = random.NextDouble() - atMode;
        (int low, int high) = (mode, mode);
        (double atLow, double atHigh) = (atMode, atMode);
        while (left >= 0 && (low > 0 || high < n))
        {
            if (high < n)
            {
                atHigh *= (n - high) * p / ((high + 1) * q);
                high++;
                if ((left -= atHigh) < 0)
                    return high;
            }
            if (low > 0)
            {
                atLow *= low * q / ((n - low + 1) * p);
                low--;
                if ((left -= atLow) < 0)
                    return low;
            }
        }
        return mode; // at the mode, or a rounding remainder of about 1e-13 beyond both tails
    }

    private static int Total(ReadOnlySpan<int> cells)
    {
        int total = 0;
        foreach (int count in cells)
            total += count;
        return total;
    }

    private static double[] LogFactorials(int n)
    {
        var logs = new double[n + 1];
        for (int i = 2; i <= n; i++)
            logs[i] = logs[i - 1] + Math.Log(i);
        return logs;
    }

    /// <summary>Linear between order statistics (Hyndman and Fan 1996, type 7), at 0 to 1.</summary>
    internal static double Quantile(double[] sorted, double at)
    {
        double place = at * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
