using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;

namespace Gradus.Thresholds;

/// <summary>
/// Finds the thresholds with the highest quadratic weighted kappa on the images given. It is never below that of the default rule.
/// </summary>
/// <remarks>
/// Every place between two distinct values is tried, so that the result does not depend on a step width. Among places with the same
/// QWK it is the middle of the widest plateau (of equal ones the nearest to the default), and so never a value of the data.
/// </remarks>
public static class ThresholdTuner
{
    /// <summary>
    /// Cumulative outputs: one exact threshold for all, or one an output by coordinate search from several starts. Scores (regression, two
    /// grades, and the expected grade for cross_entropy): the exact cut points. Or what the specification takes in their place.
    /// </summary>
    /// <param name="target">Decides the rule.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="scores">(N) linked outputs.</param>
    /// <param name="grades">(N) true grades, 0 to K-1.</param>
    /// <param name="how">Which thresholds, within what limits.</param>
    /// <param name="seed">Fixes restarts and resamples.</param>
    /// <returns>The default rule where fewer than two grades occur, where an output is not finite, or where nothing is better than it.</returns>
    /// <exception cref="ArgumentException">The lengths differ or a grade is outside the scale.</exception>
    public static TunedThresholds Tune(Target target, GradeScale scale, GradedScores scores, int[] grades, ThresholdSpec how, long seed = 0)
    {
        DecodingRule usual = target.DefaultRule(scale);
        var untuned = new TunedThresholds(usual, Qwk(usual, scale, scores, grades));
        if (grades.Distinct().Count() < 2 || !scores.Outputs.All(float.IsFinite) || !scores.Score.All(double.IsFinite))
            return untuned;
        CutPointOptions options = how.Options(seed, ThresholdStability.Resamples(grades.Length));
        DecodingRule rule = usual is LeadingOnes cumulative
            ? CumulativeFit.Fit(cumulative, scores, grades, options)
            : new CutPoints(CutPointFit.Fit(scores.Score, grades, scale.Count, options));
        var tuned = new TunedThresholds(rule, Qwk(rule, scale, scores, grades));
        bool better = rule.GetType() == usual.GetType() ? tuned.InSampleQwk >= untuned.InSampleQwk : tuned.InSampleQwk > untuned.InSampleQwk;
        return better ? tuned : untuned;
    }

    /// <summary>From 0 to <paramref name="top"/>, widened so that there is room for a threshold below and above all values.</summary>
    internal static (double Low, double High) Bounds(ReadOnlySpan<double> rising, double top)
    {
        if (rising.Length == 0)
            return (0, top);
        double margin = 1e-3 * top;
        return (rising[0] > 0 ? 0 : rising[0] - margin, rising[^1] < top ? top : rising[^1] + margin);
    }

    private static double Qwk(DecodingRule rule, GradeScale scale, GradedScores scores, int[] grades) =>
        Kappa.Quadratic(ConfusionMatrix.Of(grades, rule.Grades(scores), scale.Count));
}
