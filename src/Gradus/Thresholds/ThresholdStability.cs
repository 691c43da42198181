using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;

namespace Gradus.Thresholds;

/// <summary>How far tuned thresholds can be trusted, and thresholds that can be trusted further; for the rule of any target.</summary>
public static class ThresholdStability
{
    private const int Folds = 5;
    private const int MostResamples = 100, FewestResamples = 20;
    private const int ResampledImages = 200_000; // of all resamples together: what a second or two can tune
    private const int PlateauSteps = 200;

    /// <summary>
    /// QWK of images that were each graded at thresholds tuned on the other four of five folds; null where too few images or
    /// grades leave nothing to tune.
    /// </summary>
    /// <param name="target">Decides the rule.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="scores">(N) linked outputs.</param>
    /// <param name="grades">(N) true grades, 0 to K-1.</param>
    /// <param name="how">For cumulative outputs only.</param>
    /// <param name="seed">Deals the folds.</param>
    public static double? CrossFittedQwk(Target target, GradeScale scale, GradedScores scores, int[] grades, ThresholdTuning how, long seed)
    {
        if (!CanBeTuned(scores, grades) || grades.Length < Folds)
            return null;
        int[] foldOf = CrossFitting.Deal(grades, scale.Count, Folds, seed);
        var given = new int[grades.Length];
        for (int fold = 0; fold < Folds; fold++)
        {
            int[] others = [.. Enumerable.Range(0, grades.Length).Where(i => foldOf[i] != fold)];
            int[] own = [.. Enumerable.Range(0, grades.Length).Where(i => foldOf[i] == fold)];
            DecodingRule rule = ThresholdTuner.Tune(target, scale, scores.At(others), [.. others.Select(i => grades[i])], how).Rule;
            foreach ((int at, int grade) in rule.Grades(scores.At(own)).Index())
                given[own[at]] = grade;
        }
        return Kappa.Quadratic(ConfusionMatrix.Of(grades, given, scale.Count));
    }

    /// <summary>
    /// The rule whose thresholds are the medians of those tuned on resampled images (20 to 100 resamples, fewer the more images there
    /// are). It moves less from epoch to epoch than the optimum, at hardly any QWK.
    /// </summary>
    /// <returns>The default rule where nothing can be tuned, or where it grades these images better.</returns>
    /// <inheritdoc cref="CrossFittedQwk" path="/param"/>
    public static DecodingRule Stabilise(Target target, GradeScale scale, GradedScores scores, int[] grades, ThresholdTuning how, long seed)
    {
        DecodingRule usual = target.DefaultRule(scale);
        if (!CanBeTuned(scores, grades))
            return usual;
        int resamples = Math.Clamp(ResampledImages / grades.Length, FewestResamples, MostResamples);
        DecodingRule stable = usual is LeadingOnes cumulative
            ? cumulative with { Thresholds = MedianThresholds(cumulative, scores, grades, how, seed, resamples) }
            : new CutPoints(CutPointFit.Fit(scores.Score, grades, scale.Count, new CutPointOptions { Choice = CutPointChoice.Bootstrap, Resamples = resamples, Seed = seed }));
        // Cut points on the expected grade are another kind of rule than the most probable grade, and may suit these outputs less.
        return stable.GetType() == usual.GetType() || Qwk(stable, scale, scores, grades) > Qwk(usual, scale, scores, grades) ? stable : usual;
    }

    /// <summary>
    /// How far each threshold can move, the others held, with at most <see cref="CutPointReport.Tolerance"/> less QWK than where it is.
    /// A threshold that all outputs share moves as one. Looked up at 200 places, so exact to a two-hundredth of its range.
    /// </summary>
    /// <returns>One for a shared threshold, else one a threshold; none for a rule without thresholds.</returns>
    /// <param name="rule">Made for these scores.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="scores">(N) linked outputs.</param>
    /// <param name="grades">(N) true grades, 0 to K-1.</param>
    public static ImmutableArray<Plateau> Plateaus(DecodingRule rule, GradeScale scale, GradedScores scores, int[] grades)
    {
        ImmutableArray<double> values = rule.Values;
        bool shared = IsShared(rule);
        double floor = Qwk(rule, scale, scores, grades) - CutPointReport.Tolerance;
        return [.. Enumerable.Range(0, shared ? Math.Min(1, values.Length) : values.Length).Select(Around)];

        Plateau Around(int k)
        {
            (double low, double high) = Range(rule, scores, scale, k);
            double step = (high - low) / PlateauSteps;
            return new Plateau(Reach(k, -step, low, high), Reach(k, step, low, high));
        }

        double Reach(int k, double step, double low, double high)
        {
            double at = values[k];
            for (double next = at + step; step != 0 && next >= low && next <= high && Qwk(Moved(rule, k, next, shared), scale, scores, grades) >= floor; next += step)
                at = next;
            return at;
        }
    }

    /// <summary>Whether all outputs of the rule have one threshold.</summary>
    public static bool IsShared(DecodingRule rule) => rule is LeadingOnes && rule.Values.Distinct().Count() == 1;

    private static bool CanBeTuned(GradedScores scores, int[] grades) =>
        grades.Distinct().Take(2).Count() == 2 && scores.Outputs.All(float.IsFinite) && scores.Score.All(double.IsFinite);

    private static (double Low, double High) Range(DecodingRule rule, GradedScores scores, GradeScale scale, int k)
    {
        if (rule is LeadingOnes)
            return (0, 1);
        ImmutableArray<double> points = rule.Values;
        double low = k > 0 ? points[k - 1] : Math.Min(points[0], scores.Score.Min()), high = k < points.Length - 1 ? points[k + 1] : Math.Max(points[^1], scores.Score.Max());
        return (Math.Max(low, -scale.Count), Math.Min(high, 2 * scale.Count)); // a regression may be anywhere
    }

    private static DecodingRule Moved(DecodingRule rule, int k, double to, bool shared) => rule switch
    {
        LeadingOnes leading => leading with { Thresholds = shared ? [.. leading.Thresholds.Select(_ => to)] : leading.Thresholds.SetItem(k, to) },
        CutPoints cuts => cuts with { Points = cuts.Points.SetItem(k, to) },
        _ => rule,
    };

    // Each resample has a stream of its own, so that it does not matter which thread takes it.
    private static ImmutableArray<double> MedianThresholds(LeadingOnes usual, GradedScores scores, int[] grades, ThresholdTuning how, long seed, int resamples)
    {
        var tuned = new ImmutableArray<double>[resamples];
        Parallel.For(0, resamples, b =>
        {
            Random random = RandomStream.Create(seed, "stabilised thresholds", b);
            int[] drawn = [.. Enumerable.Range(0, grades.Length).Select(_ => random.Next(grades.Length))];
            int[] truth = [.. drawn.Select(i => grades[i])];
            // A resample of one grade says nothing of thresholds; the default takes its place.
            tuned[b] = truth.Distinct().Take(2).Count() < 2 ? usual.Thresholds : new CumulativeSearch(usual, scores.At(drawn), truth).Tune(how).Thresholds;
        });
        return [.. Enumerable.Range(0, usual.Thresholds.Length).Select(k => CutPointFit.Median([.. tuned.Select(t => t[k])]))];
    }

    private static double Qwk(DecodingRule rule, GradeScale scale, GradedScores scores, int[] grades) =>
        Kappa.Quadratic(ConfusionMatrix.Of(grades, rule.Grades(scores), scale.Count));
}
