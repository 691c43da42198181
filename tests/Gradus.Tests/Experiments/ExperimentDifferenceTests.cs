using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Tests.Runs;

namespace Gradus.Tests.Experiments;

public sealed class ExperimentDifferenceTests
{
    [Fact]
    public void Equal_experiments_differ_in_nothing_wherever_they_compute()
    {
        Experiment e = SampleRun.Experiment();
        Assert.Empty(ExperimentDifference.Between(e, e with { Train = e.Train with { Device = "cuda:1" } }));
    }

    [Fact]
    public void Differences_are_named_as_in_the_file_and_in_its_order()
    {
        Experiment e = SampleRun.Experiment();
        Experiment other = e with
        {
            Recipe = new Recipe([new Resize(512), new Gray()]),
            Model = e.Model with { Backbone = "resnet18", Head = [] },
            Train = e.Train with { TopLr = 3e-4, Optimizer = new AdamSpec() },
        };
        SettingDifference[] found = [.. ExperimentDifference.Between(e, other)];
        Assert.Contains(new SettingDifference("train.top_lr", System.Text.Json.JsonSerializer.Serialize(e.Train.TopLr), "0.0003"), found);
        Assert.Contains(found, d => d.Setting == "recipe.steps" && d.After == "[resize(size 512, fit stretch), gray]");
        Assert.Contains(new SettingDifference("model.backbone", "mobilenet_v2", "resnet18"), found);
        Assert.Contains(new SettingDifference("model.head", "[dropout(probability 0.3)]", "[]"), found);
        Assert.Contains(found, d => d is { Setting: "train.optimizer.beta1", Before: "not set" });
        Assert.Equal(["recipe", "model", "train"], found.Select(d => d.Setting.Split('.')[0]).Distinct());
    }
}
