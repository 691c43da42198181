namespace Gradus.Metrics;

/// <summary>
/// What a second set of predictions gains over a first one on the same images: second minus first, with 95 % intervals by a paired
/// bootstrap. An image, or where there are groups a whole group, is drawn for both or for neither, so that what they share
/// cancels out.
/// </summary>
/// <param name="Qwk">Difference of the quadratic weighted kappas.</param>
/// <param name="Accuracy">Difference of the shares graded right.</param>
/// <param name="Mae">Difference of the mean absolute errors, in grades; below 0 the second is better.</param>
/// <param name="Auc">Difference of the AUCs; no value where one of them has none.</param>
public sealed record EvaluationDifference(Estimate Qwk, Estimate Accuracy, Estimate Mae, Estimate Auc)
{
    /// <summary>Measures and compares two sets of predictions for the same images in the same order.</summary>
    /// <param name="first">At least one image.</param>
    /// <param name="second">The same number of grades and the same true grades.</param>
    /// <param name="seed">Fixes the resamples.</param>
    /// <param name="resamples">At least 1.</param>
    /// <exception cref="ArgumentException">Other true grades.</exception>
    public static (Evaluation First, Evaluation Second, EvaluationDifference Difference) Compute(GradedImages first, GradedImages second, long seed, int resamples = CellBootstrap.Resamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (first.Grades != second.Grades || !first.Truth.AsSpan().SequenceEqual(second.Truth))
            throw new ArgumentException("the same images with the same true grades expected", nameof(second));
        int grades = first.Grades;
        var pairs = new PairedCells(first.Truth, first.Predicted, second.Predicted, grades, first.Groups);
        Estimate[] estimates = CellBootstrap.Estimates(pairs.Sample, OfMatrices, RandomStream.Create(seed, "paired bootstrap"), resamples);
        if (!first.Truth.Distinct().Skip(1).Any())
            estimates[0] = default;
        (Evaluation a, Evaluation b) = (Evaluation.Compute(first, seed, resamples), Evaluation.Compute(second, seed, resamples));
        Estimate auc = CellBootstrap.Interval(b.Auc.Value - a.Auc.Value ?? double.NaN, [.. b.AucReplicates.Zip(a.AucReplicates, (after, before) => after - before)], acceleration: 0);
        return (a, b, new EvaluationDifference(estimates[0], estimates[1], estimates[2], auc));

        double[] OfMatrices(int[] images)
        {
            (ConfusionMatrix ofFirst, ConfusionMatrix ofSecond) = pairs.Matrices(images);
            return [Kappa.Quadratic(ofSecond) - Kappa.Quadratic(ofFirst), ofSecond.Accuracy - ofFirst.Accuracy ?? double.NaN, ofSecond.MeanAbsoluteError - ofFirst.MeanAbsoluteError ?? double.NaN];
        }
    }
}
