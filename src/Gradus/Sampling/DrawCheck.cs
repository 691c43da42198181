using System.Globalization;

namespace Gradus.Sampling;

/// <summary>
/// Compares what was drawn with what was configured, so that a sampler that does nothing is noticed in the first epoch.
/// </summary>
public static class DrawCheck
{
    /// <summary>How rarely an honest draw may be refused: once in a million epochs at most.</summary>
    public const double Level = 1e-6;

    /// <summary>
    /// Accepts a draw that its plan explains. Without replacement (every image once, or a cap) no image may come twice and the counts
    /// must be the planned ones. With replacement (class weights, balancing, and each epoch of an annealing by the shares of that epoch)
    /// three things are refused: class counts that the planned shares would give less often than <see cref="Level"/>, a mean weight of the images that their weights would give
    /// as rarely, and a draw without a
    /// single repetition where repetitions are certain (the mark of a plain shuffle, which counts alone would show only in large sets).
    /// </summary>
    /// <param name="draw">The draw; <see cref="EpochDraw.Realised"/> may be replaced by a count over the batches that the network really saw.</param>
    /// <exception cref="GradusException">The draw contradicts its plan.</exception>
    public static void Verify(EpochDraw draw)
    {
        EpochPlan plan = draw.Plan;
        int n = draw.Indices.Length;
        int distinct = draw.Indices.Distinct().Count();
        if (draw.Realised.Counts.Length != plan.Expected.Counts.Length || draw.Realised.Total != n || n != plan.Images)
            throw Contradiction(draw, $"an epoch shows {plan.Images} images and this one {n}");
        if (!plan.WithReplacement)
        {
            if (!draw.Realised.Equals(plan.Expected))
                throw Contradiction(draw, "the number of images of each grade is fixed");
            if (distinct != n)
                throw Contradiction(draw, $"no image is shown twice, and only {distinct} of {n} are different");
            return;
        }
        if (LogSurprise(draw.Realised, plan.Expected) < Math.Log(Level))
            throw Contradiction(draw, "grades are drawn by their shares");
        if (plan.Weighing is { } weighing && (draw.MeanWeight is not { } mean || LogChanceOfMean(mean, weighing, n) < Math.Log(Level)))
            throw Contradiction(draw, string.Create(CultureInfo.InvariantCulture, $"images are drawn by their weights, {weighing.Mean:0.##} a drawn image, and the mean weight is {draw.MeanWeight:0.##}"));
        if (distinct == n && LogChanceOfNoRepetition(n) < Math.Log(Level))
            throw Contradiction(draw, "images are drawn with replacement, and not one of them came twice");
    }

    /// <summary>
    /// An upper bound of the log probability that N draws stray from their shares p as far as the observed shares q do. With
    /// G = N KL(q‖p) it is at most e^-G (e G / (K-1))^(K-1) for G above K-1 (Agrawal 2020, theorem 1.2). Unlike the chi-square
    /// approximation it holds for classes of a handful of images too, and a class that must not occur gives minus infinity.
    /// </summary>
    private static double LogSurprise(ClassHistogram realised, ClassHistogram configured)
    {
        double divergence = 0;
        int free = -1;
        foreach ((double seen, double expected) in realised.Counts.Zip(configured.Counts))
        {
            if (expected > 0)
                free++;
            if (seen > 0)
                divergence += expected > 0 ? seen * Math.Log(seen / expected) : double.PositiveInfinity;
        }
        if (double.IsPositiveInfinity(divergence))
            return double.NegativeInfinity;
        return free <= 0 || divergence <= free ? 0 : -divergence + free * (1 + Math.Log(divergence / free));
    }

    /// <summary>An upper bound of the log probability that the mean weight of n drawn images strays so far (Hoeffding 1963, theorem 2).</summary>
    private static double LogChanceOfMean(double mean, ImageWeighing weighing, int n)
    {
        double range = weighing.Largest - weighing.Least, off = mean - weighing.Mean;
        return range > 0 ? Math.Log(2) - 2 * n * off * off / (range * range) : 0;
    }

    /// <summary>The log of N! / N^N: no weights make a draw without repetition likelier than equal ones do.</summary>
    private static double LogChanceOfNoRepetition(int n) => Enumerable.Range(1, n).Sum(i => Math.Log((double)i / n));

    private static GradusException Contradiction(EpochDraw draw, string rule) => new(
        $"the drawn images contradict the configuration: {rule}", "sampling", $"class counts {draw.Realised} where about {draw.Plan.Expected} are expected", "The sampler is not in effect: report this as a defect");
}
