namespace Gradus.Grading;

/// <summary>The probabilities of the grades, from outputs that have gone through their link already, as a run keeps them.</summary>
public static class GradeProbabilities
{
    /// <summary>(N, K) the probabilities; null for regression, which has none.</summary>
    /// <param name="target">What the outputs are of.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="scores">(N, M) linked outputs.</param>
    /// <exception cref="ArgumentException">The target has another number of outputs.</exception>
    public static double[]? Of(Target target, GradeScale scale, GradedScores scores)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Columns != target.OutputCount(scale))
            throw new ArgumentException($"{target.OutputCount(scale)} outputs expected, {scores.Columns} given", nameof(scores));
        return target switch
        {
            RegressionTarget => null,
            BinaryTarget => [.. scores.Outputs.SelectMany(p => (double[])[1 - p, p])],
            { IsCumulative: true } => Cumulative(scores, scale.Count),
            _ => [.. scores.Outputs.Select(p => (double)p)],
        };
    }

    /// <summary>
    /// The probabilities of the grades from cumulative ones. The running minimum keeps them from being negative where outputs contradict each other.
    /// </summary>
    /// <param name="atLeast">(K-1) the probability of at least grade 1, 2 and so on.</param>
    /// <param name="probabilities">(K) takes the probability of each grade.</param>
    internal static void Split(ReadOnlySpan<double> atLeast, Span<double> probabilities)
    {
        double lowest = 1;
        for (int k = 0; k < atLeast.Length; k++)
        {
            double next = Math.Min(lowest, atLeast[k]);
            probabilities[k] = lowest - next;
            lowest = next;
        }
        probabilities[atLeast.Length] = lowest;
    }

    private static double[] Cumulative(GradedScores scores, int grades)
    {
        var probabilities = new double[scores.Rows * grades];
        for (int i = 0; i < scores.Rows; i++)
            Split([.. scores.Row(i)[^(grades - 1)..].ToArray().Select(p => (double)p)], probabilities.AsSpan(i * grades, grades));
        return probabilities;
    }
}
