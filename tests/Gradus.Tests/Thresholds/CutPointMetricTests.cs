using CsCheck;
using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Tests.Thresholds;

public sealed class CutPointMetricTests
{
    // As for QWK: few distinct scores, so that ties and grades that never occur are common.
    private static readonly Gen<(int Grades, int[] Truth, double[] Scores)> Cases =
        Gen.Int[2, 5].SelectMany(grades => Gen.Select(Gen.Int[0, grades - 1], Gen.Int[-3, 3 * grades], Gen.Int[0, 3]).Array[2, 10].Select(images =>
            (grades, images.Select(i => i.Item1).ToArray(), images.Select(i => i.Item3 == 0 ? i.Item2 / 2.0 : (i.Item1 * 3 + i.Item2 / 3) / 3.0).ToArray())));

    [Theory]
    [InlineData(ThresholdMetric.Qwk)]
    [InlineData(ThresholdMetric.LinearKappa)]
    [InlineData(ThresholdMetric.Kappa)]
    [InlineData(ThresholdMetric.Accuracy)]
    public void The_optimum_of_every_metric_is_that_of_all_positions_of_all_cut_points(ThresholdMetric metric) => Cases.Sample(c =>
    {
        if (c.Truth.Distinct().Count() == 1)
            return;
        double[] cuts = [.. CutPointFit.Fit(c.Scores, c.Truth, c.Grades, new CutPointOptions { Metric = metric })];
        double[] values = [.. c.Scores.Distinct().Order()];
        double[] places = [values[0] - 1, .. values];
        Assert.Equal(BestOf(new double[c.Grades - 1], 0, 0), Value(cuts), 1e-12);
        Assert.Equal(Value(cuts), new CutPointSearch(ScoreGroups.Of(c.Scores, c.Truth), c.Grades, metric).Value(cuts), 1e-12);
        for (int k = 1; k < cuts.Length; k++)
            Assert.True(cuts[k] > cuts[k - 1], string.Join(", ", cuts));

        double Value(double[] tried) => metric.Of(ConfusionMatrix.Of(c.Truth, [.. c.Scores.Select(s => CutPointFit.Grade(s, tried))], c.Grades));

        double BestOf(double[] tried, int k, int from)
        {
            if (k == tried.Length)
                return Value(tried);
            double best = double.NegativeInfinity;
            for (int at = from; at < places.Length; at++)
            {
                tried[k] = places[at];
                best = Math.Max(best, BestOf(tried, k + 1, at));
            }
            return best;
        }
    }, iter: 2000);

    [Theory]
    [InlineData(ThresholdMetric.Qwk)]
    [InlineData(ThresholdMetric.LinearKappa)]
    [InlineData(ThresholdMetric.Kappa)]
    [InlineData(ThresholdMetric.Accuracy)]
    public void Within_bounds_the_optimum_is_that_of_all_positions_within_them(ThresholdMetric metric) => Cases.Select(Gen.OneOf(Gen.Const(new ThresholdBounds(0.2, 0.8)), Gen.Const(new ThresholdBounds(0, 1)), Gen.Const(new ThresholdBounds(0.5, 2 / 3.0)))).Sample(c =>
    {
        ((int grades, int[] truth, double[] scores), ThresholdBounds bounds) = c;
        if (truth.Distinct().Count() == 1)
            return;
        double[] cuts = [.. CutPointFit.Fit(scores, truth, grades, new CutPointOptions { Metric = metric, Bounds = bounds })];
        Assert.Equal(BestOf(new double[grades - 1], 0), Value(cuts), 1e-12);
        for (int k = 0; k < cuts.Length; k++)
            Assert.InRange(cuts[k], k + bounds.Low, k + bounds.High);

        double Value(double[] tried) => metric.Of(ConfusionMatrix.Of(truth, [.. scores.Select(s => CutPointFit.Grade(s, tried))], grades));

        double BestOf(double[] tried, int k)
        {
            if (k == tried.Length)
                return Value(tried);
            double best = double.NegativeInfinity, low = k + bounds.Low, high = k + bounds.High;
            foreach (double at in (double[])[low, .. scores.Distinct().Where(s => s > low && s <= high)])
            {
                tried[k] = at;
                best = Math.Max(best, BestOf(tried, k + 1));
            }
            return best;
        }
    }, iter: 2000);

    [Fact]
    public void Each_metric_is_best_at_its_own_cut_points()
    {
        // Frequent mild grades and scores that often miss by one or two.
        Random random = RandomStream.Create(8, "test");
        int[] truth = [.. Enumerable.Range(0, 400).Select(i => i % 10 < 6 ? 0 : i % 5)];
        double[] scores = [.. truth.Select(t => t + 2 * (random.NextDouble() + random.NextDouble() - 1))];
        ThresholdMetric[] metrics = Enum.GetValues<ThresholdMetric>();
        ConfusionMatrix[] at = [.. metrics.Select(m => ConfusionMatrix.Of(truth, Grades(m), 5))];
        for (int own = 0; own < metrics.Length; own++)
            Assert.All(at, other => Assert.True(metrics[own].Of(at[own]) >= metrics[own].Of(other)));
        Assert.NotEqual(Grades(ThresholdMetric.Qwk), Grades(ThresholdMetric.Accuracy));

        int[] Grades(ThresholdMetric metric)
        {
            double[] cuts = [.. CutPointFit.Fit(scores, truth, 5, new CutPointOptions { Metric = metric })];
            return [.. scores.Select(s => CutPointFit.Grade(s, cuts))];
        }
    }
}
