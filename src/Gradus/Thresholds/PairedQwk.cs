using Gradus.Metrics;

namespace Gradus.Thresholds;

/// <summary>The difference of QWK between two gradings of the same images.</summary>
internal static class PairedQwk
{
    /// <summary>
    /// 95 % bootstrap interval over images of the second grading's QWK minus the first's. Both gradings of an image are drawn together:
    /// what they share cancels out, and the interval is that of their difference.
    /// </summary>
    public static ConfidenceInterval Interval(IReadOnlyList<int> truth, int[] first, int[] second, Random random, int resamples, out double difference)
    {
        var kinds = Enumerable.Range(0, first.Length).GroupBy(i => (Truth: truth[i], First: first[i], Second: second[i])).OrderBy(kind => kind.Key).Select(kind => (kind.Key, Images: kind.Count())).ToArray();
        int[] counts = [.. kinds.Select(kind => kind.Images)];
        difference = Difference(counts);
        return Bootstrap.Interval(counts, Difference, random, resamples);

        double Difference(int[] images)
        {
            QwkSums before = default, after = default;
            for (int i = 0; i < images.Length; i++)
            {
                before.Add(kinds[i].Key.Truth, kinds[i].Key.First, images[i]);
                after.Add(kinds[i].Key.Truth, kinds[i].Key.Second, images[i]);
            }
            return after.Value - before.Value;
        }
    }
}
