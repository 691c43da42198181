using CsCheck;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Runs;

namespace Gradus.Tests.Runs;

public sealed class RunNameTests
{
    [Fact]
    public void A_name_is_day_and_month_backbone_and_fold() =>
        Assert.Equal("24-11_mobilenet_v2_f0", RunName.Derive(new DateOnly(2026, 11, 24), SampleRun.Experiment()));

    [Fact]
    public void Without_a_split_there_is_no_fold_in_the_name() =>
        Assert.Equal("03-01_mobilenet_v2", RunName.Derive(new DateOnly(2026, 1, 3), SampleRun.Experiment() with { Split = null }));

    [Fact]
    public void Ledger_27_a_name_says_what_differs_from_the_parent()
    {
        Experiment parent = SampleRun.Experiment();
        Experiment child = parent with
        {
            Recipe = new Recipe([new CropRetina(), new Resize(64), new Clahe()]),
            Sampling = new EveryImageOnce(),
            Train = parent.Train with { TopLr = 1e-4, Seed = 7 },
        };
        Assert.Equal("10-07_mobilenet_v2_f0_s64_clahe_nobg_nat_lr1e-4_seed7", RunName.Derive(new DateOnly(2019, 7, 10), child, parent));
        Assert.Equal("10-07_mobilenet_v2_f0_again", RunName.Derive(new DateOnly(2019, 7, 10), parent with { Model = parent.Model with { Weights = "/runs/a/checkpoints/epoch-001.safetensors" } }, parent));
    }

    [Fact]
    public void A_remark_ends_the_name_and_a_name_stays_within_a_hundred_plain_characters()
    {
        Assert.Equal("10-07_mobilenet_v2_f0_bgc", RunName.Derive(new DateOnly(2019, 7, 10), SampleRun.Experiment(), remark: " bgc "));
        Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$", RunName.Derive(new DateOnly(2019, 7, 10), SampleRun.Experiment(), SampleRun.Experiment(SampleRun.Histology), "../" + new string('x', 300)));
    }

    [Fact]
    public void A_reduced_name_is_plain_and_stays_as_it_is_when_reduced_again() => Gen.String.Sample(name =>
    {
        string reduced = RunName.Reduce(name);
        Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$", reduced);
        Assert.Equal(reduced, RunName.Reduce(reduced));
        Assert.False(reduced.EndsWith('.'));
    });
}
