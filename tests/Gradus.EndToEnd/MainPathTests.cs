using System.Text.Json;

namespace Gradus.EndToEnd;

public sealed class MainPathTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public MainPathTests(SmallWorld world) => _world = world;

    [Fact]
    public void From_a_csv_and_a_folder_to_a_submission()
    {
        GradusProcess.Finished audit = GradusProcess.Run(_world.Root, "audit", "experiment.yaml", "--json");
        Assert.Equal(0, audit.Code);
        Assert.Equal(100, audit.Json.GetProperty("images").GetInt32() + _world.Planted.OutOfScale.Length);
        Assert.Equal(_world.Planted.Corrupt.Select(c => c.Value), audit.Json.GetProperty("unreadable").EnumerateArray().Select(u => u.GetProperty("id").GetString()));
        Assert.Equal(_world.Planted.Conflicts.Length, audit.Json.GetProperty("conflicts").GetArrayLength());
        Assert.Equal(_world.Planted.TestLeaks.Length, audit.Json.GetProperty("testLeaks").GetArrayLength());
        Assert.Equal(_world.Planted.NearDuplicates.Length, audit.Json.GetProperty("nearDuplicates").GetArrayLength());

        GradusProcess.Finished train = GradusProcess.Run(_world.Root, "train", "experiment.yaml", "--json");
        Assert.True(train.Code == 0, train.Error);
        JsonElement result = train.Json;
        string checkpoint = result.GetProperty("bestCheckpoint").GetString()!;
        Assert.True(File.Exists(checkpoint));
        Assert.StartsWith(Path.Combine(_world.Root, "runs"), result.GetProperty("directory").GetString(), StringComparison.Ordinal);
        foreach (string thresholds in new[] { "default", "tuned" })
            Assert.InRange(result.GetProperty("validation").GetProperty(thresholds).GetProperty("qwk").GetDouble(), -1, 1);
        Assert.True(result.GetProperty("imagesPerSecond").GetDouble() > 0);
        Assert.InRange(result.GetProperty("dataWaitFraction").GetDouble(), 0, 1);
        foreach (string plot in new[] { "loss", "qwk", "confusion", "classes" })
            Assert.True(File.Exists(Path.Combine(result.GetProperty("directory").GetString()!, "plots", plot + ".png")), plot);

        GradusProcess.Finished evaluate = GradusProcess.Run(_world.Root, "evaluate", checkpoint, "experiment.yaml", "--on", "validation", "--json");
        Assert.True(evaluate.Code == 0, evaluate.Error);
        Assert.Equal(result.GetProperty("validation").GetProperty("tuned").GetProperty("qwk").GetDouble(), evaluate.Json.GetProperty("tuned").GetProperty("qwk").GetDouble(), 1e-9);
        Assert.Equal(0, evaluate.Json.GetProperty("seenInTraining").GetInt32());

        GradusProcess.Finished predict = GradusProcess.Run(_world.Root, "predict", checkpoint, "test", "--out", "predictions.csv");
        Assert.True(predict.Code == 0, predict.Error);
        Assert.Equal("id,grade,score,p0,p1,p2,p3,p4", File.ReadLines(_world.PathOf("predictions.csv")).First());

        GradusProcess.Finished shift = GradusProcess.Run(_world.Root, "shift", "experiment.yaml", "--checkpoint", checkpoint, "--html", "shift.html", "--json");
        Assert.True(shift.Code == 0, shift.Error);
        foreach (string estimate in new[] { "bbse", "em" })
            Assert.Equal(1, shift.Json.GetProperty("labelShift").GetProperty(estimate).GetProperty("distribution").EnumerateArray().Sum(s => s.GetDouble()), 1e-6);
        foreach (string thresholds in new[] { "default", "tuned", "corrected" })
            Assert.Equal(20, shift.Json.GetProperty("counts").GetProperty(thresholds).EnumerateArray().Sum(n => n.GetInt32()));
        Assert.InRange(shift.Json.GetProperty("adversarial").GetProperty("auc").GetDouble(), 0, 1);
        Assert.NotEqual(0, shift.Json.GetProperty("verdicts").GetArrayLength());
        Assert.StartsWith("<!doctype html>", File.ReadAllText(_world.PathOf("shift.html")), StringComparison.Ordinal);
        GradusProcess.Run(_world.Root, "shift", "experiment.yaml", "--html", "train.csv").FailsWith(2, "train.csv", "something else");

        _world.Write("unreadable/a.jpg", "no image");
        GradusProcess.Run(_world.Root, "predict", checkpoint, "unreadable", "--out", "none.csv").FailsWith(1, "cannot be read", "a.jpg");
        Assert.False(File.Exists(_world.PathOf("none.csv")));
        GradusProcess.Run(_world.Root, "predict", checkpoint, "test", "--out", "train.csv").FailsWith(2, "train.csv", "something else");

        GradusProcess.Finished submit = GradusProcess.Run(_world.Root, "submit", "predictions.csv", "--sample", "sample_submission.csv", "--out", "submission.csv");
        Assert.True(submit.Code == 0, submit.Error);
        Assert.Equal(
            File.ReadLines(_world.PathOf("sample_submission.csv")).Select(l => l.Split(',')[0]),
            File.ReadLines(_world.PathOf("submission.csv")).Select(l => l.Split(',')[0]));
    }

    [Fact]
    public void Init_writes_an_experiment_that_audit_reads()
    {
        GradusProcess.Finished init = GradusProcess.Run(_world.Root, "init", "--labels", "train.csv", "--images", "train", "--out", "mine.yaml");
        Assert.True(init.Code == 0, init.Error);
        Assert.Equal(0, GradusProcess.Run(_world.Root, "audit", "mine.yaml").Code);
        GradusProcess.Run(_world.Root, "init", "--labels", "train.csv", "--images", "train", "--out", "mine.yaml").FailsWith(2, "mine.yaml", "--force");
    }

    [Fact]
    public void The_doctor_finds_this_machine_healthy()
    {
        GradusProcess.Finished doctor = GradusProcess.Run(_world.Root, "doctor", "--json");
        Assert.Equal(0, doctor.Code);
        Assert.True(doctor.Json.GetProperty("good").GetBoolean());
    }
}
