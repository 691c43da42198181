namespace Gradus.Metrics;

/// <summary>
/// What a second set of predictions gains over a first one on the same images: second minus first, with 95 % intervals by a paired
/// bootstrap. An image is drawn for both or for neither, so that what they share cancels out.
/// </summary>
/// <param name="Qwk">Difference of the quadratic weighted kappas.</param>
/// <param name="Accuracy">Difference of the shares graded right.</param>
/// <param name="Mae">Difference of the mean absolute errors, in grades; below 0 the second is better.</param>
/// <param name="Auc">Difference of the AUCs; no value where one of them has none.</param>
public sealed record EvaluationDifference(Estimate Qwk, Estimate Accuracy, Estimate Mae, Estimate Auc)
{
    /// <summary>Compares two sets of predictions for the same images in the same order.</summary>
    /// <param name="first">At least one image.</param>
    /// <param name="second">The same number of grades and the same true grades.</param>
    /// <param name="seed">Fixes the resamples.</param>
    /// <param name="resamples">At least 1.</param>
    /// <exception cref="ArgumentException">Other true grades.</exception>
    public static EvaluationDifference Compute(GradedImages first, GradedImages second, long seed, int resamples = CellBootstrap.Resamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (first.Grades != second.Grades || !first.Truth.AsSpan().SequenceEqual(second.Truth))
            throw new ArgumentException("the same images with the same true grades expected", nameof(second));
        int grades = first.Grades;
        var kinds = Enumerable.Range(0, first.Count).GroupBy(i => (Truth: first.Truth[i], First: first.Predicted[i], Second: second.Predicted[i]))
            .OrderBy(kind => kind.Key).Select(kind => (kind.Key, Images: kind.Count())).ToArray();
        Estimate[] estimates = CellBootstrap.Estimates([.. kinds.Select(kind => kind.Images)], OfMatrices, RandomStream.Create(seed, "paired bootstrap"), resamples);
        return new EvaluationDifference(estimates[0], estimates[1], estimates[2], OfAuc(first, second, seed, resamples));

        double[] OfMatrices(int[] images)
        {
            var before = new int[grades * grades];
            var after = new int[grades * grades];
            for (int i = 0; i < images.Length; i++)
            {
                before[kinds[i].Key.Truth * grades + kinds[i].Key.First] += images[i];
                after[kinds[i].Key.Truth * grades + kinds[i].Key.Second] += images[i];
            }
            var a = new ConfusionMatrix(grades, before);
            var b = new ConfusionMatrix(grades, after);
            return [Kappa.Quadratic(b) - Kappa.Quadratic(a), b.Accuracy - a.Accuracy ?? double.NaN, b.MeanAbsoluteError - a.MeanAbsoluteError ?? double.NaN];
        }
    }

    private static Estimate OfAuc(GradedImages first, GradedImages second, long seed, int resamples)
    {
        (var a, var b) = (new ScoreFigures(first), new ScoreFigures(second));
        if (a.Columns.Length == 0 || b.Columns.Length == 0)
            return default;
        var once = new ushort[first.Count];
        Array.Fill(once, (ushort)1);
        double[][] replicates = ImageBootstrap.Replicates(first.Count, times => [b.Auc(times) - a.Auc(times)], seed, resamples);
        return CellBootstrap.Interval(b.Auc(once) - a.Auc(once), replicates[0], acceleration: 0);
    }
}
