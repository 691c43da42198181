using System.Collections.Immutable;
using Gradus.Metrics;
using Gradus.Predictions;

namespace Gradus.Thresholds;

/// <summary>The metric on images that the cut points were not fitted on.</summary>
/// <param name="Mean">Of all images, each graded at the cut points of the folds that it is not in.</param>
/// <param name="Low">Lower end of its 95 % bootstrap interval over images.</param>
/// <param name="High">Upper end of its 95 % bootstrap interval over images.</param>
public sealed record CrossFittedValue(double Mean, double Low, double High);

/// <summary>Where one cut point can lie, all others being at the optimum, with at most <see cref="CutPointReport.Tolerance"/> less of the metric.</summary>
/// <param name="Low">From here on.</param>
/// <param name="High">Up to, but not including, here.</param>
public sealed record Plateau(double Low, double High);

/// <summary>What moving one cut point does, all others being at the optimum.</summary>
/// <param name="Points">(threshold, metric), rising in the threshold, between the neighbouring cut points.</param>
/// <param name="OptimumValue">The metric where it is at its optimum.</param>
public sealed record CutPointCurve(ImmutableArray<(double Threshold, double Value)> Points, double OptimumValue);

/// <summary>Cut points for scores, and whether they are worth having.</summary>
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

    /// <summary>(K-1) the chosen cut points, rising.</summary>
    public required ImmutableArray<double> Thresholds { get; init; }

    /// <summary>(K-1) the cut points with the highest metric on these images, rising.</summary>
    public required ImmutableArray<double> Optimum { get; init; }

    /// <summary>The metric at the default cut points 0.5, 1.5 and so on.</summary>
    public required double DefaultValue { get; init; }

    /// <summary>The metric of the chosen cut points on the images that they were fitted on, which flatters them.</summary>
    public required double InSampleValue { get; init; }

    /// <summary>The metric of cut points chosen in the same way on other images.</summary>
    public required CrossFittedValue CrossFitted { get; init; }

    /// <summary>95 % bootstrap interval over images of what cross-fitted cut points gain over the default ones, image by image.</summary>
    public required ConfidenceInterval Gain { get; init; }

    /// <summary>(K-1) how far each cut point can move.</summary>
    public required ImmutableArray<Plateau> Plateaus { get; init; }

    /// <summary>(K-1) the metric against each cut point.</summary>
    public required ImmutableArray<CutPointCurve> Curves { get; init; }

    /// <summary>Chooses cut points and measures them. The same arguments give the same bits on any number of threads.</summary>
    /// <exception cref="GradusException">One grade or one score only, or fewer images than folds.</exception>
    /// <exception cref="ArgumentException">An option out of range.</exception>
    public static CutPointReport Create(ScoreTable table, CutPointOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Folds, 2, nameof(options));
        Check(table, options);
        (int grades, ImmutableArray<int> truth) = (table.Grades, table.Truth);
        double[] chosen = [.. CutPointFit.Fit(table.Scores.AsSpan(), truth.AsSpan(), grades, options)];
        var search = new CutPointSearch(ScoreGroups.Of(table.Scores.AsSpan(), truth.AsSpan()), grades, options.Metric);
        double[] usual = CutPointSearch.Usual(grades);
        double[] optimum = options.Choice == CutPointChoice.Optimum ? chosen : search.Tune();
        List<Gap>[] sweeps = [.. Enumerable.Range(0, grades - 1).Select(k => search.Sweep(optimum, k))];
        double best = search.Value(optimum);

        int[] crossFitted = CrossFitting.Grades(table, options);
        ConfusionMatrix matrix = ConfusionMatrix.Of(truth.AsSpan(), crossFitted, grades);
        ConfidenceInterval interval = Bootstrap.Interval(matrix, m => options.Metric.Of(m), RandomStream.Create(options.Seed, "cross-fitted QWK"));
        return new CutPointReport
        {
            Images = truth.Length,
            Grades = grades,
            Options = options,
            Thresholds = [.. chosen],
            Optimum = [.. optimum],
            DefaultValue = search.Value(usual),
            InSampleValue = search.Value(chosen),
            CrossFitted = new CrossFittedValue(options.Metric.Of(matrix), interval.Low, interval.High),
            Gain = PairedDifference.Of(truth, [.. table.Scores.Select(score => CutPointFit.Grade(score, usual))], crossFitted, grades, matrix => options.Metric.Of(matrix), RandomStream.Create(options.Seed, "gain of tuning")).Interval,
            Plateaus = [.. sweeps.Select((gaps, k) => PlateauAround(optimum[k], gaps, best))],
            Curves = [.. sweeps.Select(gaps => new CutPointCurve(Thin(gaps), best))],
        };
    }

    private static void Check(ScoreTable table, CutPointOptions options)
    {
        if (table.Truth.Length < options.Folds)
            throw new GradusException($"{options.Folds} folds need at least as many images", table.Source, $"{table.Truth.Length}", "Use fewer --folds, or more images", Fault.Request);
        if (table.Truth.Distinct().Take(2).Count() == 1)
            throw new GradusException("all images have one grade, so there is nothing to tune", table.Source, $"grade {table.Truth[0]} only", "Check the column of the grades, or give images of other grades too", Fault.Request);
        if (table.Scores.Distinct().Take(2).Count() == 1)
            throw new GradusException("all images have the same score, which no cut point can tell apart", table.Source, FormattableString.Invariant($"{table.Scores[0]}"), "Check the column of the scores", Fault.Request);
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

    private static ImmutableArray<(double Threshold, double Value)> Thin(List<Gap> gaps)
    {
        (double low, double high) = (gaps[^1].Lower, gaps[0].Upper);
        var points = ImmutableArray.CreateBuilder<(double, double)>(CurvePoints + 1);
        int at = gaps.Count - 1;
        for (int i = 0; i <= CurvePoints; i++)
        {
            double threshold = low + (high - low) * i / CurvePoints;
            while (at > 0 && threshold >= gaps[at].Upper)
                at--;
            points.Add((threshold, gaps[at].Value));
        }
        return points.ToImmutable();
    }
}
