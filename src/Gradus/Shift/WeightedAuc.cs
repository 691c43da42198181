namespace Gradus.Shift;

/// <summary>How well two sets are told apart.</summary>
/// <param name="Auc">The chance that an image of the one set scores above one of the other; 0.5 where they are alike.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end.</param>
public readonly record struct AucInterval(double Auc, double Low, double High)
{
    /// <summary>True where all of the interval is above 0.5: better than guessing.</summary>
    internal bool BeatsGuessing => Low > 0.5;
}

/// <summary>AUC with weights, and its interval by the placements of each image (DeLong, DeLong and Clarke-Pearson 1988).</summary>
internal static class WeightedAuc
{
    private const double Normal95 = 1.959964;

    /// <summary>Compares (N) scores of which some are positive.</summary>
    public static AucInterval Of(double[] scores, bool[] positive, double[] weights)
    {
        double auc = 0;
        double[] placed = Placements(scores, positive, weights);
        (double positives, double negatives) = (Mass(true), Mass(false));
        for (int i = 0; i < scores.Length; i++)
            auc += positive[i] ? weights[i] / positives * placed[i] : 0;
        double variance = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            double share = weights[i] / (positive[i] ? positives : negatives), off = placed[i] - auc;
            variance += share * share * off * off;
        }
        double reach = Normal95 * Math.Sqrt(variance);
        return new AucInterval(auc, Math.Max(0, auc - reach), Math.Min(1, auc + reach));

        double Mass(bool side) => Enumerable.Range(0, scores.Length).Where(i => positive[i] == side).Sum(i => weights[i]);
    }

    // Of a positive the share of negatives below it, of a negative the share of positives above it, ties half.
    private static double[] Placements(double[] scores, bool[] positive, double[] weights)
    {
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderBy(i => scores[i])];
        (double allPositive, double allNegative) = (0, 0);
        for (int i = 0; i < scores.Length; i++)
        {
            if (positive[i])
                allPositive += weights[i];
            else
                allNegative += weights[i];
        }
        var placed = new double[scores.Length];
        (double positivesBelow, double negativesBelow) = (0, 0);
        for (int from = 0; from < order.Length;)
        {
            int to = from;
            (double tiedPositive, double tiedNegative) = (0, 0);
            for (; to < order.Length && scores[order[to]] == scores[order[from]]; to++)
            {
                if (positive[order[to]])
                    tiedPositive += weights[order[to]];
                else
                    tiedNegative += weights[order[to]];
            }
            for (; from < to; from++)
            {
                placed[order[from]] = positive[order[from]]
                    ? (negativesBelow + tiedNegative / 2) / allNegative
                    : (allPositive - positivesBelow - tiedPositive / 2) / allPositive;
            }
            (positivesBelow, negativesBelow) = (positivesBelow + tiedPositive, negativesBelow + tiedNegative);
        }
        return placed;
    }
}
