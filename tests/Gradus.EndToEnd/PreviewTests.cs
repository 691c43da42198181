using System.Text.Json;

namespace Gradus.EndToEnd;

/// <summary>What can be seen before training, and a validation set that is chosen.</summary>
public sealed class PreviewTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public PreviewTests(SmallWorld world) => _world = world;

    [Fact]
    public void Recipe_augmentation_and_sampling_are_shown_without_training()
    {
        GradusProcess.Finished shown = GradusProcess.Run(_world.Root, "preview", "experiment.yaml", "--per-class", "2", "--json");
        Assert.Equal(0, shown.Code);
        JsonElement recipe = shown.Json.GetProperty("recipe"), augment = shown.Json.GetProperty("augment");
        Assert.Equal(["decode", "crop_retina", "resize"], recipe.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.True(recipe.GetProperty("steps")[1].GetProperty("changedPixels").GetDouble() > 0);
        Assert.All(recipe.GetProperty("steps").EnumerateArray(), s => Assert.True(s.GetProperty("millisecondsPerImage").GetDouble() > 0));
        Assert.Equal(["flip", "rotate"], augment.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.All(augment.GetProperty("steps").EnumerateArray(), s => Assert.True(s.GetProperty("changedPixels").GetDouble() > 0));
        Assert.True(augment.GetProperty("steps")[1].GetProperty("fill").GetDouble() > 0);
        JsonElement[] epochs = [.. shown.Json.GetProperty("sampling").GetProperty("epochs").EnumerateArray()];
        Assert.Equal(2, epochs.Length);
        Assert.All(epochs, e => Assert.Equal(e.GetProperty("expected").EnumerateArray().Sum(x => x.GetDouble()), e.GetProperty("realised").EnumerateArray().Sum(x => x.GetInt32()), 6));
        foreach (string sheet in new[] { "preview-recipe.png", "preview-augment.png" })
            Assert.Equal("PNG"u8, File.ReadAllBytes(_world.PathOf(sheet)).AsSpan(1, 3));
        Assert.False(Directory.Exists(_world.PathOf("runs")));
    }

    [Fact]
    public void Steps_that_do_nothing_are_called_out_and_no_other_file_is_written_over()
    {
        _world.Write("idle.yaml", SmallWorld.Experiment().Replace("resize: { size: 32 }]", "resize: { size: 32 }, gray, median: { size: 3 }, gray]", StringComparison.Ordinal)
            .Replace("augment: [flip,", "augment: [flip, scale: { range: [1, 1], fill: black },", StringComparison.Ordinal));
        GradusProcess.Finished recipe = GradusProcess.Run(_world.Root, "preview", "idle.yaml", "--recipe", "--per-class", "1");
        Assert.Contains("Warning: gray changed no pixel", recipe.Error, StringComparison.Ordinal);
        GradusProcess.Finished augment = GradusProcess.Run(_world.Root, "preview", "idle.yaml", "--augment", "--per-class", "1", "--out", "a.png");
        Assert.Contains("Warning: scale changed no pixel", augment.Error, StringComparison.Ordinal);
        GradusProcess.Run(_world.Root, "preview", "experiment.yaml", "--augment", "--out", "train.csv").FailsWith(2, "train.csv", "something else");
        GradusProcess.Run(_world.Root, "preview", "experiment.yaml", "--out", "b.png").FailsWith(2, "--out names one sheet");
    }

    [Fact]
    public void A_chosen_validation_set_is_used_and_the_training_does_without_it()
    {
        GradusProcess.Finished chosen = GradusProcess.Run(_world.Root, "subset", "experiment.yaml", "--distribution", "0.4,0.2,0.2,0.1,0.1", "--count", "10", "--out", "subset.csv", "--json");
        Assert.Equal(0, chosen.Code);
        Assert.Equal([4, 2, 2, 1, 1], chosen.Json.GetProperty("wanted").EnumerateArray().Select(w => w.GetInt32()));
        string[] ids = [.. chosen.Json.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];
        Assert.Equal(ids, File.ReadLines(_world.PathOf("subset.csv")).Skip(1).Select(l => l.Split(',')[0]));

        _world.Write("listed.yaml", SmallWorld.Experiment(epochs: 1).Replace("split: { folds: 4, fold: 0 }", "split: { validation: subset.csv }", StringComparison.Ordinal)
            .Replace("class_weights: [1, 1.5, 1, 1.5, 1.5]", "cap: 5", StringComparison.Ordinal));
        JsonElement sides = GradusProcess.Run(_world.Root, "split", "listed.yaml", "--json").Json;
        Assert.Equal([4, 2, 2, 1, 1], sides.GetProperty("validation").EnumerateArray().Select(n => n.GetInt32()));
        Assert.Equal(ids.Order(StringComparer.Ordinal), sides.GetProperty("assignments").EnumerateArray().Where(a => a.GetProperty("side").GetString() == "validation").Select(a => a.GetProperty("id").GetString()!).Order(StringComparer.Ordinal));
        GradusProcess.Run(_world.Root, "split", "listed.yaml", "--out", "split.csv").FailsWith(2, "names its validation images itself");
        GradusProcess.Finished trained = GradusProcess.Run(_world.Root, "train", "listed.yaml", "--runs", "listed", "--json");
        Assert.Equal(0, trained.Code);
        JsonElement info = JsonDocument.Parse(File.ReadAllText(Path.Combine(trained.Json.GetProperty("directory").GetString()!, "run.json"))).RootElement;
        Assert.Equal(ids.Length, info.GetProperty("counts").GetProperty("validation").EnumerateArray().Sum(n => n.GetInt32()));
        JsonElement epoch = JsonDocument.Parse(File.ReadLines(Path.Combine(trained.Json.GetProperty("directory").GetString()!, "metrics.jsonl")).First()).RootElement;
        Assert.All(epoch.GetProperty("draw").GetProperty("realised").EnumerateArray(), n => Assert.InRange(n.GetInt32(), 1, 5));

        GradusProcess.Run(_world.Root, "subset", "experiment.yaml", "--distribution", "0.5,0.5", "--out", "s.csv").FailsWith(2, "each of the 5 grades");
        GradusProcess.Run(_world.Root, "subset", "experiment.yaml", "--distribution", "1,1,0,0,0", "--out", "s.csv").FailsWith(2, "add up to 1");
        GradusProcess.Run(_world.Root, "subset", "experiment.yaml", "--out", "s.csv").FailsWith(2, "one distribution");
        GradusProcess.Run(_world.Root, "subset", "experiment.yaml", "--distribution", "1,0,0,0,0", "--out", "train.csv").FailsWith(2, "train.csv", "something else");
    }
}
