using System.Text.Json;
using Gradus.Experiments;
using Gradus.Thresholds;

namespace Gradus.Tests.Experiments;

public sealed class ThresholdSpecTests
{
    private static ThresholdSpec Read(string thresholds) => ExperimentText.Read(ExperimentText.With("thresholds: shared", $"thresholds: {thresholds}")).Thresholds;

    [Fact]
    public void One_word_or_a_block_says_how_thresholds_are_tuned()
    {
        Assert.Equal(new ThresholdSpec(), Read("shared"));
        Assert.Equal(new ThresholdSpec { Outputs = ThresholdTuning.PerOutput }, Read("per_output"));
        Assert.Equal(
            new ThresholdSpec { Outputs = ThresholdTuning.PerOutput, Choice = CutPointChoice.Bootstrap, Ordered = true, Bounds = new ThresholdBounds(0.2, 0.8) },
            Read("{ outputs: per_output, choice: bootstrap, ordered: true, bounds: [0.2, 0.8] }"));
        Assert.Equal(new ThresholdSpec { Choice = CutPointChoice.Shrunk, Shrink = 0.3 }, Read("{ shrink: 0.3 }"));
    }

    [Theory]
    [InlineData("per_outputs", "shared, per_output")]
    [InlineData("{ outputs: each }", "shared, per_output")]
    [InlineData("{ ordered: true }", "ordered", "per_output")]
    [InlineData("{ choice: bootstrap, shrink: 0.3 }", "shrink belongs to choice: shrunk")]
    [InlineData("{ shrink: 1.5 }", "from 0 to 1")]
    [InlineData("{ bounds: [0.6, 0.9] }", "hold the default 0.5")]
    [InlineData("{ bounds: 0.2 }", "bounds")]
    [InlineData("{ bounds: [0.2] }", "[low, high]")]
    [InlineData("{ bound: [0.2, 0.8] }", "has no key 'bound'")]
    public void What_contradicts_itself_is_refused_with_its_place(string thresholds, params string[] words)
    {
        string refusal = ExperimentText.Refusal(ExperimentText.With("thresholds: shared", $"thresholds: {thresholds}"));
        Assert.All(words, word => Assert.Contains(word, refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void In_a_run_it_is_the_old_word_where_that_says_all_and_comes_back_whole_elsewhere()
    {
        Assert.Equal("\"per_output\"", JsonSerializer.Serialize<ThresholdSpec>(ThresholdTuning.PerOutput, GradusJson.Compact));
        Assert.Equal(new ThresholdSpec(), JsonSerializer.Deserialize<ThresholdSpec>("\"shared\"", GradusJson.Compact));
        var whole = new ThresholdSpec { Outputs = ThresholdTuning.PerOutput, Choice = CutPointChoice.Shrunk, Shrink = 0.3, Ordered = true, Bounds = new ThresholdBounds(0.2, 0.8) };
        Assert.Equal(whole, JsonSerializer.Deserialize<ThresholdSpec>(JsonSerializer.Serialize(whole, GradusJson.Compact), GradusJson.Compact));
    }
}
