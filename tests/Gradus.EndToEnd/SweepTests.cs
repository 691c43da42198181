using System.Text.Json;
using Gradus.Grading;
using Gradus.Predictions;

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

        Tuned_thresholds_are_written_to_a_checkpoint_and_predict_uses_them(run, folder);

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

    private void Tuned_thresholds_are_written_to_a_checkpoint_and_predict_uses_them(string run, string folder)
    {
        GradusProcess.Finished tune = GradusProcess.Run(_world.Root, "tune", run, "--epoch", "2", "--per-output", "--choice", "shrunk", "--out", "per_output.safetensors", "--json");
        Assert.True(tune.Code == 0, tune.Error);
        double[] thresholds = [.. tune.Json.GetProperty("thresholds").EnumerateArray().Select(t => t.GetDouble())];
        Assert.Equal(4, thresholds.Length);
        GradusProcess.Finished predict = GradusProcess.Run(_world.Root, "predict", "per_output.safetensors", "test", "--out", "per_output.csv");
        Assert.True(predict.Code == 0, predict.Error);
        ScoredImages scored = ScoreFile.Read(Path.Combine(folder, "sweep", "scores", "epoch-002.csv"));
        int[] grades = new LeadingOnes([.. thresholds]).Grades(scored.Scores);
        Dictionary<string, int> expected = scored.Ids.Select((id, i) => (Id: Path.GetFileNameWithoutExtension(id.Value), Grade: grades[i])).ToDictionary(p => p.Id, p => p.Grade);
        Assert.Equal(expected, PredictionFile.Read(_world.PathOf("per_output.csv")).ToDictionary(p => Path.GetFileNameWithoutExtension(p.Id.Value), p => p.Grade));
        GradusProcess.Run(_world.Root, "tune", run, "--out", "per_output.safetensors").FailsWith(2, "is there already");
        GradusProcess.Run(_world.Root, "tune", "per_output.safetensors").FailsWith(2, "folder of its run");
        GradusProcess.Run(_world.Root, "tune", run, "--epoch", "9").FailsWith(2, "epoch 9");
        GradusProcess.Run(_world.Root, "tune", run, "--grade", "x").FailsWith(2, "--grade belongs to --scores");
    }
}
