using CsCheck;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Sampling;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Splitting;

namespace Gradus.Tests.Sampling;

public sealed class EpochSamplerTests
{
    private static readonly Gen<TrainingSet> Sets = Gen.Int[0, 4].Array[1, 200].Select(g => new TrainingSet(SplitWorld.Singles(g)));

    private static readonly Gen<SamplingSpec> Rules = Gen.OneOf<SamplingSpec>(
        Gen.Const<SamplingSpec>(new EveryImageOnce()),
        Gen.Double[0.1, 5].Array[5].Select(w => (SamplingSpec)new WeightedClasses([.. w])),
        Gen.Enum<ClassBalance>().Select(b => (SamplingSpec)new BalancedClasses(b)),
        Gen.Select(Gen.Enum<ClassBalance>(), Gen.Int[1, 20]).Select((b, n) => (SamplingSpec)new AnnealedClasses(b, n)),
        Gen.Int[1, 60].Array[5].Select(c => (SamplingSpec)new CappedClasses([.. c.Select(n => n > 50 ? (int?)null : n)])));

    private static TrainingSet Skewed => new(SplitWorld.Singles(((int[])[64, 16, 4, 0, 1]).SelectMany((n, g) => Enumerable.Repeat(g, n))));

    private static EpochPlan Plan(SamplingSpec spec, int epoch) => EpochSampler.Plan(Skewed, ImageWorld.Scale, spec, epoch);

    [Fact]
    public void Whatever_the_rule_a_draw_is_a_pure_function_of_seed_and_epoch_keeps_its_plan_and_its_length() => Gen.Select(Sets, Rules, Gen.Long, Gen.Int[1, 30]).Sample((set, rule, seed, epoch) =>
    {
        EpochDraw draw = EpochSampler.Draw(set, ImageWorld.Scale, rule, seed, epoch);
        DrawCheck.Verify(draw);
        Assert.Equal(draw.Indices, EpochSampler.Draw(set, ImageWorld.Scale, rule, seed, epoch).Indices);
        Assert.Equal(draw.Plan.Images, EpochSampler.Plan(set, ImageWorld.Scale, rule, epoch + 1).Images);
        Assert.Equal(draw.Plan.Images, draw.Plan.Expected.Total, 1e-6);
    });

    [Theory]
    [InlineData(ClassBalance.Natural, new[] { 64, 16, 4, 0, 1.0 })]
    [InlineData(ClassBalance.Sqrt, new[] { 85.0 * 8 / 15, 85.0 * 4 / 15, 85.0 * 2 / 15, 0, 85.0 / 15 })]
    [InlineData(ClassBalance.Balanced, new[] { 21.25, 21.25, 21.25, 0, 21.25 })]
    public void Balancing_levels_the_grades_that_have_images(ClassBalance balance, double[] expected)
    {
        foreach ((double e, double a) in expected.Zip(Plan(new BalancedClasses(balance), 3).Expected.Counts))
            Assert.Equal(e, a, 1e-9);
    }

    [Fact]
    public void Annealing_goes_from_balanced_over_the_square_root_to_every_image_once()
    {
        var annealed = new AnnealedClasses(ClassBalance.Balanced, 4);
        EpochPlan[] plans = [.. Enumerable.Range(1, 6).Select(e => Plan(annealed, e))];
        Assert.Equal(Plan(new BalancedClasses(ClassBalance.Balanced), 1).Expected, plans[0].Expected);
        Assert.Equal(Plan(new BalancedClasses(ClassBalance.Sqrt), 1).Expected, plans[2].Expected);
        Assert.Equal([true, true, true, true, false, false], plans.Select(p => p.WithReplacement));
        Assert.All(plans[4..], p => Assert.Equal([64, 16, 4, 0, 1], p.Expected.Counts));
        // In equal steps of the logarithm: the odds of two classes grow by the same factor each epoch.
        for (int e = 0; e < 4; e++)
            Assert.Equal(Math.Pow(64.0 / 4, (e + 0.0) / 4), plans[e].Expected.Counts[0] / plans[e].Expected.Counts[2], 1e-9);
    }

    [Fact]
    public void Under_a_cap_the_epochs_take_turns_until_every_image_was_shown()
    {
        var capped = new CappedClasses([10, 5, null, null, null]);
        int[][] epochs = [.. Enumerable.Range(1, 8).Select(e => EpochSampler.Draw(Skewed, ImageWorld.Scale, capped, 11, e).Indices)];
        Assert.All(epochs, e => Assert.Equal([10, 5, 4, 0, 1], ClassHistogram.Count(e.Select(i => Skewed.Records[i].Grade!.Value), 5).Counts));
        Assert.All(epochs, e => Assert.Equal(20, e.Distinct().Count()));
        // 64 images, 10 an epoch: six epochs share none, the seventh shows the last four.
        Assert.Equal(60, epochs[..6].SelectMany(e => e.Where(i => i < 64)).Distinct().Count());
        Assert.Equal(64, epochs[..7].SelectMany(e => e.Where(i => i < 64)).Distinct().Count());
        Assert.NotEqual(epochs[0].Where(i => i < 64).Order(), EpochSampler.Draw(Skewed, ImageWorld.Scale, capped, 12, 1).Indices.Where(i => i < 64).Order());
    }

    [Fact]
    public void A_cap_that_takes_nothing_away_is_noted() =>
        Assert.Contains("every image is shown once", Assert.Single(Plan(new CappedClasses([64, 64, 64, 64, 64]), 1).Notes), StringComparison.Ordinal);

    [Fact]
    public void Without_weights_every_image_comes_once() => Gen.Select(Sets, Gen.Long, Gen.Int[1, 100]).Sample((set, seed, epoch) =>
    {
        EpochDraw draw = EpochSampler.Draw(set, ImageWorld.Scale, new EveryImageOnce(), seed, epoch);
        Assert.Equal(Enumerable.Range(0, set.Count), draw.Indices.Order());
        DrawCheck.Verify(draw);
    });

    [Fact]
    public void The_same_seed_and_epoch_draw_the_same_and_another_epoch_does_not() => Gen.Select(Sets.Where(s => s.Count > 30), Gen.Long, Gen.Bool).Sample((set, seed, weighted) =>
    {
        SamplingSpec spec = weighted ? new WeightedClasses([1, 2, 3, 4, 5]) : new EveryImageOnce();
        int[] first = EpochSampler.Draw(set, ImageWorld.Scale, spec, seed, 3).Indices;
        Assert.Equal(first, EpochSampler.Draw(set, ImageWorld.Scale, spec, seed, 3).Indices);
        Assert.NotEqual(first, EpochSampler.Draw(set, ImageWorld.Scale, spec, seed, 4).Indices);
    });

    [Fact]
    public void With_weights_as_many_are_drawn_as_there_are_and_weight_zero_never() => Gen.Select(Sets, Gen.Int[0, 4], Gen.Long).Sample((set, zero, seed) =>
    {
        if (set.Records.All(r => r.Grade == zero))
            return;
        EpochDraw draw = EpochSampler.Draw(set, ImageWorld.Scale, new WeightedClasses([.. Enumerable.Range(0, 5).Select(g => g == zero ? 0.0 : 1.5)]), seed, 1);
        Assert.Equal(set.Count, draw.Indices.Length);
        Assert.DoesNotContain(draw.Indices, i => set.Records[i].Grade == zero);
        DrawCheck.Verify(draw);
    });

    [Fact]
    public void Over_many_epochs_classes_come_in_proportion_to_weight_and_images_of_a_class_alike()
    {
        var set = new TrainingSet(SplitWorld.Singles([.. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 10)]));
        int[] seen = new int[40];
        for (int epoch = 1; epoch <= 1000; epoch++)
        {
            foreach (int i in EpochSampler.Draw(set, new GradeScale(["no", "yes"]), new WeightedClasses([1, 3]), 7, epoch).Indices)
                seen[i]++;
        }
        // 40,000 draws, half for each class: 667 of each image of the first, 2,000 of the second; five standard deviations.
        Assert.All(seen[..30], n => Assert.InRange(n, 667 - 129, 667 + 129));
        Assert.All(seen[30..], n => Assert.InRange(n, 2000 - 218, 2000 + 218));
    }

    [Theory]
    [InlineData(new double[] { 1, 1 }, "one class weight for each of the 5 grades")]
    [InlineData(new double[] { 1, -1, 1, 1, 1 }, "0 or more; found -1")]
    [InlineData(new double[] { 1, double.NaN, 1, 1, 1 }, "0 or more; found NaN")]
    [InlineData(new double[] { 0, 0, 0, 0, 0 }, "above 0")]
    [InlineData(new double[] { 0, 0, 0, 0, 1 }, "above 0")]
    public void Impossible_weights_are_refused(double[] weights, string problem)
    {
        var set = new TrainingSet(SplitWorld.Singles([0, 1, 2, 3]));
        GradusException error = Assert.Throws<GradusException>(() => EpochSampler.Draw(set, ImageWorld.Scale, new WeightedClasses([.. weights]), 1, 1));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, error.Fault);
    }

    [Fact]
    public void A_weight_for_a_grade_without_images_is_noted()
    {
        var set = new TrainingSet(SplitWorld.Singles([0, 1, 2, 3]));
        EpochDraw draw = EpochSampler.Draw(set, ImageWorld.Scale, new WeightedClasses([1e300, 1e300, 1e300, 1e300, 1e308]), 1, 1);
        Assert.Equal("class_weights: grade 4 (proliferative) has the weight 1E+308 and no training image.", Assert.Single(draw.Plan.Notes));
    }
}
