using CsCheck;
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
    public void A_reduced_name_is_plain_and_stays_as_it_is_when_reduced_again() => Gen.String.Sample(name =>
    {
        string reduced = RunName.Reduce(name);
        Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$", reduced);
        Assert.Equal(reduced, RunName.Reduce(reduced));
        Assert.False(reduced.EndsWith('.'));
    });
}
