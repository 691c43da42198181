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
