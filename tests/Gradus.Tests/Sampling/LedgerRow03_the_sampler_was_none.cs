using Gradus.Experiments;
using Gradus.Sampling;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Splitting;

namespace Gradus.Tests.Sampling;

public sealed class LedgerRow03_the_sampler_was_none
{
    private static readonly WeightedClasses Weighted = new([1, 1.5, 1, 1.5, 1.5]);

    private static TrainingSet Set(int times = 1) => new(SplitWorld.Singles(
        ((int[])[104, 18, 133, 71, 49]).SelectMany((n, g) => Enumerable.Repeat(g, n * times))));

    private static EpochDraw Draw(TrainingSet set, SamplingSpec spec, int epoch = 1) => EpochSampler.Draw(set, ImageWorld.Scale, spec, 42, epoch);

    private static EpochDraw Recounted(EpochDraw draw, TrainingSet set, int[] indices) => draw with
    {
        Indices = indices,
        Realised = ClassHistogram.Count(indices.Select(i => set.Records[i].Grade!.Value), ImageWorld.Scale.Count),
    };

    [Fact]
    public void The_epoch_of_a_sampler_that_is_not_in_effect_is_refused()
    {
        TrainingSet set = Set();
        EpochDraw unsampled = Recounted(Draw(set, Weighted), set, Draw(set, new EveryImageOnce()).Indices);
        GradusException error = Assert.Throws<GradusException>(() => DrawCheck.Verify(unsampled));
        Assert.Contains("class counts 104, 18, 133, 71, 49 where about 88, 23, 112, 90, 62 are expected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_with_replacement_that_ignore_the_weights_are_refused()
    {
        TrainingSet set = Set(times: 10);
        EpochDraw unweighted = Recounted(Draw(set, Weighted), set, Draw(set, new WeightedClasses([1, 1, 1, 1, 1])).Indices);
        Assert.Contains("by their shares", Assert.Throws<GradusException>(() => DrawCheck.Verify(unweighted)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<SamplingSpec> Rules =>
    [
        new BalancedClasses(ClassBalance.Sqrt), new BalancedClasses(ClassBalance.Balanced), new AnnealedClasses(ClassBalance.Balanced, 10), new CappedClasses([50, 50, 50, 50, 50]),
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Whatever_the_rule_the_epoch_of_a_sampler_that_ignores_it_is_refused(SamplingSpec rule)
    {
        // At 375 images an unweighted draw may pass for the square root's: the two are that close here.
        TrainingSet set = Set(times: 10);
        EpochDraw draw = Draw(set, rule);
        DrawCheck.Verify(draw);
        foreach (SamplingSpec other in (SamplingSpec[])[new EveryImageOnce(), new WeightedClasses([1, 1, 1, 1, 1])])
            Assert.Throws<GradusException>(() => DrawCheck.Verify(Recounted(draw, set, Draw(set, other).Indices)));
    }

    [Fact]
    public void An_annealing_that_stands_still_is_refused_once_its_shares_have_moved()
    {
        TrainingSet set = Set();
        var annealed = new AnnealedClasses(ClassBalance.Balanced, 10);
        EpochDraw first = Draw(set, annealed, epoch: 1);
        for (int epoch = 1; epoch <= 10; epoch++)
            DrawCheck.Verify(Draw(set, annealed, epoch));
        Assert.Throws<GradusException>(() => DrawCheck.Verify(Recounted(Draw(set, annealed, epoch: 8), set, first.Indices)));
        Assert.Throws<GradusException>(() => DrawCheck.Verify(Recounted(Draw(set, annealed, epoch: 11), set, first.Indices)));
    }

    [Fact]
    public void A_cap_that_repeats_an_image_is_refused()
    {
        TrainingSet set = Set();
        EpochDraw draw = Draw(set, new CappedClasses([50, 50, 50, 50, 50]));
        int sameGrade = draw.Indices[1..].First(i => set.Records[i].Grade == set.Records[draw.Indices[0]].Grade);
        Assert.Contains("no image is shown twice", Assert.Throws<GradusException>(() => DrawCheck.Verify(Recounted(draw, set, [sameGrade, .. draw.Indices[1..]]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_of_a_grade_with_weight_zero_is_refused()
    {
        TrainingSet set = Set();
        EpochDraw draw = Draw(set, new WeightedClasses([1, 0, 1, 1, 1]));
        int mild = set.Records.ToList().FindIndex(r => r.Grade == 1);
        Assert.Throws<GradusException>(() => DrawCheck.Verify(Recounted(draw, set, [.. draw.Indices[..^1], mild])));
    }

    [Fact]
    public void A_shuffle_that_leaves_out_or_repeats_an_image_is_refused()
    {
        TrainingSet set = Set();
        EpochDraw draw = Draw(set, new EveryImageOnce());
        DrawCheck.Verify(draw);
        // A repetition within a grade leaves the counts as they were.
        int sameGrade = draw.Indices[1..].First(i => set.Records[i].Grade == set.Records[draw.Indices[0]].Grade);
        Assert.Throws<GradusException>(() => DrawCheck.Verify(Recounted(draw, set, [sameGrade, .. draw.Indices[1..]])));
        Assert.Throws<GradusException>(() => DrawCheck.Verify(Recounted(draw, set, draw.Indices[1..])));
    }

    [Fact]
    public void Honest_draws_are_accepted_epoch_after_epoch()
    {
        TrainingSet small = new(SplitWorld.Singles([0, 0, 0, 1, 1, 2]));
        TrainingSet large = Set();
        for (int epoch = 1; epoch <= 1000; epoch++)
        {
            DrawCheck.Verify(Draw(small, Weighted, epoch));
            DrawCheck.Verify(Draw(large, Weighted, epoch));
        }
    }

    [Fact]
    public void The_realised_counts_come_from_the_images_drawn_and_not_from_the_weights()
    {
        TrainingSet set = Set();
        EpochDraw draw = Draw(set, Weighted);
        Assert.Equal(ClassHistogram.Count(draw.Indices.Select(i => set.Records[i].Grade!.Value), 5), draw.Realised);
        Assert.NotEqual(draw.Plan.Expected, draw.Realised);
        Assert.Equal(set.Count, draw.Plan.Expected.Total, 1e-6);
    }
}
