using CsCheck;
using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Tests.Thresholds;

public sealed class CutPointSearchTests
{
    // Few distinct scores, so that ties are common; grades that never occur are common too. Scores may have nothing to do with grades.
    private static readonly Gen<(int Grades, int[] Truth, double[] Scores)> Cases =
        Gen.Int[2, 5].SelectMany(grades => Gen.Select(Gen.Int[0, grades - 1], Gen.Int[-3, 3 * grades], Gen.Int[0, 3]).Array[1, 11].Select(images =>
            (grades, images.Select(i => i.Item1).ToArray(), images.Select(i => i.Item3 == 0 ? i.Item2 / 2.0 : (i.Item1 * 3 + i.Item2 / 3) / 3.0).ToArray())));

    [Fact]
    public void The_optimum_is_that_of_all_positions_of_all_cut_points() => Cases.Sample(c =>
    {
        double[] cuts = [.. CutPointFit.Fit(c.Scores, c.Truth, c.Grades, new CutPointOptions())];
        if (c.Truth.Distinct().Count() == 1)
        {
            Assert.Equal(CutPointFit.Default(c.Grades), cuts);
            return;
        }
        double[] values = [.. c.Scores.Distinct().Order()];
        double[] places = [values[0] - 1, .. values];
        Assert.Equal(BestOf(new double[c.Grades - 1], 0, 0), Qwk(c.Truth, c.Scores, cuts), 1e-12);

        double BestOf(double[] tried, int k, int from)
        {
            if (k == tried.Length)
                return Qwk(c.Truth, c.Scores, tried);
            double best = double.NegativeInfinity;
            for (int at = from; at < places.Length; at++)
            {
                tried[k] = places[at];
                best = Math.Max(best, BestOf(tried, k + 1, at));
            }
            return best;
        }
    }, iter: 4000);

    [Fact]
    public void Every_choice_gives_rising_cut_points() => Cases.Sample(c =>
    {
        foreach (CutPointChoice choice in Enum.GetValues<CutPointChoice>())
        {
            double[] cuts = [.. CutPointFit.Fit(c.Scores, c.Truth, c.Grades, new CutPointOptions { Choice = choice, Resamples = 8, Shrink = 0.3 })];
            Assert.Equal(c.Grades - 1, cuts.Length);
            for (int k = 1; k < cuts.Length; k++)
                Assert.True(cuts[k] > cuts[k - 1], $"{choice}: {string.Join(", ", cuts)}");
        }
    }, iter: 500);

    [Fact]
    public void Shrinking_goes_from_the_optimum_to_the_default()
    {
        (int[] truth, double[] scores) = CutPointReportTests.Population(300, seed: 4);
        double[] optimum = Shrunk(0), half = Shrunk(0.5);
        Assert.Equal(CutPointFit.Fit(scores, truth, 5, new CutPointOptions()), optimum);
        Assert.Equal(CutPointFit.Default(5), Shrunk(1));
        for (int k = 0; k < 4; k++)
            Assert.Equal((optimum[k] + k + 0.5) / 2, half[k], 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => Shrunk(1.1));

        double[] Shrunk(double by) => [.. CutPointFit.Fit(scores, truth, 5, new CutPointOptions { Choice = CutPointChoice.Shrunk, Shrink = by })];
    }

    [Fact]
    public void Bootstrap_medians_are_the_same_on_one_thread_and_on_many_and_follow_the_seed()
    {
        (int[] truth, double[] scores) = CutPointReportTests.Population(200, seed: 5);
        double[] parallel = [.. CutPointFit.Fit(scores, truth, 5, Options(1))];
        Assert.Equal(parallel, CutPointFit.Fit(scores, truth, 5, Options(1)));
        Assert.NotEqual(parallel, CutPointFit.Fit(scores, truth, 5, Options(2)));
        // The same by hand, one resample after the other, from the last to the first.
        var groups = ScoreGroups.Of(scores, truth);
        var cuts = new double[51][];
        for (int b = 50; b >= 0; b--)
            cuts[b] = new CutPointSearch(groups.Resample(RandomStream.Create(1, "cut points", 0, b)), 5).Tune();
        Assert.Equal(parallel, Enumerable.Range(0, 4).Select(k => cuts.Select(c => c[k]).Order().ElementAt(25)));

        static CutPointOptions Options(long seed) => new() { Choice = CutPointChoice.Bootstrap, Resamples = 51, Seed = seed };
    }

    [Fact]
    public void A_resample_draws_as_many_images_and_every_image_equally_often()
    {
        var groups = ScoreGroups.Of([1, 1, 2, 3], [0, 1, 1, 0]);
        Random random = RandomStream.Create(3, "test");
        var drawn = new Dictionary<double, int>();
        for (int i = 0; i < 5000; i++)
        {
            ScoreGroups resample = groups.Resample(random);
            Assert.Equal(4, resample.Between(0, resample.Count).Images);
            for (int g = 0; g < resample.Count; g++)
                drawn[resample.Values[g]] = drawn.GetValueOrDefault(resample.Values[g]) + resample.Between(g, g + 1).Images;
        }
        Assert.InRange(drawn[1], 9700, 10300); // five standard deviations are 350
        Assert.InRange(drawn[2], 4700, 5300);
        Assert.InRange(drawn[3], 4700, 5300);
    }

    [Fact]
    public void Sorting_by_digits_is_sorting()
    {
        Random random = RandomStream.Create(6, "test");
        double[] scores = [.. Enumerable.Range(0, 5000).Select(i => i % 3 == 0 ? Math.Round(4 * random.NextDouble() - 2, 1) : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300))), double.MaxValue, double.MinValue, 0, -0.0, double.Epsilon, -double.Epsilon];
        int[] grades = [.. scores.Select(s => (int)(BitConverter.DoubleToUInt64Bits(s) % 97))];
        double[] sorted = [.. scores];
        RisingOrder.Sort(sorted, grades);
        Assert.Equal(scores.Order(), sorted);
        Assert.Equal(sorted.Select(s => (int)(BitConverter.DoubleToUInt64Bits(s) % 97)), grades);
    }

    internal static double Qwk(int[] truth, double[] scores, double[] cuts) =>
        Kappa.Quadratic(ConfusionMatrix.Of(truth, [.. scores.Select(s => CutPointFit.Grade(s, cuts))], cuts.Length + 1));
}
