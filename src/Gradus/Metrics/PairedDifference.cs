namespace Gradus.Metrics;

/// <summary>The difference of a metric between two gradings of the same images.</summary>
internal static class PairedDifference
{
    /// <summary>
    /// The second grading's figure minus the first's, with its 95 % percentile bootstrap interval over images. Both gradings of an image are drawn
    /// together: what they share cancels out, and the interval is that of their difference.
    /// </summary>
    /// <param name="truth">(N) true grades, 0 to K-1; at least one.</param>
    /// <param name="first">(N) predicted grades.</param>
    /// <param name="second">(N) predicted grades.</param>
    /// <param name="grades">K.</param>
    /// <param name="figure">For example <see cref="Kappa.Quadratic"/>.</param>
    /// <param name="random">Decides the interval.</param>
    /// <param name="groups">(N) groups that are drawn as a whole, or null.</param>
    public static (double Value, ConfidenceInterval Interval) Of(
        IReadOnlyList<int> truth, int[] first, int[] second, int grades, Func<ConfusionMatrix, double> figure, Random random, int[]? groups = null)
    {
        var pairs = new PairedCells(truth, first, second, grades, groups);
        return (Difference([.. pairs.Sample.Counts]), Bootstrap.Interval(pairs.Sample, Difference, random));

        double Difference(int[] images)
        {
            (ConfusionMatrix before, ConfusionMatrix after) = pairs.Matrices(images);
            return figure(after) - figure(before);
        }
    }
}
