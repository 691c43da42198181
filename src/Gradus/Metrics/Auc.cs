namespace Gradus.Metrics;

/// <summary>
/// Area under the receiver operating characteristic: the chance that a positive scores above a negative, ties counting half
/// (Mann and Whitney 1947; Hanley and McNeil 1982). Exact, by counting pairs.
/// </summary>
public static class Auc
{
    /// <summary>AUC of (N) scores, 0 to 1; null where there are no positives, no negatives, or a score is not a number.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double? Binary(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positives)
    {
        if (scores.Length != positives.Length)
            throw new ArgumentException($"a score for each image expected: {scores.Length} scores, {positives.Length} images", nameof(positives));
        double[] sorted = scores.ToArray();
        bool[] positive = positives.ToArray();
        Array.Sort(sorted, positive); // NaN sorts first
        if (sorted.Length == 0 || double.IsNaN(sorted[0]))
            return null;

        long won = 0; // twice the number of pairs that the positive wins, so that half a pair is a whole number
        long negatives = 0;
        for (int i = 0; i < sorted.Length;)
        {
            long tiedPositives = 0;
            int start = i;
            for (double value = sorted[i]; i < sorted.Length && sorted[i] == value; i++)
                tiedPositives += positive[i] ? 1 : 0;
            long tiedNegatives = i - start - tiedPositives;
            won += tiedPositives * (2 * negatives + tiedNegatives);
            negatives += tiedNegatives;
        }
        long pairs = negatives * (sorted.Length - negatives);
        return pairs == 0 ? null : (double)won / (2 * pairs);
    }

    /// <summary>
    /// Mean over grades of the AUC of a grade's probability against all other grades. Grades without an image (or without any
    /// other grade beside them) have no AUC and are left out of the mean.
    /// </summary>
    /// <param name="probabilities">(N, K) row-major, 0 to 1.</param>
    /// <param name="truth">(N) true grades, 0 to K-1.</param>
    /// <returns>0 to 1; null where fewer than two grades occur or a probability is not a number.</returns>
    /// <exception cref="ArgumentException">The number of probabilities is no multiple of N.</exception>
    public static double? MacroOneVsRest(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> truth)
    {
        if (truth.IsEmpty)
            return null;
        if (probabilities.Length % truth.Length != 0)
            throw new ArgumentException($"K probabilities an image expected: {probabilities.Length} for {truth.Length} images", nameof(probabilities));
        int grades = probabilities.Length / truth.Length;
        double sum = 0;
        int defined = 0;
        var column = new double[truth.Length];
        var positive = new bool[truth.Length];
        for (int k = 0; k < grades; k++)
        {
            for (int i = 0; i < truth.Length; i++)
                (column[i], positive[i]) = (probabilities[i * grades + k], truth[i] == k);
            if (column.Any(double.IsNaN))
                return null;
            if (Binary(column, positive) is { } area)
            {
                sum += area;
                defined++;
            }
        }
        return defined == 0 ? null : sum / defined;
    }
}
