using System.Collections.Immutable;
using Gradus.Grading;

namespace Gradus.Torch.Prediction;

/// <summary>The logits of every view of a set of images, and what they come to.</summary>
/// <param name="target">Whose link it is.</param>
/// <param name="views">(V) logits (N, M) of each view, the images in the same order.</param>
internal sealed class ViewScores(Target target, IReadOnlyList<Logits> views)
{
    /// <summary>One score an image.</summary>
    public GradedScores Average(ViewAverage average) => (views.Count, average) switch
    {
        (1, _) => target.Link(views[0]),
        (_, ViewAverage.Logits) => target.Link(MeanLogits()),
        (_, ViewAverage.Ranks) => target.Link(RankedLogits()),
        _ => MeanOf([.. views.Select(target.Link)]),
    };

    /// <summary>(N) standard deviation of each image's score over its views; none where there is one view.</summary>
    public ImmutableArray<double> Spread()
    {
        if (views.Count == 1)
            return [];
        GradedScores[] linked = [.. views.Select(target.Link)];
        return [.. Enumerable.Range(0, linked[0].Rows).Select(i => Deviation([.. linked.Select(s => s.Score[i])]))];
    }

    private Logits MeanLogits() => new(views[0].Rows, views[0].Columns, Mean([.. views.Select(v => v.Values)]));

    // Each output by itself: the image's mean place over the views decides which of the sorted mean logits it takes.
    private Logits RankedLogits()
    {
        Logits mean = MeanLogits();
        (int rows, int columns) = (mean.Rows, mean.Columns);
        var values = new float[rows * columns];
        for (int k = 0; k < columns; k++)
        {
            var places = new double[rows];
            foreach (Logits view in views)
            {
                double[] own = Places(Column(view, k));
                for (int i = 0; i < rows; i++)
                    places[i] += own[i];
            }
            double[] sorted = Column(mean, k);
            Array.Sort(sorted);
            double[] last = Places(places);
            for (int i = 0; i < rows; i++)
                values[i * columns + k] = (float)((sorted[(int)Math.Floor(last[i])] + sorted[(int)Math.Ceiling(last[i])]) / 2);
        }
        return new Logits(rows, columns, values);
    }

    private static GradedScores MeanOf(GradedScores[] linked) => new(
        linked[0].Rows,
        linked[0].Columns,
        Mean([.. linked.Select(s => s.Outputs)]),
        Mean([.. linked.Select(s => s.Score)]),
        linked[0].Probabilities is null ? null : Mean([.. linked.Select(s => s.Probabilities!)]));

    // From the first value on, so that the mean of equal numbers is that number and their deviation zero, to the bit.
    private static double[] Mean(double[][] views) => [.. views[0].Select((first, i) => first + views.Sum(v => v[i] - first) / views.Length)];

    private static float[] Mean(float[][] views) => [.. views[0].Select((first, i) => (float)(first + views.Sum(v => (double)v[i] - first) / views.Length))];

    private static double Deviation(double[] values)
    {
        double shift = values.Average(v => v - values[0]);
        return Math.Sqrt(values.Average(v => (v - values[0] - shift) * (v - values[0] - shift)));
    }

    private static double[] Column(Logits logits, int k) => [.. Enumerable.Range(0, logits.Rows).Select(i => (double)logits.Values[i * logits.Columns + k])];

    /// <summary>(N) places from 0, equal values sharing the middle of theirs.</summary>
    private static double[] Places(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort([.. values], order);
        var places = new double[values.Length];
        for (int i = 0; i < order.Length;)
        {
            int from = i;
            while (i < order.Length && values[order[i]] == values[order[from]])
                i++;
            for (int j = from; j < i; j++)
                places[order[j]] = (from + i - 1) / 2.0;
        }
        return places;
    }
}
