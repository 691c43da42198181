using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Thresholds;

namespace Gradus.Tests.Thresholds;

public sealed class CutPointReportTests
{
    /// <summary>Five grades, most of them 0, and scores that understate them.</summary>
    internal static (int[] Truth, double[] Scores) Population(int images, long seed)
    {
        Random random = RandomStream.Create(seed, "population");
        int[] truth = [.. Enumerable.Range(0, images).Select(i => i < 5 ? i : (int)(5 * random.NextDouble() * random.NextDouble()))];
        return (truth, [.. truth.Select(g => 0.7 * g + 0.3 + 0.6 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))]);
    }

    private static ScoreTable Table(int images, long seed)
    {
        (int[] truth, double[] scores) = Population(images, seed);
        return new ScoreTable("scores", [.. scores], [.. truth], 5);
    }

    [Fact]
    public void Anywhere_on_a_plateau_a_cut_point_costs_at_most_its_tolerance_and_beyond_it_more()
    {
        ScoreTable table = Table(400, seed: 1);
        CutPointReport report = CutPointReport.Create(table, new CutPointOptions());
        int[] truth = [.. table.Truth];
        double[] scores = [.. table.Scores];
        double[] ordered = [.. scores.Order()];
        for (int k = 0; k < 4; k++)
        {
            Plateau plateau = report.Plateaus[k];
            Assert.True(plateau.Low <= report.Optimum[k] && report.Optimum[k] < plateau.High);
            foreach (double cut in (double[])[plateau.Low, Math.BitDecrement(plateau.High), .. ordered.Where(s => s > plateau.Low && s < plateau.High)])
                Assert.True(With(k, cut) >= report.InSampleValue - CutPointReport.Tolerance);
            Assert.True(With(k, plateau.High) < report.InSampleValue - CutPointReport.Tolerance);
            Assert.True(With(k, Math.BitDecrement(plateau.Low)) < report.InSampleValue - CutPointReport.Tolerance);
        }

        double With(int k, double cut) => CutPointSearchTests.Qwk(truth, scores, [.. report.Optimum.SetItem(k, cut)]);
    }

    [Fact]
    public void Cross_fitting_grades_no_image_by_cut_points_that_have_seen_its_fold()
    {
        // Each fold's grades are those of cut points fitted, here by hand, on the other folds alone.
        ScoreTable table = Table(200, seed: 2);
        var options = new CutPointOptions { Folds = 4, Seed = 7 };
        int[] foldOf = CrossFitting.Deal(table.Truth.AsSpan(), 5, 4, 7);
        int[] before = CrossFitting.Grades(table, options);
        double[] all = [.. CutPointFit.Fit(table.Scores.AsSpan(), table.Truth.AsSpan(), 5, options)];
        Assert.NotEqual(table.Scores.Select(s => CutPointFit.Grade(s, all)), before); // so it matters here
        for (int fold = 0; fold < 4; fold++)
        {
            int[] inside = [.. Enumerable.Range(0, 200).Where(i => foldOf[i] == fold)];
            int[] others = [.. Enumerable.Range(0, 200).Where(i => foldOf[i] != fold)];
            double[] cuts = [.. CutPointFit.Fit([.. others.Select(i => table.Scores[i])], [.. others.Select(i => table.Truth[i])], 5, options)];
            Assert.Equal(inside.Select(i => CutPointFit.Grade(table.Scores[i], cuts)), inside.Select(i => before[i]));
        }
        CutPointReport report = CutPointReport.Create(table, options);
        int[][] divisions = CrossFitting.Divisions(new ScoreProblem(table), options);
        Assert.Equal(before, divisions[0]);
        Assert.Equal(5, divisions.Length);
        Assert.Distinct(divisions.Select(d => string.Join(',', d)));
        Assert.Equal(divisions.Average(d => Kappa.Quadratic(ConfusionMatrix.Of(table.Truth.AsSpan(), d, 5))), report.CrossFitted.Mean, 1e-12);
    }

    [Fact]
    public void Scores_that_say_nothing_look_good_in_sample_and_worthless_when_cross_fitted()
    {
        // What cross-fitting is for. It fails where a fold is graded by cut points that saw it.
        Random random = RandomStream.Create(1, "noise");
        double inSample = 0, crossFitted = 0;
        for (int repeat = 0; repeat < 40; repeat++)
        {
            int[] truth = [.. Enumerable.Range(0, 60).Select(i => i % 5)];
            var table = new ScoreTable("noise", [.. truth.Select(_ => 4 * random.NextDouble())], [.. truth], 5);
            CutPointReport report = CutPointReport.Create(table, new CutPointOptions { Seed = repeat });
            (inSample, crossFitted) = (inSample + report.InSampleValue / 40, crossFitted + report.CrossFitted.Mean / 40);
        }
        Assert.True(inSample > 0.1, $"{inSample}");
        Assert.True(crossFitted < 0.03, $"{crossFitted}");
    }

    [Fact]
    public void Folds_are_alike_in_size_and_in_every_grade()
    {
        (int[] truth, _) = Population(203, seed: 3);
        int[] foldOf = CrossFitting.Deal(truth, 5, 5, seed: 1);
        Assert.InRange(Enumerable.Range(0, 5).Max(f => foldOf.Count(x => x == f)) - Enumerable.Range(0, 5).Min(f => foldOf.Count(x => x == f)), 0, 1);
        for (int grade = 0; grade < 5; grade++)
        {
            int[] counts = [.. Enumerable.Range(0, 5).Select(f => Enumerable.Range(0, truth.Length).Count(i => truth[i] == grade && foldOf[i] == f))];
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
        Assert.NotEqual(foldOf, CrossFitting.Deal(truth, 5, 5, seed: 2));
    }

    [Fact]
    public void Scores_that_understate_gain_by_tuning_and_the_interval_says_so()
    {
        CutPointReport report = CutPointReport.Create(Table(2000, seed: 6), new CutPointOptions());
        Assert.True(report.InSampleValue >= report.CrossFitted.Mean && report.CrossFitted.Mean > report.DefaultValue);
        Assert.True(report.Gain.Low > 0 && report.Gain.High > report.Gain.Low);
        Assert.InRange(report.CrossFitted.Mean - report.DefaultValue, report.Gain.Low, report.Gain.High);
        Assert.InRange(report.CrossFitted.Mean, report.CrossFitted.Low, report.CrossFitted.High);
        Assert.All(report.Curves, curve => Assert.True(curve.Points.Max(p => p.Value) <= curve.OptimumValue));
    }

    [Theory]
    [InlineData("0 0 0 0 0", "1 2 3 4 5", "one grade")]
    [InlineData("0 1 0 1 0", "2 2 2 2 2", "same score")]
    [InlineData("0 1 0 1", "1 2 3 4", "5 folds")]
    public void Data_that_cannot_be_tuned_are_refused(string truth, string scores, string problem)
    {
        var table = new ScoreTable("s.csv", [.. scores.Split(' ').Select(double.Parse)], [.. truth.Split(' ').Select(int.Parse)], 2);
        GradusException e = Assert.Throws<GradusException>(() => CutPointReport.Create(table, new CutPointOptions()));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.Equal((Fault.Request, "s.csv"), (e.Fault, e.Where));
    }

    [Fact]
    public void The_plot_is_a_picture()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".png");
        try
        {
            CutPointChart.Write(path, CutPointReport.Create(Table(100, seed: 8), new CutPointOptions { Choice = CutPointChoice.Shrunk }));
            using SkiaSharp.SKBitmap picture = SkiaSharp.SKBitmap.Decode(path);
            Assert.Equal((1200, 700), (picture.Width, picture.Height));
            Assert.True(picture.Pixels.Distinct().Skip(100).Any());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
