namespace Gradus.Metrics;

/// <summary>
/// AUC, average precision and calibration, prepared once, so that a resample takes a few passes. Two grades are ranked by the score, more
/// by the probability of each grade; scores of more than two grades without probabilities rank nothing.
/// </summary>
internal sealed class ScoreFigures
{
    private readonly Ranking[] _rankings; // (K) or none
    private readonly CalibrationFigures? _calibration;

    public ScoreFigures(GradedImages images)
    {
        (int grades, int[] truth) = (images.Grades, images.Truth);
        Columns = grades == 2 && images.Scores is { } scores
            ? [[.. scores.Select(s => -s)], scores]
            : images.Probabilities is { } all ? [.. Enumerable.Range(0, grades).Select(k => truth.Select((_, i) => all[i * grades + k]).ToArray())] : [];
        _rankings = [.. Columns.Select((column, k) => new Ranking(column, i => truth[i] == k))];
        _calibration = images.Probabilities is { } probabilities ? new CalibrationFigures(probabilities, truth) : null;
    }

    /// <summary>(K) columns of (N) scores that speak for a grade, or none.</summary>
    public double[][] Columns { get; }

    /// <summary>
    /// AUC and average precision (of two grades those of the second, of more the mean over the grades that have one), the four figures of
    /// calibration, then AUC and average precision of each grade. NaN where undefined.
    /// </summary>
    public double[] Row(ushort[] times)
    {
        var areas = new double[_rankings.Length];
        var precisions = new double[_rankings.Length];
        for (int k = 0; k < areas.Length; k++)
            (areas[k], precisions[k]) = _rankings[k].Measure(times);
        (double, double, double, double) none = (double.NaN, double.NaN, double.NaN, double.NaN);
        (double ece, double classwise, double brier, double logLoss) = _calibration?.Measure(times) ?? none;
        bool two = areas.Length == 2;
        return [two ? areas[1] : Mean(areas), two ? precisions[1] : Mean(precisions), ece, classwise, brier, logLoss, .. areas, .. precisions];
    }

    private static double Mean(double[] values)
    {
        (double sum, int defined) = (0, 0);
        foreach (double value in values)
        {
            if (!double.IsNaN(value))
                (sum, defined) = (sum + value, defined + 1);
        }
        return sum / defined;
    }
}
