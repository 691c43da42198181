using System.Diagnostics;
using Gradus.Metrics;

namespace Gradus.Tests.Metrics;

public sealed class BootstrapTests
{
    private static readonly ConfusionMatrix Matrix = new(5, [1700, 90, 15, 0, 0, 80, 180, 110, 0, 0, 30, 120, 750, 80, 19, 0, 2, 60, 100, 31, 1, 5, 70, 60, 159]);

    [Fact]
    public void The_same_seed_gives_the_same_interval_and_another_seed_another()
    {
        ConfidenceInterval Of(long seed) => Bootstrap.Interval(Matrix, Kappa.Quadratic, RandomStream.Create(seed, "test"));
        Assert.Equal(Of(1), Of(1));
        Assert.NotEqual(Of(1), Of(2));
    }

    [Fact]
    public void The_interval_is_that_of_drawing_images_one_by_one()
    {
        (int Truth, int Predicted)[] images = [.. from t in Enumerable.Range(0, 5) from p in Enumerable.Range(0, 5) from _ in Enumerable.Range(0, Matrix[t, p]) select (t, p)];
        Random random = RandomStream.Create(3, "test");
        var kappas = new double[2000];
        for (int b = 0; b < kappas.Length; b++)
        {
            var counts = new int[25];
            for (int i = 0; i < images.Length; i++)
            {
                (int t, int p) = images[random.Next(images.Length)];
                counts[t * 5 + p]++;
            }
            kappas[b] = Kappa.Quadratic(new ConfusionMatrix(5, counts));
        }
        Array.Sort(kappas);
        ConfidenceInterval interval = Bootstrap.Interval(Matrix, Kappa.Quadratic, RandomStream.Create(4, "test"), 2000);
        Assert.Equal(kappas[50], interval.Low, 0.0015);
        Assert.Equal(kappas[1949], interval.High, 0.0015);
        Assert.InRange(Kappa.Quadratic(Matrix), interval.Low, interval.High);
    }

    [Fact]
    public void A_resample_has_as_many_images_and_cells_with_the_mean_and_variance_of_a_multinomial()
    {
        const int Draws = 4000;
        Random random = RandomStream.Create(5, "test");
        ConfusionMatrix[] samples = [.. Enumerable.Range(0, Draws).Select(_ => Bootstrap.Resample(Matrix, random))];
        Assert.All(samples, s => Assert.Equal(Matrix.Total, s.Total));
        for (int cell = 0; cell < 25; cell++)
        {
            double p = (double)Matrix.Counts[cell] / Matrix.Total;
            double[] counts = [.. samples.Select(s => (double)s.Counts[cell])];
            double variance = Matrix.Total * p * (1 - p);
            Assert.Equal(Matrix.Counts[cell], counts.Average(), 4.5 * Math.Sqrt(variance / Draws)); // 4.5 standard errors
            double measured = counts.Sum(c => Math.Pow(c - Matrix.Counts[cell], 2)) / Draws;
            Assert.Equal(variance, measured, 0.15 * variance + 1e-9);
        }
    }

    [Fact]
    public void A_matrix_with_one_cell_has_an_interval_of_one_point()
    {
        var perfect = ConfusionMatrix.Of([0, 0, 1, 1], [0, 0, 1, 1], 2);
        Assert.Equal(new ConfidenceInterval(1, 1), Bootstrap.Interval(ConfusionMatrix.Of([1], [1], 2), m => m.Accuracy!.Value, RandomStream.Create(1, "test")));
        Assert.Equal(1, Bootstrap.Interval(perfect, m => m.Accuracy!.Value, RandomStream.Create(1, "test")).Low);
    }

    [Fact]
    public void A_thousand_resamples_take_a_few_milliseconds()
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < 50 && !(best < 20); i++) // a busy machine may need several tries
        {
            long start = Stopwatch.GetTimestamp();
            Bootstrap.Interval(Matrix, Kappa.Quadratic, RandomStream.Create(i, "test"));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{Matrix.Total} images, 1000 resamples: {best:0.00} ms");
        Assert.InRange(best, 0, 20);
    }

    [Fact]
    public void An_empty_matrix_is_refused() =>
        Assert.Throws<ArgumentException>(() => Bootstrap.Interval(ConfusionMatrix.Of([], [], 2), Kappa.Quadratic, RandomStream.Create(1, "test")));
}
