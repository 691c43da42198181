using CsCheck;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Thresholds;

namespace Gradus.Tests.Thresholds;

public sealed class CumulativeThresholdTests
{
    private static readonly ThresholdBounds Narrow = new(0.3, 0.7);

    /// <summary>Four grades as three outputs in tenths, so that ties are common, as are grades that never occur; half of the time the outputs know the grade.</summary>
    private static (GradedScores Scores, int[] Truth) Case(int seed)
    {
        Random random = RandomStream.Create(seed, "small case");
        int images = 2 + random.Next(8);
        int[] truth = [.. Enumerable.Range(0, images).Select(_ => random.Next(4))];
        if (truth.Distinct().Count() == 1)
            truth[0] = (truth[0] + 1) % 4;
        bool informed = random.Next(2) == 0;
        float[] outputs = [.. truth.SelectMany(t => Enumerable.Range(0, 3).Select(k => informed ? Math.Clamp((t > k ? 7 : 3) + random.Next(-3, 4), 0, 10) : random.Next(11))).Select(tenths => tenths / 10f)];
        return (new GradedScores(images, 3, outputs, new double[images], null), truth);
    }

    private static LeadingOnes Usual(int outputs = 3, bool firstIsCertain = false) => new([.. Enumerable.Repeat(0.5, outputs)], firstIsCertain);

    private static double Qwk(LeadingOnes rule, GradedScores scores, int[] truth, int grades = 4) => Kappa.Quadratic(ConfusionMatrix.Of(truth, rule.Grades(scores), grades));

    /// <summary>The best of all thresholds there are: below, between and above the distinct values of each output.</summary>
    private static double BruteForce(GradedScores scores, int[] truth, bool ordered, ThresholdBounds? bounds)
    {
        double[][] places = [.. Enumerable.Range(0, 3).Select(k => Places([.. Enumerable.Range(0, scores.Rows).Select(i => (double)scores.Row(i)[k])], bounds))];
        if (ordered)
            places = [.. Enumerable.Repeat(Places([.. scores.Outputs.Select(o => (double)o)], bounds), 3)];
        double best = double.NegativeInfinity;
        foreach (double a in places[0])
        {
            foreach (double b in places[1].Where(b => !ordered || b >= a))
            {
                foreach (double c in places[2].Where(c => !ordered || c >= b))
                    best = Math.Max(best, Qwk(new LeadingOnes([a, b, c]), scores, truth));
            }
        }
        return best;
    }

    private static double[] Places(double[] values, ThresholdBounds? bounds)
    {
        (double low, double high) = bounds is null ? (-0.1, 1.1) : (bounds.Low, bounds.High);
        double[] ends = [low, .. values.Distinct().Where(v => v > low && v < high).Order(), high];
        return [low, high, .. ends.Zip(ends.Skip(1), (a, b) => (a + b) / 2)];
    }

    [Theory]
    [InlineData(false, false, 0.99)]
    [InlineData(true, false, 0.97)]
    [InlineData(false, true, 0.99)]
    [InlineData(true, true, 0.97)]
    public void Thresholds_per_output_are_never_above_brute_force_and_nearly_always_reach_it(bool ordered, bool bounded, double share)
    {
        const int Cases = 1500;
        ThresholdBounds? bounds = bounded ? Narrow : null;
        int reached = 0;
        double furthest = 0;
        Parallel.For(0, Cases, seed =>
        {
            (GradedScores scores, int[] truth) = Case(seed);
            LeadingOnes tuned = CumulativeFit.Fit(Usual(), scores, truth, new CutPointOptions { Outputs = ThresholdTuning.PerOutput, Ordered = ordered, Bounds = bounds });
            double best = BruteForce(scores, truth, ordered, bounds), found = Qwk(tuned, scores, truth);
            Assert.True(found <= best + 1e-12, $"case {seed}: {found} is above {best}");
            if (ordered)
                Assert.True(tuned.Thresholds.Zip(tuned.Thresholds.Skip(1)).All(pair => pair.First <= pair.Second), $"case {seed}: {string.Join(", ", tuned.Thresholds)}");
            if (bounded)
                Assert.All(tuned.Thresholds, t => Assert.InRange(t, Narrow.Low, Narrow.High));
            lock (Narrow)
            {
                reached += found >= best - 1e-12 ? 1 : 0;
                furthest = Math.Max(furthest, best - found);
            }
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"ordered {ordered}, bounded {bounded}: {reached} of {Cases} reach the optimum; furthest {furthest:0.000}");
        Assert.True(reached >= share * Cases, $"{reached} of {Cases}; furthest {furthest:0.000}");
    }

    [Fact]
    public void A_shared_threshold_within_bounds_is_the_best_of_all_there_are() => Gen.Int[0, 100_000].Sample(seed =>
    {
        (GradedScores scores, int[] truth) = Case(seed);
        LeadingOnes tuned = CumulativeFit.Fit(Usual(), scores, truth, new CutPointOptions { Bounds = Narrow });
        double best = Places([.. scores.Outputs.Select(o => (double)o)], Narrow).Max(t => Qwk(new LeadingOnes([t, t, t]), scores, truth));
        Assert.Equal(best, Qwk(tuned, scores, truth), 1e-12);
        Assert.InRange(Assert.Single(tuned.Thresholds.Distinct()), Narrow.Low, Narrow.High);
    }, iter: 1000);

    [Fact]
    public void Starting_anew_finds_what_one_climb_misses_and_the_seed_fixes_it()
    {
        int better = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            (GradedScores scores, int[] truth) = Case(seed);
            var options = new CutPointOptions { Outputs = ThresholdTuning.PerOutput };
            LeadingOnes once = CumulativeFit.Fit(Usual(), scores, truth, options with { Restarts = 0 }), often = CumulativeFit.Fit(Usual(), scores, truth, options);
            Assert.True(Qwk(often, scores, truth) >= Qwk(once, scores, truth));
            Assert.Equal(often.Thresholds, CumulativeFit.Fit(Usual(), scores, truth, options).Thresholds);
            better += Qwk(often, scores, truth) > Qwk(once, scores, truth) ? 1 : 0;
        }
        Assert.InRange(better, 1, 299);
    }

    [Fact]
    public void Ordered_thresholds_leave_no_gap_where_outputs_fall() => Gen.Int[0, 100_000].Sample(seed =>
    {
        (GradedScores scores, int[] truth) = Case(seed);
        float[] falling = [.. Enumerable.Range(0, scores.Rows).SelectMany(i => scores.Row(i).ToArray().OrderDescending())];
        var monotone = new GradedScores(scores.Rows, 3, falling, scores.Score, null);
        LeadingOnes tuned = CumulativeFit.Fit(Usual(), monotone, truth, new CutPointOptions { Outputs = ThresholdTuning.PerOutput, Ordered = true });
        Assert.Equal(0, tuned.NonMonotoneRate(monotone));
    }, iter: 300);

    [Fact]
    public void A_certain_first_output_changes_no_grade_and_no_threshold()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            (GradedScores scores, int[] truth) = Case(seed);
            float[] wide = [.. Enumerable.Range(0, scores.Rows).SelectMany(i => (float[])[1, .. scores.Row(i)])];
            var options = new CutPointOptions { Outputs = ThresholdTuning.PerOutput, Restarts = 0 };
            LeadingOnes all = CumulativeFit.Fit(Usual(4, firstIsCertain: true), new GradedScores(scores.Rows, 4, wide, scores.Score, null), truth, options);
            Assert.Equal(CumulativeFit.Fit(Usual(), scores, truth, options).Grades(scores), all.Grades(new GradedScores(scores.Rows, 4, wide, scores.Score, null)));
        }
    }

    [Fact]
    public void Shrinking_goes_from_the_optimum_to_the_default_and_the_median_stays_within_bounds()
    {
        (GradedScores scores, int[] truth) = Case(1);
        LeadingOnes optimum = Fit(new()), half = Fit(new() { Choice = CutPointChoice.Shrunk }), none = Fit(new() { Choice = CutPointChoice.Shrunk, Shrink = 1 });
        Assert.Equal([0.5, 0.5, 0.5], none.Thresholds);
        for (int k = 0; k < 3; k++)
            Assert.Equal((optimum.Thresholds[k] + 0.5) / 2, half.Thresholds[k], 1e-12);
        Assert.All(Fit(new() { Choice = CutPointChoice.Bootstrap, Bounds = Narrow, Resamples = 30 }).Thresholds, t => Assert.InRange(t, Narrow.Low, Narrow.High));

        LeadingOnes Fit(CutPointOptions options) => CumulativeFit.Fit(Usual(), scores, truth, options with { Outputs = ThresholdTuning.PerOutput });
    }

    [Fact]
    public void The_report_judges_thresholds_per_output_as_it_judges_cut_points()
    {
        Random random = RandomStream.Create(5, "test");
        int[] truth = [.. Enumerable.Range(0, 400).Select(i => i % 5)];
        float[] outputs = [.. truth.SelectMany(t => Enumerable.Range(0, 4).Select(k => (float)Math.Clamp((t > k ? 0.5 : 0.1) + 0.4 * random.NextDouble() * (k + 1) / 4, 0, 1)))];
        var table = new CumulativeTable("outputs", Usual(4), new GradedScores(400, 4, outputs, new double[400], null), [.. truth], 5);
        CutPointReport report = CutPointReport.Create(table, new CutPointOptions { Outputs = ThresholdTuning.PerOutput });
        Assert.Equal(Qwk((LeadingOnes)report.Rule, table.Scores, truth, 5), report.InSampleValue, 1e-12);
        Assert.Equal(Qwk(Usual(4), table.Scores, truth, 5), report.DefaultValue, 1e-12);
        Assert.Equal((4, 4, 4), (report.Thresholds.Length, report.Plateaus.Length, report.Curves.Length));
        for (int k = 0; k < 4; k++)
        {
            Plateau plateau = report.Plateaus[k];
            Assert.InRange(report.Thresholds[k], plateau.Low, plateau.High);
            foreach (double at in (double[])[plateau.Low, Math.BitDecrement(plateau.High)])
                Assert.True(Qwk(new LeadingOnes(report.Thresholds.SetItem(k, at)), table.Scores, truth, 5) >= report.InSampleValue - CutPointReport.Tolerance);
        }
        CutPointReport shared = CutPointReport.Create(table, new CutPointOptions());
        Assert.Equal((true, 4, 1, 1), (shared.IsShared, shared.Thresholds.Length, shared.Plateaus.Length, shared.Curves.Length));
        Assert.Contains("QWK", Assert.Throws<GradusException>(() => CutPointReport.Create(table, new CutPointOptions { Metric = ThresholdMetric.Accuracy })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_that_are_the_same_for_all_images_are_refused()
    {
        var table = new CumulativeTable("o.csv", Usual(1), new GradedScores(6, 1, [0.3f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f], new double[6], null), [0, 1, 0, 1, 0, 1], 2);
        Assert.Contains("same score", Assert.Throws<GradusException>(() => CutPointReport.Create(table, new CutPointOptions())).Message, StringComparison.Ordinal);
    }
}
