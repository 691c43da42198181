using System.Text.Json;

namespace Gradus.EndToEnd;

public sealed class ExplainTests : IClassFixture<SmallWorld>
{
    private static readonly byte[] PngStart = [0x89, (byte)'P', (byte)'N', (byte)'G'];
    private readonly SmallWorld _world;

    public ExplainTests(SmallWorld world) => _world = world;

    [Fact]
    public void A_run_says_where_it_looked_what_it_got_wrong_and_a_second_run_learns_from_that()
    {
        GradusProcess.Finished train = GradusProcess.Run(_world.Root, "train", "experiment.yaml", "--json");
        Assert.True(train.Code == 0, train.Error);
        string run = train.Json.GetProperty("run").GetString()!, checkpoint = train.Json.GetProperty("bestCheckpoint").GetString()!;
        string photograph = Directory.GetFiles(_world.PathOf("test")).Order(StringComparer.Ordinal).First();

        GradusProcess.Finished explain = GradusProcess.Run(_world.Root, "explain", checkpoint, photograph, "--method", "gradcam++", "--of", "grade", "--out", "seen", "--json");
        Assert.True(explain.Code == 0, explain.Error);
        JsonElement image = Assert.Single(explain.Json.GetProperty("images").EnumerateArray());
        Assert.Equal(PngStart, File.ReadAllBytes(image.GetProperty("file").GetString()!)[..4]);
        Assert.StartsWith("<!doctype html>", File.ReadAllText(explain.Json.GetProperty("page").GetString()!), StringComparison.Ordinal);

        GradusProcess.Finished check = GradusProcess.Run(_world.Root, "explain", checkpoint, "test", "--check", "--of", "grade", "--json");
        Assert.True(check.Code == 0, check.Error);
        Assert.Equal(["head", "last_third", "whole"], check.Json.GetProperty("correlations").EnumerateArray().Select(c => c.GetProperty("disorder").GetString()!));

        GradusProcess.Finished gallery = GradusProcess.Run(_world.Root, "explain", run, "--mistakes", "--count", "3", "--json");
        Assert.True(gallery.Code == 0, gallery.Error);
        Assert.Equal(3, gallery.Json.GetProperty("images").GetArrayLength());
        Assert.Equal(PngStart, File.ReadAllBytes(gallery.Json.GetProperty("sheet").GetString()!)[..4]);

        // In the run's own folder, with a list for the dashboard.
        string folder = Path.Combine(train.Json.GetProperty("directory").GetString()!, "explain");
        Assert.Equal(folder, Path.GetDirectoryName(gallery.Json.GetProperty("page").GetString()));
        JsonElement list = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "explain.json"))).RootElement;
        Assert.Equal(("gradcam", "score"), (list.GetProperty("method").GetString(), list.GetProperty("of").GetString()));
        Assert.Equal(gallery.Json.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("id").GetString()), list.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("id").GetString()));
        Assert.All(list.GetProperty("images").EnumerateArray(), i => Assert.Equal(PngStart, File.ReadAllBytes(Path.Combine(folder, i.GetProperty("file").GetString()!))[..4]));

        GradusProcess.Finished mistakes = GradusProcess.Run(_world.Root, "mistakes", run, "--out", "mistakes.csv", "--json");
        Assert.True(mistakes.Code == 0, mistakes.Error);
        string[][] rows = [.. File.ReadLines(_world.PathOf("mistakes.csv")).Skip(1).Select(l => l.Split(','))];
        Assert.Equal(mistakes.Json.GetProperty("listed").GetInt32(), rows.Length);
        Assert.Equal(gallery.Json.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("id").GetString()), rows.Take(3).Select(r => r[0]));
        double[] errors = [.. rows.Select(r => double.Parse(r[7], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(errors.OrderDescending(), errors);

        // The other fold trains on what judged this one.
        _world.Write("harder.yaml", SmallWorld.Experiment(epochs: 1).Replace("fold: 0", "fold: 1", StringComparison.Ordinal)
            .Replace("{ class_weights: [1, 1.5, 1, 1.5, 1.5] }", "{ image_weights: { file: mistakes.csv, strength: 3 } }", StringComparison.Ordinal));
        GradusProcess.Finished harder = GradusProcess.Run(_world.Root, "train", "harder.yaml", "--json");
        Assert.True(harder.Code == 0, harder.Error);
        JsonElement draw = JsonDocument.Parse(File.ReadLines(Path.Combine(harder.Json.GetProperty("directory").GetString()!, "metrics.jsonl")).First()).RootElement.GetProperty("draw");
        Assert.True(draw.GetProperty("configuredWeight").GetDouble() > 1);
        Assert.Equal(draw.GetProperty("configuredWeight").GetDouble(), draw.GetProperty("realisedWeight").GetDouble(), 1.0);

        // And a person's decision about one of them is a decision of the audit.
        _world.Write("mistakes.csv", File.ReadAllText(_world.PathOf("mistakes.csv")).Replace($"{rows[0][2]},{rows[0][3]},,", $"{rows[0][2]},{rows[0][3]},drop,", StringComparison.Ordinal));
        GradusProcess.Run(_world.Root, "mistakes", run, "--out", "mistakes.csv").FailsWith(2, "mistakes.csv", "1 decision");
        _world.Write("decided.yaml", SmallWorld.Experiment(extra: "conflicts: { file: mistakes.csv }"));
        GradusProcess.Finished split = GradusProcess.Run(_world.Root, "split", "decided.yaml", "--json");
        Assert.True(split.Code == 0, split.Error);
        Assert.DoesNotContain(split.Json.GetProperty("assignments").EnumerateArray(), a => a.GetProperty("id").GetString() == rows[0][0]);

        GradusProcess.Run(_world.Root, "explain", checkpoint).FailsWith(2, "no images to explain");
        GradusProcess.Run(_world.Root, "explain", checkpoint, photograph, "--of", "grade:9").FailsWith(2, "grade");
        GradusProcess.Run(_world.Root, "explain", checkpoint, photograph, "--method", "lime").FailsWith(2, "gradcam++", "lime");
        GradusProcess.Run(_world.Root, "mistakes", run, run, "--out", "twice.csv").FailsWith(2, "twice");
    }
}
