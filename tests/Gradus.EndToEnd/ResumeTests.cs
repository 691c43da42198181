using System.Text.Json;

namespace Gradus.EndToEnd;

/// <summary>A resumed run is the run that it says it is, or is refused.</summary>
public sealed class ResumeTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public ResumeTests(SmallWorld world) => _world = world;

    [Fact]
    public void Edited_settings_are_refused_by_name_and_changed_images_are_named()
    {
        GradusProcess.Finished trained = GradusProcess.Run(_world.Root, "train", "experiment.yaml", "--json");
        Assert.True(trained.Code == 0, trained.Error);
        Assert.Contains("macro F1", trained.Error, StringComparison.Ordinal);
        JsonElement warning = trained.Json.GetProperty("warning");
        string run = trained.Json.GetProperty("directory").GetString()!, info = Path.Combine(run, "run.json"), said = File.ReadAllText(info);
        Assert.Equal(0, GradusProcess.Run(_world.Root, "resume", run).Code);

        // What training says of its thresholds at its end, the checkpoint says wherever it goes, and the page too.
        GradusProcess.Finished predicted = GradusProcess.Run(
            _world.Root, "predict", trained.Json.GetProperty("bestCheckpoint").GetString()!, "test", "--out", "predictions.csv", "--json");
        Assert.Equal(warning.GetString(), predicted.Json.GetProperty("warning").GetString());
        string page = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.Equal(warning.ValueKind == JsonValueKind.String, page.Contains("Warning: tuned thresholds", StringComparison.Ordinal));

        Assert.Contains("\"epochs\": 2", said, StringComparison.Ordinal);
        AtomicFile.WriteText(info, said.Replace("\"epochs\": 2", "\"epochs\": 3", StringComparison.Ordinal));
        GradusProcess.Run(_world.Root, "resume", run).FailsWith(2, "run.json", "train.epochs 3 instead of 2", "Restore");
        AtomicFile.WriteText(info, said);

        // An image that one could look at without seeing that it is another file.
        string[] line = File.ReadLines(Path.Combine(run, "split.csv")).Skip(1).First().Split(',');
        string image = Directory.GetFiles(_world.PathOf("train"), $"{line[0]}.*").Single();
        using (FileStream stream = File.Open(image, FileMode.Append))
            stream.WriteByte(0);
        GradusProcess.Run(_world.Root, "resume", run).FailsWith(1, "have changed since this run began", $"'{line[0]}'", "other content");
    }
}
