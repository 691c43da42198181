using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;

namespace Gradus.Thresholds;

/// <summary>The metric on images that the cut points were not fitted on.</summary>
/// <param name="Mean">Of all images, each graded at the cut points of the folds that it is not in; the mean over five divisions into folds, of more than 5,000 images one.</param>
/// <param name="Low">Lower end of its 95 % bootstrap interval over images, the mean over the divisions.</param>
/// <param name="High">Upper end of its 95 % bootstrap interval over images, the mean over the divisions.</param>
public sealed record CrossFittedValue(double Mean, double Low, double High);

/// <summary>Where one cut point can lie, all others being at the optimum, with at most <see cref="CutPointReport.Tolerance"/> less of the metric.</summary>
/// <param name="Low">From here on.</param>
/// <param name="High">Up to, but not including, here.</param>
public sealed record Plateau(double Low, double High);

/// <summary>What moving one cut point does, all others being at the optimum.</summary>
/// <param name="Points">(threshold, metric), rising in the threshold, between the neighbouring cut points.</param>
/// <param name="OptimumValue">The metric where it is at its optimum.</param>
public sealed record CutPointCurve(ImmutableArray<(double Threshold, double Value)> Points, double OptimumValue);

/// <summary>Cut points for scores or thresholds for cumulative outputs, and whether they are worth having.</summary>
public sealed class CutPointReport
{
    /// <summary>The loss that a plateau puts up with.</summary>
    public const double Tolerance = 0.005;

    private const int CurvePoints = 400;

    private CutPointReport()
    {
    }

    /// <summary>N.</summary>
    public required int Images { get; init; }

    /// <summary>K.</summary>
    public required int Grades { get; init; }

    /// <summary>Which cut points were taken, and how.</summary>
    public required CutPointOptions Options { get; init; }

    /// <summary>The rule with the chosen thresholds, as a checkpoint holds it.</summary>
    public required DecodingRule Rule { get; init; }

    /// <summary>Whether all outputs share one threshold, so that there is one plateau and one curve.</summary>
    public bool IsShared => Rule is LeadingOnes && Options.Outputs == ThresholdTuning.Shared;

    /// <summary>(K-1) the default thresholds.</summary>
    public required ImmutableArray<double> Defaults { get; init; }

    /// <summary>(K-1) the chosen thresholds; cut points of a score rise.</summary>
    public required ImmutableArray<double> Thresholds { get; init; }

    /// <summary>(K-1) the thresholds with the highest metric on these images; per output, the best that were found.</summary>
    public required ImmutableArray<double> Optimum { get; init; }

    /// <summary>Accuracy, macro F1 and shares beside QWK, before tuning.</summary>
    public required GradingFigures Default { get; init; }

    /// <summary>The same at the chosen thresholds, on the images that they were fitted on.</summary>
    public required GradingFigures Tuned { get; init; }

    /// <summary>The same at thresholds that were chosen on other images.</summary>
    public required GradingFigures CrossFittedFigures { get; init; }

    /// <summary>What the chosen thresholds do to the shares of the grades.</summary>
    public required ThresholdEffect Effect { get; init; }

    /// <summary>What grades images before tuning, as a clause.</summary>
    public required string DefaultOrigin { get; init; }

    /// <summary>How many groups the intervals draw from; null where they draw image by image.</summary>
    public required int? Groups { get; init; }

    /// <summary>The metric before tuning.</summary>
    public required double DefaultValue { get; init; }

    /// <summary>The metric of the chosen cut points on the images that they were fitted on, which flatters them.</summary>
    public required double InSampleValue { get; init; }

    /// <summary>The metric of cut points chosen in the same way on other images.</summary>
    public required CrossFittedValue CrossFitted { get; init; }

    /// <summary>95 % bootstrap interval over images of what cross-fitted cut points gain over the default ones, image by image.</summary>
    public required ConfidenceInterval Gain { get; init; }

    /// <summary>(K-1, or one that is shared) how far each threshold can move.</summary>
    public required ImmutableArray<Plateau> Plateaus { get; init; }

    /// <summary>(K-1, or one that is shared) the metric against each threshold.</summary>
    public required ImmutableArray<CutPointCurve> Curves { get; init; }

    /// <summary>Chooses cut points of a score and measures them. The same arguments give the same bits on any number of threads.</summary>
    /// <exception cref="GradusException">One grade or one score only, or fewer images than folds.</exception>
    /// <exception cref="ArgumentException">An option out of range.</exception>
    public static CutPointReport Create(ScoreTable table, CutPointOptions options) => Create(new ScoreProblem(table), options);

    /// <summary>Chooses thresholds of cumulative outputs and measures them.</summary>
    /// <exception cref="GradusException">One grade only, the same outputs for all images, fewer images than folds, or another metric than QWK.</exception>
    /// <inheritdoc cref="Create(ScoreTable, CutPointOptions)"/>
    public static CutPointReport Create(CumulativeTable table, CutPointOptions options) => options.Metric == ThresholdMetric.Qwk
        ? Create(new CumulativeProblem(table), options)
        : throw new GradusException("thresholds of cumulative outputs are tuned for QWK", found: options.Metric.Name(), remedy: "Leave --metric out, or give scores", fault: Fault.Request);

    private static CutPointReport Create(ThresholdProblem problem, CutPointOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Folds, 2, nameof(options));
        Check(problem, options);
        (int grades, int[] truth, double[] usual, int first) = (problem.Grades, problem.Truth, problem.Usual, problem.First);
        int[] all = [.. Enumerable.Range(0, truth.Length)];
        double[] chosen = problem.Choose(all, options, place: 0);
        double[] optimum = options.Choice == CutPointChoice.Optimum ? chosen : problem.Choose(all, options with { Choice = CutPointChoice.Optimum }, place: 0);
        (double best, List<Gap>[] sweeps) = problem.Around(optimum, options);

        int[] atDefault = problem.GivenGrades ?? problem.GradesAt(usual, all), atChosen = problem.GradesAt(chosen, all);
        int[][] divisions = CrossFitting.Divisions(problem, options);
        ConfusionMatrix[] matrices = [.. divisions.Select(d => ConfusionMatrix.Of(truth, d, grades))];
        double crossFitted = matrices.Average(m => options.Metric.Of(m));
        ConfidenceInterval interval = Mean(divisions.Select(d => Interval(problem, d, options)));
        return new CutPointReport
        {
            Images = truth.Length,
            Grades = grades,
            Options = options,
            Rule = problem.Rule(chosen),
            Defaults = [.. usual[first..]],
            Thresholds = [.. chosen[first..]],
            Optimum = [.. optimum[first..]],
            Default = GradingFigures.Of(ConfusionMatrix.Of(truth, atDefault, grades)),
            Tuned = GradingFigures.Of(ConfusionMatrix.Of(truth, atChosen, grades)),
            CrossFittedFigures = Pooled(matrices),
            Effect = ThresholdEffect.Of(truth, atDefault, atChosen, grades),
            DefaultOrigin = problem.Origin,
            Groups = problem.Groups is { } groups ? groups.Max() + 1 : null,
            DefaultValue = problem.GivenGrades is null ? problem.Value(usual, options) : options.Metric.Of(ConfusionMatrix.Of(truth, atDefault, grades)),
            InSampleValue = problem.Value(chosen, options),
            CrossFitted = new CrossFittedValue(crossFitted, interval.Low, interval.High),
            Gain = Mean(divisions.Select(d => PairedDifference.Of(truth, atDefault, d, grades, c => options.Metric.Of(c), RandomStream.Create(options.Seed, "gain of tuning"), problem.Groups).Interval)),
            Plateaus = [.. sweeps.Select((gaps, k) => PlateauAround(optimum[first + k], gaps, best))],
            Curves = [.. sweeps.Select((gaps, k) => new CutPointCurve(Thin(gaps, optimum[first + k], chosen[first + k], usual[first + k]), best))],
        };
    }

    // The mean over the divisions of what can be counted; QWK is the mean of theirs, as everywhere.
    private static GradingFigures Pooled(ConfusionMatrix[] matrices)
    {
        int[] sums = [.. Enumerable.Range(0, matrices[0].Counts.Length).Select(cell => matrices.Sum(m => m.Counts[cell]))];
        return GradingFigures.Of(new ConfusionMatrix(matrices[0].Grades, sums)) with { Qwk = matrices.Average(Kappa.Quadratic) };
    }

    private static ConfidenceInterval Interval(ThresholdProblem problem, int[] given, CutPointOptions options)
    {
        int grades = problem.Grades;
        var sample = new CellSample(grades * grades, [.. problem.Truth.Select((t, i) => t * grades + given[i])], problem.Groups);
        return Bootstrap.Interval(
            sample, counts => options.Metric.Of(new ConfusionMatrix(grades, counts)), RandomStream.Create(options.Seed, "cross-fitted QWK"));
    }

    private static ConfidenceInterval Mean(IEnumerable<ConfidenceInterval> intervals)
    {
        ConfidenceInterval[] all = [.. intervals];
        return new ConfidenceInterval(all.Average(i => i.Low), all.Average(i => i.High));
    }

    private static void Check(ThresholdProblem problem, CutPointOptions options)
    {
        if (problem.Groups is { } groups && groups.Max() + 1 < options.Folds)
            throw new GradusException($"{options.Folds} folds need at least as many groups", problem.Source, $"{groups.Max() + 1}", "Use fewer --folds, or leave --group out", Fault.Request);
        if (problem.Truth.Length < options.Folds)
            throw new GradusException($"{options.Folds} folds need at least as many images", problem.Source, $"{problem.Truth.Length}", "Use fewer --folds, or more images", Fault.Request);
        if (problem.Truth.Distinct().Take(2).Count() == 1)
            throw new GradusException("all images have one grade, so there is nothing to tune", problem.Source, $"grade {problem.Truth[0]} only", "Check the column of the grades, or give images of other grades too", Fault.Request);
        if (problem.AllAlike)
            throw new GradusException("all images have the same score, which no threshold can tell apart", problem.Source, remedy: "Check the column of the scores", fault: Fault.Request);
    }

    // The gaps come from above.
    private static Plateau PlateauAround(double cut, List<Gap> gaps, double best)
    {
        int at = gaps.FindIndex(gap => cut >= gap.Lower);
        int first = at, last = at;
        while (first > 0 && gaps[first - 1].Value >= best - Tolerance)
            first--;
        while (last < gaps.Count - 1 && gaps[last + 1].Value >= best - Tolerance)
            last++;
        return new Plateau(gaps[last].Lower, gaps[first].Upper);
    }

    // Places at even distances, and those that matter by themselves.
    private static ImmutableArray<(double Threshold, double Value)> Thin(List<Gap> gaps, params ReadOnlySpan<double> marked)
    {
        (double low, double high) = (gaps[^1].Lower, gaps[0].Upper);
        double[] even = [.. Enumerable.Range(0, CurvePoints + 1).Select(i => low + (high - low) * i / CurvePoints)];
        var points = ImmutableArray.CreateBuilder<(double, double)>(CurvePoints + 1 + marked.Length);
        int at = gaps.Count - 1;
        foreach (double threshold in even.Concat(marked.ToArray().Where(t => t >= low && t <= high)).Order())
        {
            while (at > 0 && threshold >= gaps[at].Upper)
                at--;
            points.Add((threshold, gaps[at].Value));
        }
        return points.ToImmutable();
    }
}
