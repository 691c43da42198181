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

    // As the link has it: outputs that contradict each other count as the lowest before them.
    private static double[] Cumulative(GradedScores scores, int grades)
    {
        int first = scores.Columns - (grades - 1);
        var probabilities = new double[scores.Rows * grades];
        for (int i = 0; i < scores.Rows; i++)
        {
            ReadOnlySpan<float> row = scores.Row(i);
            double lowest = 1;
            for (int k = first; k < scores.Columns; k++)
            {
                double next = Math.Min(lowest, row[k]);
                probabilities[i * grades + k - first] = lowest - next;
                lowest = next;
            }
            probabilities[i * grades + grades - 1] = lowest;
        }
        return probabilities;
    }
}
