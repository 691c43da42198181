using Gradus.Grading;

namespace Gradus.Thresholds;

/// <summary>Thresholds of cumulative outputs from outputs and true grades: what <see cref="CutPointFit"/> is for scores.</summary>
public static class CumulativeFit
{
    private const int MostResampled = 2_000_000; // images of all resamples together: what some seconds can tune
    private const int FewestResamples = 20;

    /// <summary>The chosen thresholds. The same arguments give the same bits on any number of threads.</summary>
    /// <param name="usual">The rule with default thresholds.</param>
    /// <param name="scores">(N, M) finite cumulative outputs.</param>
    /// <param name="truth">(N) true grades; where only one occurs, the default thresholds are the result.</param>
    /// <param name="options">One threshold or one an output, the choice, its limits and its seed. The metric is QWK.</param>
    /// <exception cref="ArgumentException">No images, lengths that differ, or another metric.</exception>
    public static LeadingOnes Fit(LeadingOnes usual, GradedScores scores, int[] truth, CutPointOptions options)
    {
        if (scores.Rows != truth.Length || truth.Length == 0)
            throw new ArgumentException($"as many rows of outputs as grades expected, and at least one: {scores.Rows} and {truth.Length} given", nameof(scores));
        if (options.Metric != ThresholdMetric.Qwk)
            throw new ArgumentException("thresholds of cumulative outputs are tuned for QWK", nameof(options));
        return usual with { Thresholds = [.. Choose(usual, scores, truth, options, place: 0)] };
    }

    /// <summary>(M) the chosen thresholds; the place keeps the random numbers of several fits of one seed apart.</summary>
    internal static double[] Choose(LeadingOnes usual, GradedScores scores, int[] truth, CutPointOptions options, int place)
    {
        if (truth.Distinct().Take(2).Count() < 2)
            return [.. usual.Thresholds];
        return options.Choice switch
        {
            CutPointChoice.Shrunk => CutPointFit.Shrunk(new CumulativeSearch(usual, scores, truth, options).Tune(), [.. usual.Thresholds], options.Shrink),
            CutPointChoice.Bootstrap => BootstrapMedian(usual, scores, truth, options, place),
            _ => new CumulativeSearch(usual, scores, truth, options).Tune(),
        };
    }

    // Each resample has a stream of its own, so that it does not matter which thread takes it. The median of many climbs needs no restarts,
    // and medians of rising rows rise.
    private static double[] BootstrapMedian(LeadingOnes usual, GradedScores scores, int[] truth, CutPointOptions options, int place)
    {
        CutPointOptions once = options with { Choice = CutPointChoice.Optimum, Restarts = 0 };
        var tuned = new double[Math.Min(options.Resamples, Math.Max(FewestResamples, MostResampled / truth.Length))][];
        Parallel.For(0, tuned.Length, b =>
        {
            Random random = RandomStream.Create(options.Seed, "stabilised thresholds", place, b);
            int[] drawn = [.. Enumerable.Range(0, truth.Length).Select(_ => random.Next(truth.Length))];
            tuned[b] = Choose(usual, scores.At(drawn), [.. drawn.Select(i => truth[i])], once, place);
        });
        return [.. Enumerable.Range(0, usual.Thresholds.Length).Select(k => CutPointFit.Median([.. tuned.Select(t => t[k])]))];
    }
}
