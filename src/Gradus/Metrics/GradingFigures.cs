using System.Collections.Immutable;
using MathNet.Numerics.Distributions;

namespace Gradus.Metrics;

/// <summary>How often a grade is true, and how often it is predicted.</summary>
/// <param name="Grade">0 to K-1.</param>
/// <param name="True">Its share of the true grades, 0 to 1.</param>
/// <param name="Predicted">Its share of the predictions, 0 to 1.</param>
/// <param name="Low">Lower end of the 95 % interval of the true share (Wilson 1927).</param>
/// <param name="High">Upper end of the 95 % interval of the true share.</param>
public sealed record GradeShare(int Grade, double True, double Predicted, double Low, double High)
{
    private const double Confidence = 0.95;

    /// <summary>The share of a grade among so many images.</summary>
    /// <param name="grade">0 to K-1.</param>
    /// <param name="truth">Images of the grade.</param>
    /// <param name="predicted">Images predicted as the grade.</param>
    /// <param name="images">All images, at least 1.</param>
    public static GradeShare Of(int grade, int truth, int predicted, int images)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        double z = Normal.InvCDF(0, 1, (1 + Confidence) / 2), n = images, share = truth / n;
        double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
        double half = z / (1 + z * z / n) * Math.Sqrt(share * (1 - share) / n + z * z / (4 * n * n));
        return new GradeShare(grade, share, predicted / n, Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}

/// <summary>What a set of thresholds does beside its QWK, so that nothing is traded for it unseen.</summary>
/// <param name="Qwk">Quadratic weighted kappa; null where all images have one true grade.</param>
/// <param name="Accuracy">Share of images graded right, 0 to 1.</param>
/// <param name="Mae">Mean absolute error in grades.</param>
/// <param name="MacroF1">Mean F1 over the grades that occur or are predicted, as scikit-learn has it.</param>
/// <param name="MacroGrades">How many grades that is.</param>
/// <param name="Shares">(K) how often each grade is true and predicted.</param>
public sealed record GradingFigures(double? Qwk, double Accuracy, double Mae, double MacroF1, int MacroGrades, ImmutableArray<GradeShare> Shares)
{
    /// <summary>The figures of a confusion matrix of at least one image.</summary>
    public static GradingFigures Of(ConfusionMatrix matrix) => new(
        Kappa.QuadraticOrNone(matrix),
        matrix.Accuracy!.Value,
        matrix.MeanAbsoluteError!.Value,
        matrix.MacroF1,
        matrix.CountedGrades,
        [.. Enumerable.Range(0, matrix.Grades).Select(k => GradeShare.Of(k, matrix.Support[k], matrix.Predicted[k], matrix.Total))]);
}
