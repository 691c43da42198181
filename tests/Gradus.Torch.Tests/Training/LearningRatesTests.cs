using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Torch.Training;

namespace Gradus.Torch.Tests.Training;

public sealed class LearningRatesTests
{
    private static readonly TrainSpec Spec = new() { Epochs = 10, Optimizer = new SgdSpec(), TopLr = 7e-5, BaseLrRatio = 0.001 };

    [Fact]
    public void The_diarys_schedule_multiplies_the_backbones_rate_and_keeps_the_heads()
    {
        TrainSpec spec = Spec with { BaseLrSteps = new Dictionary<int, double> { [1] = 2, [3] = 5, [5] = 2, [6] = 5, [7] = 2, [9] = 5 }.ToImmutableSortedDictionary() };
        double[] factors = [.. Enumerable.Range(0, 10).Select(e => LearningRates.At(spec, e * 4L, 4, []).Backbone / (7e-5 * 0.001))];
        Assert.Equal([2, 2, 10, 10, 20, 100, 200, 200, 1000, 1000], factors, (a, b) => Math.Abs(a - b) < 1e-9 * a);
        Assert.All(Enumerable.Range(0, 40), step => Assert.Equal(7e-5, LearningRates.At(spec, step, 4, []).Head));
    }

    [Fact]
    public void A_cosine_starts_above_zero_reaches_its_peak_after_the_warm_up_and_ends_at_its_final_ratio()
    {
        TrainSpec spec = Spec with { TopLr = 1, Schedule = new CosineSchedule(WarmupEpochs: 2, FinalRatio: 0.1) };
        Assert.InRange(LearningRates.At(spec, 0, 10, []).Head, 1e-6, 1e-2);
        Assert.Equal(1, LearningRates.At(spec, 20, 10, []).Head, 1e-9);
        Assert.Equal(0.55, LearningRates.At(spec, 60, 10, []).Head, 1e-9);
        Assert.Equal(0.1, LearningRates.At(spec, 100, 10, []).Head, 1e-9);
    }

    [Fact]
    public void One_cycle_rises_from_a_twenty_fifth_and_falls_to_a_ten_thousandth()
    {
        TrainSpec spec = Spec with { TopLr = 1, Schedule = new OneCycleSchedule(0.3) };
        Assert.Equal(1 / 25.0, LearningRates.At(spec, 0, 10, []).Head, 1e-9);
        Assert.Equal(1, LearningRates.At(spec, 30, 10, []).Head, 1e-9);
        Assert.Equal(1 / 10000.0, LearningRates.At(spec, 100, 10, []).Head, 1e-9);
    }

    [Fact]
    public void A_plateau_lowers_the_rate_after_its_patience_and_counts_anew()
    {
        TrainSpec spec = Spec with { TopLr = 1, Schedule = new PlateauSchedule(0.5, 1) };
        Assert.Equal(1, LearningRates.At(spec, 0, 1, [1, 1.1]).Head);
        Assert.Equal(0.5, LearningRates.At(spec, 0, 1, [1, 1.1, 1.1]).Head);
        Assert.Equal(0.5, LearningRates.At(spec, 0, 1, [1, 1.1, 1.1, 0.9]).Head);
        Assert.Equal(0.25, LearningRates.At(spec, 0, 1, [1, 1.1, 1.1, 1.1, 1.1]).Head);
    }
}
