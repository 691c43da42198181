using System.Text.Json;

namespace Gradus.EndToEnd;

public sealed class FoldsTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public FoldsTests(SmallWorld world) => _world = world;

    [Fact]
    public void All_folds_from_one_command_to_one_answer()
    {
        _world.Write("folds.yaml", SmallWorld.Experiment(epochs: 1).Replace("folds: 4", "folds: 2", StringComparison.Ordinal).Replace("seed: 3", "seed: 3, ema: 0.5", StringComparison.Ordinal));
        GradusProcess.Finished train = GradusProcess.Run(_world.Root, "train", "folds.yaml", "--fold", "all", "--json");
        Assert.True(train.Code == 0, train.Error);
        string group = train.Json.GetProperty("group").GetString()!, ensemble = train.Json.GetProperty("ensemble").GetString()!, scores = train.Json.GetProperty("outOfFold").GetString()!;
        Assert.Equal("id,source,hash,fold,grade,score,p0,p1,p2,p3,p4", File.ReadLines(scores).First());
        Assert.Equal(train.Json.GetProperty("images").GetInt32(), File.ReadLines(scores).Count() - 1);
        foreach (string estimate in new[] { "default", "crossFitted" })
            Assert.InRange(train.Json.GetProperty("figures").GetProperty(estimate).GetProperty("qwk").GetDouble(), -1, 1);

        GradusProcess.Finished again = GradusProcess.Run(_world.Root, "train", "folds.yaml", "--fold", "all");
        Assert.True(again.Code == 0, again.Error);
        Assert.Contains("Fold 1 is finished", again.Output, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetDirectories(_world.PathOf("runs")).Length);

        GradusProcess.Finished predict = GradusProcess.Run(_world.Root, "predict", ensemble, "test", "--out", "answers.csv", "--json");
        Assert.True(predict.Code == 0, predict.Error);
        Assert.Equal(2, predict.Json.GetProperty("checkpoints").GetInt32());
        Assert.Equal("id,grade,score,p0,p1,p2,p3,p4", File.ReadLines(_world.PathOf("answers.csv")).First());

        GradusProcess.Finished views = GradusProcess.Run(_world.Root, "predict", ensemble, "test", "--out", "views.csv", "--tta", "flips", "--json");
        Assert.True(views.Code == 0, views.Error);
        Assert.Equal(4, views.Json.GetProperty("views").GetInt32());
        Assert.True(views.Json.GetProperty("meanSpread").GetDouble() > 0);
        Assert.EndsWith(",spread", File.ReadLines(_world.PathOf("views.csv")).First(), StringComparison.Ordinal);

        GradusProcess.Run(_world.Root, "ensemble", group, "--oof", "answers.csv").FailsWith(2, "answers.csv", "never on predictions for a test set");
        GradusProcess.Run(_world.Root, "ensemble", group, group).FailsWith(2, "twice");
        GradusProcess.Run(_world.Root, "ensemble", group, "--method", "median").FailsWith(2, "median", "rank_mean");
        GradusProcess.Run(_world.Root, "train", "folds.yaml", "--fold", "two").FailsWith(2, "--fold", "two");
        GradusProcess.Finished greedy = GradusProcess.Run(_world.Root, "ensemble", group, "--method", "greedy", "--out", "mine.json", "--json");
        Assert.True(greedy.Code == 0, greedy.Error);
        Assert.Equal(1, Assert.Single(greedy.Json.GetProperty("members").EnumerateArray()).GetProperty("weight").GetDouble());

        JsonElement first = train.Json.GetProperty("checkpoints")[0], second = train.Json.GetProperty("checkpoints")[1];
        GradusProcess.Run(_world.Root, "average", first.GetProperty("path").GetString()!, second.GetProperty("path").GetString()!, "--out", "x.safetensors").FailsWith(2, "another fold");
    }
}
