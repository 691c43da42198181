using System.Text.Json;

namespace Gradus.EndToEnd;

/// <summary>From a training that keeps every epoch to the table of a sweep and an answer in words.</summary>
public sealed class SweepTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public SweepTests(SmallWorld world) => _world = world;

    [Fact]
    public void A_run_is_swept_and_diagnosed()
    {
        _world.Write("all.yaml", SmallWorld.Experiment(epochs: 3, "select: { by: cross_fitted_qwk, keep: all }"));
        GradusProcess.Finished train = GradusProcess.Run(_world.Root, "train", "all.yaml", "--json");
        Assert.True(train.Code == 0, train.Error);
        string run = train.Json.GetProperty("run").GetString()!, folder = train.Json.GetProperty("directory").GetString()!;

        GradusProcess.Finished sweep = GradusProcess.Run(_world.Root, "predict", run, "--all", "--json");
        Assert.True(sweep.Code == 0, sweep.Error);
        JsonElement[] checkpoints = [.. sweep.Json.GetProperty("checkpoints").EnumerateArray()];
        Assert.Equal([1, 2, 3], checkpoints.Select(c => c.GetProperty("epoch").GetInt32()));
        foreach (string thresholds in new[] { "default", "tuned", "stabilised" })
            Assert.All(checkpoints, c => Assert.Equal(20, c.GetProperty("counts").GetProperty(thresholds).EnumerateArray().Sum(n => n.GetInt32())));
        Assert.Equal(JsonValueKind.Null, checkpoints[0].GetProperty("agreement").ValueKind);
        Assert.InRange(checkpoints[2].GetProperty("agreement").GetDouble(), -1, 1);
        Assert.True(File.Exists(Path.Combine(folder, "sweep", "sweep.png")));

        GradusProcess.Finished diagnose = GradusProcess.Run(_world.Root, "diagnose", run, "--html", "diagnosis.html", "--json");
        Assert.True(diagnose.Code == 0, diagnose.Error);
        Assert.Contains(diagnose.Json.GetProperty("findings").EnumerateArray(), f => f.GetProperty("kind").GetString() == "noise" && f.GetProperty("sentence").GetString()!.Length > 0 && f.GetProperty("evidence").GetString()!.Length > 0);
        Assert.DoesNotContain(diagnose.Json.GetProperty("findings").EnumerateArray(), f => f.GetProperty("kind").GetString() == "leak");
        Assert.Empty(diagnose.Json.GetProperty("cannotTell").EnumerateArray());

        GradusProcess.Finished views = GradusProcess.Run(_world.Root, "predict", checkpoints[2].GetProperty("checkpoint").GetString()!, "test", "--tta", "dihedral", "--out", "views.csv");
        Assert.True(views.Code == 0, views.Error);
        Assert.EndsWith(",p4,spread", File.ReadLines(_world.PathOf("views.csv")).First(), StringComparison.Ordinal);

        GradusProcess.Run(_world.Root, "predict", checkpoints[2].GetProperty("checkpoint").GetString()!, "test", "--tta", "dihedrel").FailsWith(2, "dihedral");
        GradusProcess.Run(_world.Root, "diagnose", "nothing").FailsWith(2, "no such folder");
        _world.Write(Path.GetRelativePath(_world.Root, Path.Combine(folder, "validation_scores", "epoch-002.csv")), "");
        GradusProcess.Run(_world.Root, "diagnose", run).FailsWith(2, "epoch-002.csv", "no header line");
    }
}
