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
    public static (double Value, ConfidenceInterval Interval) Of(IReadOnlyList<int> truth, int[] first, int[] second, int grades, Func<ConfusionMatrix, double> figure, Random random)
    {
        var kinds = Enumerable.Range(0, first.Length).GroupBy(i => (Truth: truth[i], First: first[i], Second: second[i])).OrderBy(kind => kind.Key).Select(kind => (kind.Key, Images: kind.Count())).ToArray();
        int[] counts = [.. kinds.Select(kind => kind.Images)];
        return (Difference(counts), Bootstrap.Interval(counts, Difference, random));

        double Difference(int[] images)
        {
            (var before, var after) = (new int[grades * grades], new int[grades * grades]);
            for (int i = 0; i < images.Length; i++)
            {
                before[kinds[i].Key.Truth * grades + kinds[i].Key.First] += images[i];
                after[kinds[i].Key.Truth * grades + kinds[i].Key.Second] += images[i];
            }
            return figure(new ConfusionMatrix(grades, after)) - figure(new ConfusionMatrix(grades, before));
        }
    }
}
