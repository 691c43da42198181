using System.Text.Json;

namespace Gradus.EndToEnd;

/// <summary>The folder of runs through the real program.</summary>
public sealed class RunsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gradus-e2e-").FullName;

    private string Runs => Path.Combine(_root, "runs");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Runs_are_listed_noted_trashed_restored_and_compared()
    {
        string[] names = Generate(6);
        Gradus("runs", "note", names[0], "--public", "0.704", "--private", "0.828", "--remark", "larger images", "--tag", "best");
        JsonElement found = Assert.Single(Gradus("runs", "--tag", "best", "--json").Json.GetProperty("runs").EnumerateArray());
        Assert.Equal((names[0], 0.704, "larger images"), (found.GetProperty("name").GetString()!, found.GetProperty("publicScore").GetDouble(), found.GetProperty("remark").GetString()!));
        Assert.Contains("0.828", Gradus("runs", "show", names[0]).Output, StringComparison.Ordinal);

        Gradus("runs", "trash", names[0]);
        Assert.Equal(5, List().Length);
        Gradus("runs", "restore", names[0]);
        Assert.Equal(6, List().Length);
        Assert.Equal(6, Gradus("runs", "tree", "--json").Json.GetArrayLength());
        Assert.Equal(6, Gradus("runs", "reindex", "--json").Json.GetProperty("written").GetInt32());

        JsonElement comparison = Gradus("compare", names[0], names[1], "--plot", "curves.png", "--json").Json;
        Assert.NotEqual(0, comparison.GetProperty("settings").GetArrayLength());
        Assert.True(File.Exists(Path.Combine(_root, "curves.png")));
    }

    [Fact]
    public void A_run_that_goes_on_from_another_is_named_after_what_differs_and_compared_on_the_same_images()
    {
        using var world = new SmallWorld();
        world.Write("one.yaml", SmallWorld.Experiment(epochs: 1));
        JsonElement parent = Done(GradusProcess.Run(world.Root, "train", "one.yaml", "--json"));
        JsonElement child = Done(GradusProcess.Run(world.Root, "train", "one.yaml", "--from", parent.GetProperty("bestCheckpoint").GetString()!, "--top-lr", "0.0001", "--remark", "bgc", "--json"));
        (string first, string second) = (parent.GetProperty("run").GetString()!, child.GetProperty("run").GetString()!);
        Assert.EndsWith("_mobilenet_v2_f0_lr1e-4_bgc", second, StringComparison.Ordinal);

        JsonElement[] tree = [.. Done(GradusProcess.Run(world.Root, "runs", "tree", "--json")).EnumerateArray()];
        Assert.Equal([(first, 0), (second, 1)], tree.Select(l => (l.GetProperty("run").GetString()!, l.GetProperty("depth").GetInt32())));
        JsonElement comparison = Done(GradusProcess.Run(world.Root, "compare", first, second, "--json"));
        Assert.Equal(0, comparison.GetProperty("warnings").GetArrayLength());
        Assert.Contains("train.top_lr", comparison.GetProperty("settings").EnumerateArray().Select(s => s.GetProperty("setting").GetString()));
        JsonElement gain = comparison.GetProperty("runs")[1].GetProperty("pairedQwk");
        double Qwk(int run) => comparison.GetProperty("runs")[run].GetProperty("default").GetProperty("qwk").GetDouble();
        Assert.Equal(Qwk(1) - Qwk(0), gain.GetProperty("value").GetDouble(), 1e-9);

        static JsonElement Done(GradusProcess.Finished end)
        {
            Assert.True(end.Code == 0, end.Error);
            return end.Json;
        }
    }

    [Fact]
    public void Processes_that_write_at_once_and_one_that_is_killed_lose_and_double_nothing()
    {
        string[] names = Generate(300);
        using (GradusProcess doomed = GradusProcess.Start(_root, "runs", "reindex"))
            Assert.True(doomed.KillWhen(() => File.Exists(Path.Combine(Runs, ".index.sqlite-wal"))));
        GradusProcess[] writers = [.. Enumerable.Range(0, 6).Select(i => i % 2 == 0
            ? GradusProcess.Start(_root, "runs", "note", names[0], "--tag", $"t{i}")
            : GradusProcess.Start(_root, "runs", "--json"))];
        GradusProcess.Finished[] ends = [.. writers.Select(w => w.Wait())];
        Assert.All(ends, end => Assert.Equal("", end.Code == 0 ? "" : end.Error));
        Array.ForEach(writers, w => w.Dispose());
        Assert.Equal(names, List().Select(r => r.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
        JsonElement noted = List().Single(r => r.GetProperty("name").GetString() == names[0]);
        Assert.Equal(["t0", "t2", "t4"], noted.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!));
    }

    [Fact]
    public void A_folder_with_a_hostile_name_is_shown_harmless_and_nothing_leads_out_of_the_folder_of_runs()
    {
        string[] names = Generate(2);
        Directory.Move(Path.Combine(Runs, names[0]), Path.Combine(Runs, "\"><script>[red]\u001b[2J\u202e"));
        foreach (string[] verb in (string[][])[["runs"], ["runs", "tree"], ["runs", "show", "\"><script>[red]\u001b[2J\u202e"], ["compare", "\"><script>[red]\u001b[2J\u202e", names[1]]])
        {
            string text = Gradus(verb).Output;
            Assert.DoesNotContain(text, c => c is '\u001b' or '\u202e');
            Assert.Contains("\"><script>[red]?[2J?", text, StringComparison.Ordinal);
        }
        GradusProcess.Run(_root, "runs", "note", names[1], "--public", "0,7").FailsWith(2, "--public", "decimal point", "0,7");
        GradusProcess.Run(_root, "runs", "--status", "bogus").FailsWith(2, "finished", "'bogus'");
        foreach (string verb in (string[])["show", "note", "trash", "restore"])
            GradusProcess.Run(_root, "runs", verb, "../runs/../..").FailsWith(2, "this is not the name of a run");
        GradusProcess.Run(_root, "compare", names[1], "/etc").FailsWith(2, "this is not the folder of a run");
        GradusProcess.Run(_root, "runs", "--where", "name'; DROP TABLE gradus_runs; --=1").FailsWith(2, "there is no column");
        GradusProcess.Run(_root, "--runs", "nowhere", "runs").FailsWith(2, "there is no such folder of runs");
    }

    [Fact]
    public void A_run_that_another_version_wrote_stops_neither_the_list_nor_the_report()
    {
        string[] names = Generate(2);
        string file = Path.Combine(Runs, names[0], "run.json");
        AtomicFile.WriteText(file, File.ReadAllText(file).Replace("\"rule\":", "\"unknown\":", StringComparison.Ordinal));
        const string Said = "its experiment cannot be read by this version of Gradus";
        foreach (string[] verb in (string[][])[["runs"], ["runs", "show", names[0]]])
            Assert.Contains(Said, Gradus(verb).Output, StringComparison.Ordinal);
        Assert.Equal(2, Gradus("runs", "reindex", "--json").Json.GetProperty("written").GetInt32());
        Assert.Equal(2, Gradus("report", "--md", "logbook.md", "--xlsx", "runs.xlsx", "--csv", "runs.csv", "--html", "runs.html", "--json").Json.GetProperty("runs").GetArrayLength());
        Assert.Contains(Said, File.ReadAllText(Path.Combine(_root, "logbook.md")), StringComparison.Ordinal);
        Assert.NotEqual(0, List().Single(r => r.GetProperty("name").GetString() == names[0]).GetProperty("epochs").GetInt32());
        GradusProcess.Run(_root, "compare", names[0], names[1]).FailsWith(1, "the run's experiment cannot be read by this version of Gradus");
    }

    [Fact]
    public void A_damaged_run_is_shown_with_what_can_be_read_and_what_is_wrong_is_said()
    {
        string[] names = Generate(3);
        string metrics = Path.Combine(Runs, names[0], "metrics.jsonl"), notes = Path.Combine(Runs, names[1], "notes.json");
        string[] lines = File.ReadAllLines(metrics);
        AtomicFile.WriteText(metrics, $"{lines[0]}\n{lines[1][..30]}\n{lines[2]}\n");
        AtomicFile.WriteText(notes, "{\n oops");
        JsonElement[] rows = List();
        Assert.Equal([2, 3, 3], names.Select(n => rows.Single(r => r.GetProperty("name").GetString() == n).GetProperty("epochs").GetInt32()));
        foreach ((string name, string place) in new[] { (names[0], $"{metrics}:2: is damaged"), (names[1], $"{notes}:2: is damaged") })
        {
            string shown = Gradus("runs", "show", name).Output;
            Assert.Contains("Status: damaged", shown, StringComparison.Ordinal);
            Assert.Contains(place, shown, StringComparison.Ordinal);
        }
        JsonElement compared = Gradus("compare", names[0], names[2], "--json").Json;
        Assert.Contains(compared.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.StartsWith($"{names[0]} is there only in part: {metrics}:2: is damaged", StringComparison.Ordinal));
        GradusProcess.Finished report = Gradus("report", "--csv", "runs.csv", "--json");
        Assert.Equal(2, report.Json.GetProperty("damaged").GetArrayLength());
        Assert.Contains($"only in part: {names[0]}", report.Error, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(_root, "runs.csv")).Count(l => l.Split(',')[2] == "damaged"));
    }

    [Fact]
    public void Runs_are_reported_by_choice_and_what_is_contradictory_is_refused()
    {
        string[] names = Generate(4);
        Gradus("runs", "note", names[0], "--tag", "best", "--public", "999");
        Gradus("runs", "note", names[0], "--public", "none");
        Assert.Equal(JsonValueKind.Null, List().Single(r => r.GetProperty("name").GetString() == names[0]).GetProperty("publicScore").ValueKind);
        Assert.Equal([names[0]], Gradus("report", "--tag", "best", "--xlsx", "best.xlsx", "--no-epochs", "--json").Json.GetProperty("runs").EnumerateArray().Select(r => r.GetString()!));
        Assert.Contains("there are best", Gradus("runs", "--tag", "bets").Error, StringComparison.Ordinal);
        GradusProcess.Run(_root, "report", names[0], "--tag", "best", "--csv", "a.csv").FailsWith(2, "not both");
        GradusProcess.Run(_root, "report", "--xlsx", "a.csv").FailsWith(2, "--xlsx is no file that ends with .csv", "a.xlsx");
        GradusProcess.Run(_root, "report", "--where", "qwk>2", "--csv", "a.csv").FailsWith(2, "no run is like that");
        GradusProcess.Run(_root, "runs", "--where", "train.nonsense=3").FailsWith(2, "no run has a setting");
        Assert.Empty(Directory.GetFiles(_root, "a.*"));
    }

    [Fact]
    public void The_trash_takes_several_runs_is_listed_and_says_what_is_in_it()
    {
        string[] names = Generate(4);
        GradusProcess.Run(_root, "runs", "trash", names[0], "nope").FailsWith(2, "nope");
        Assert.Equal(4, List().Length);
        Gradus("runs", "trash", names[0], names[1]);
        Assert.Equal(names[..2], Gradus("runs", "trash", "--json").Json.GetProperty("trash").EnumerateArray().Select(n => n.GetString()!).Order(StringComparer.Ordinal));
        GradusProcess.Run(_root, "runs", "restore", names[0] + "x").FailsWith(2, "no run of this name in the trash", names[0]);
        Gradus("runs", "restore", names[0], names[1]);
        Assert.Equal(4, List().Length);
        Directory.CreateDirectory(Path.Combine(Runs, "stray"));
        Assert.Contains("stray", Gradus("runs").Error, StringComparison.Ordinal);
    }

    private string[] Generate(int count)
    {
        Gradus("runs", "generate", "--count", $"{count}", "--epochs", "3", "--out", "runs");
        string[] names = [.. Directory.GetDirectories(Runs).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];
        Assert.Equal(count, names.Length);
        return names;
    }

    private JsonElement[] List() => [.. Gradus("runs", "--json").Json.GetProperty("runs").EnumerateArray()];

    private GradusProcess.Finished Gradus(params string[] arguments)
    {
        GradusProcess.Finished end = GradusProcess.Run(_root, arguments);
        Assert.True(end.Code == 0, end.Error);
        return end;
    }
}
