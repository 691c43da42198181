using System.Collections.Immutable;

namespace Gradus.Thresholds;

/// <summary>Cut points from scores and true grades. A score above k of the K-1 cut points has grade k.</summary>
public static class CutPointFit
{
    /// <summary>The cut points halfway between grades: 0.5, 1.5 and so on, (K-1).</summary>
    public static ImmutableArray<double> Default(int grades) => [.. CutPointSearch.Usual(grades)];

    /// <summary>The chosen cut points, (K-1), rising. The same arguments give the same bits on any number of threads.</summary>
    /// <param name="scores">(N) finite.</param>
    /// <param name="truth">(N) true grades, 0 to K-1; where only one occurs, the default cut points are the result.</param>
    /// <param name="grades">K, at least 2.</param>
    /// <param name="options">The choice, its strength and its seed.</param>
    /// <exception cref="ArgumentException">No images, lengths that differ, a score that is not finite or a grade outside the scale.</exception>
    public static ImmutableArray<double> Fit(ReadOnlySpan<double> scores, ReadOnlySpan<int> truth, int grades, CutPointOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grades, 2);
        if (scores.Length != truth.Length || scores.IsEmpty)
            throw new ArgumentException($"as many scores as grades expected, and at least one: {scores.Length} and {truth.Length} given", nameof(scores));
        for (int i = 0; i < scores.Length; i++)
        {
            if (!double.IsFinite(scores[i]) || (uint)truth[i] >= (uint)grades)
                throw new ArgumentException($"finite scores and grades 0 to {grades - 1} expected; at {i} they are {scores[i]} and {truth[i]}", nameof(scores));
        }
        return [.. Choose(ScoreGroups.Of(scores, truth), grades, options, place: 0)];
    }

    /// <summary>The grade of a score: the number of cut points that it lies above.</summary>
    public static int Grade(double score, ReadOnlySpan<double> cuts)
    {
        int k = 0;
        while (k < cuts.Length && score > cuts[k])
            k++;
        return k;
    }

    /// <summary>The chosen cut points; the place keeps the random numbers of several fits of one seed apart.</summary>
    internal static double[] Choose(ScoreGroups groups, int grades, CutPointOptions options, int place) => options.Choice switch
    {
        CutPointChoice.Shrunk => Shrunk(new CutPointSearch(groups, grades, options.Metric).Tune(), options.Shrink),
        CutPointChoice.Bootstrap => BootstrapMedian(groups, grades, options, place),
        _ => new CutPointSearch(groups, grades, options.Metric).Tune(),
    };

    // Between two rising rows lie only rising rows, so the order needs no care.
    private static double[] Shrunk(double[] cuts, double shrink)
    {
        if (shrink is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(shrink), shrink, "0 to 1 expected");
        return [.. cuts.Zip(CutPointSearch.Usual(cuts.Length + 1), (cut, usual) => usual + (1 - shrink) * (cut - usual))];
    }

    // Each resample has a stream of its own, so that it does not matter which thread takes it. Medians of rising rows rise.
    private static double[] BootstrapMedian(ScoreGroups groups, int grades, CutPointOptions options, int place)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Resamples, 1, nameof(options));
        var cuts = new double[options.Resamples][];
        Parallel.For(0, cuts.Length, b => cuts[b] = new CutPointSearch(groups.Resample(RandomStream.Create(options.Seed, "cut points", place, b)), grades, options.Metric).Tune());
        return [.. Enumerable.Range(0, grades - 1).Select(k => Median([.. cuts.Select(c => c[k])]))];
    }

    internal static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
