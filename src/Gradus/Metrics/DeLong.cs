using MathNet.Numerics.Distributions;

namespace Gradus.Metrics;

/// <summary>
/// The interval of an AUC from the variance of DeLong, DeLong and Clarke-Pearson (1988), by midranks in O(N log N) (Sun and Xu 2014).
/// It is normal and cut off at 0 and 1, so it has no width where every positive scores above every negative.
/// </summary>
public static class DeLong
{
    private const double Confidence = 0.95;

    /// <summary>AUC of (N) finite scores with its 95 % interval; no value without positives or negatives, no interval with only one of either.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Estimate Interval(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positives)
    {
        if (scores.Length != positives.Length)
            throw new ArgumentException($"a score for each image expected: {scores.Length} scores, {positives.Length} images", nameof(positives));
        int m = positives.Count(true), n = positives.Length - m;
        if (m == 0 || n == 0)
            return default;
        var ofPositives = new double[m];
        var ofNegatives = new double[n];
        for (int i = 0, p = 0, q = 0; i < scores.Length; i++)
        {
            if (positives[i])
                ofPositives[p++] = scores[i];
            else
                ofNegatives[q++] = scores[i];
        }
        double[] all = Midranks([.. ofPositives, .. ofNegatives]);
        double[] amongPositives = Midranks(ofPositives), amongNegatives = Midranks(ofNegatives);
        // For each image the share of images of the other kind that it is on the right side of.
        double[] sharesOfPositives = [.. amongPositives.Select((rank, i) => (all[i] - rank) / n)];
        double[] sharesOfNegatives = [.. amongNegatives.Select((rank, j) => 1 - (all[m + j] - rank) / m)];
        double area = sharesOfPositives.Average();
        if (m == 1 || n == 1)
            return new Estimate(area, null, null);
        double half = Normal.InvCDF(0, 1, (1 + Confidence) / 2) * Math.Sqrt(Variance(sharesOfPositives) / m + Variance(sharesOfNegatives) / n);
        return new Estimate(area, Math.Max(0, area - half), Math.Min(1, area + half));
    }

    private static double[] Midranks(double[] values)
    {
        double[] sorted = [.. values];
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end] == sorted[start];)
                end++;
            for (int i = start; i < end; i++)
                ranks[order[i]] = (start + end + 1) / 2.0;
        }
        return ranks;
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }
}
