using System.IO.Compression;

namespace Gradus.EndToEnd;

public sealed class ReportTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public ReportTests(SmallWorld world) => _world = world;

    [Fact]
    public void From_a_run_to_a_workbook_a_table_a_logbook_and_a_page()
    {
        GradusProcess.Run(_world.Root, "report", "--csv", "runs.csv").FailsWith(2, "there are no runs");
        // Whoever is told hears it, and whoever cannot be told changes nothing.
        _world.Write("telling.yaml", SmallWorld.Experiment(extra: "notify: { webhook: \"http://127.0.0.1:1/\", command: [tee, told.json], seconds: 5 }"));
        GradusProcess.Finished train = GradusProcess.Run(_world.Root, "train", "telling.yaml", "--json");
        Assert.True(train.Code == 0, train.Error);
        Assert.Contains("notify: the webhook", train.Error, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"finished\"", File.ReadAllText(_world.PathOf("told.json")), StringComparison.Ordinal);
        string run = train.Json.GetProperty("directory").GetString()!;
        File.Copy(_world.PathOf("experiment.yaml"), _world.PathOf("mine"));
        Assert.Equal(0, GradusProcess.Run(_world.Root, "runs", "note", Path.GetFileName(run), "--public", "0.704", "--tag", "first", "--remark", "=HYPERLINK(\"http://example.org\")").Code);

        string[] all = ["report", "--xlsx", "runs.xlsx", "--csv", "runs.csv", "--md", "logbook.md", "--html", "runs.html", "--json"];
        GradusProcess.Finished report = GradusProcess.Run(_world.Root, all);
        Assert.True(report.Code == 0, report.Error);
        Assert.Equal([Path.GetFileName(run)], report.Json.GetProperty("runs").EnumerateArray().Select(r => r.GetString()!));
        Assert.Equal(["xlsx", "csv", "md", "html"], report.Json.GetProperty("files").EnumerateObject().Select(f => f.Name));
        using (ZipArchive zip = ZipFile.OpenRead(_world.PathOf("runs.xlsx")))
            Assert.Equal(3, zip.Entries.Count(e => e.FullName.StartsWith("xl/worksheets/", StringComparison.Ordinal)));
        Assert.Contains("\"'=HYPERLINK(\"\"http://example.org\"\")\"", File.ReadAllText(_world.PathOf("runs.csv")), StringComparison.Ordinal);
        Assert.Contains("Leaderboard: public 0.704.", File.ReadAllText(_world.PathOf("logbook.md")), StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html>", File.ReadAllText(_world.PathOf("runs.html")), StringComparison.Ordinal);

        GradusProcess.Finished export = GradusProcess.Run(_world.Root, "export", "--tensorboard", "tb", "--mlflow", "mlruns", "--json");
        Assert.True(export.Code == 0, export.Error);
        Assert.Equal(2, Directory.GetFiles(export.Json.GetProperty("runs")[0].GetProperty("tensorboard").GetString()!, "events.out.tfevents.*").Length);
        Assert.True(File.Exists(Path.Combine(export.Json.GetProperty("runs")[0].GetProperty("mlflow").GetString()!, "meta.yaml")));
        GradusProcess.Run(_world.Root, "export").FailsWith(2, "--tensorboard or --mlflow");
        GradusProcess.Run(_world.Root, "export", "--mlflow", "runs").FailsWith(2, "the folder of the runs themselves");

        // Its own files it writes anew, others it leaves alone.
        Assert.Equal(0, GradusProcess.Run(_world.Root, all).Code);
        Assert.Equal(0, GradusProcess.Run(_world.Root, "report", Path.GetFileName(run), "--md", "logbook.md").Code);
        foreach (string kind in new[] { "--xlsx", "--csv", "--md", "--html" })
            GradusProcess.Run(_world.Root, "report", kind, "mine").FailsWith(2, "mine", "is there already");
        GradusProcess.Run(_world.Root, "report", "--md", "one", "--csv", "one").FailsWith(2, "one file cannot be two things");
        GradusProcess.Run(_world.Root, "report").FailsWith(2, "nothing to write");
        GradusProcess.Run(_world.Root, "report", "absent", "--md", "logbook.md").FailsWith(2, "absent");
    }
}
