namespace Gradus.EndToEnd;

/// <summary>How the program answers whoever types it.</summary>
public sealed class CommandLineTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public CommandLineTests(SmallWorld world) => _world = world;

    [Theory]
    [InlineData("audti", "Did you mean 'audit'?", "gradus --help")]
    [InlineData("audit e.yaml --jsno", "Did you mean '--json'?", "gradus audit --help")]
    [InlineData("audit e.yaml f.yaml", "'f.yaml' is one argument too many", "gradus audit --help")]
    [InlineData("audit", "EXPERIMENT is missing", "gradus audit --help")]
    [InlineData("audit @e.yaml", "does not exist", "@e.yaml")]
    [InlineData("predict c.safetensors test --thresholds bogus", "--thresholds is one of tuned, default", "'bogus'")]
    [InlineData("train e.yaml --fold first", "--fold is a whole number", "'first'")]
    [InlineData("audit --foo", "unknown option '--foo' of audit", "gradus audit --help")]
    [InlineData("predict --otu c.safetensors test", "unknown option '--otu' of predict", "Did you mean '--out'?")]
    [InlineData("tunne --help", "unknown verb 'tunne'", "gradus --help")]
    [InlineData("init", "one of three forms", "--labels with --images")]
    [InlineData("init --labels train.csv", "--labels needs the folder", "--images")]
    public void A_wrong_command_line_is_two_lines_at_most_and_exit_code_2(string line, string says, string alsoSays)
    {
        GradusProcess.Finished finished = GradusProcess.Run(_world.Root, line.Split(' '));
        Assert.Equal(2, finished.Code);
        Assert.InRange(finished.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 2);
        Assert.Contains(says, finished.Error, StringComparison.Ordinal);
        Assert.Contains(alsoSays, finished.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Gradus.", finished.Error, StringComparison.Ordinal);
        Assert.Empty(finished.Output);
    }

    [Fact]
    public void Help_teaches_by_example_and_is_no_error()
    {
        GradusProcess.Finished root = GradusProcess.Run(_world.Root), verb = GradusProcess.Run(_world.Root, "init", "--help");
        Assert.Equal((0, 0), (root.Code, verb.Code));
        Assert.Contains("audit", root.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  gradus init --labels train.csv --images train\n", verb.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Debug_adds_the_trace_to_the_line()
    {
        GradusProcess.Finished finished = GradusProcess.Run(_world.Root, "audit", "nowhere.yaml", "--debug");
        Assert.Equal(2, finished.Code);
        Assert.StartsWith("gradus: ", finished.Error, StringComparison.Ordinal);
        Assert.Contains("   at Gradus.", finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_is_written_the_same_each_time_says_what_it_leaves_out_and_keeps_other_files()
    {
        GradusProcess.Finished first = GradusProcess.Run(_world.Root, "split", "experiment.yaml", "--out", "a.csv");
        GradusProcess.Run(_world.Root, "split", "experiment.yaml", "--out", "b.csv");
        Assert.Equal(0, first.Code);
        Assert.Equal(File.ReadAllText(_world.PathOf("a.csv")), File.ReadAllText(_world.PathOf("b.csv")));
        Assert.Contains("left out because", first.Output, StringComparison.Ordinal);
        Assert.Contains("gradus audit", first.Output, StringComparison.Ordinal);
        Assert.Equal(0, GradusProcess.Run(_world.Root, "split", "experiment.yaml", "--out", "a.csv").Code);

        string labels = File.ReadAllText(_world.PathOf("train.csv"));
        GradusProcess.Run(_world.Root, "split", "experiment.yaml", "--out", "train.csv").FailsWith(2, "train.csv", "something else");
        Assert.Equal(labels, File.ReadAllText(_world.PathOf("train.csv")));
    }

    [Fact]
    public void Ctrl_C_ends_with_exit_code_130_says_how_to_go_on_and_keeps_what_was_done()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs kill");
        string runs = _world.PathOf("interrupted");
        _world.Write("long.yaml", SmallWorld.Experiment(epochs: 10_000));
        using GradusProcess process = GradusProcess.Start(_world.Root, "train", "long.yaml", "--runs", runs);
        Assert.True(process.InterruptWhen(() => Directory.Exists(runs) && Directory.EnumerateFiles(runs, "state.safetensors", SearchOption.AllDirectories).Any()));
        GradusProcess.Finished stopped = process.Wait();
        Assert.Equal(130, stopped.Code);
        Assert.Equal("gradus: stopped", stopped.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        string run = Assert.Single(Directory.GetDirectories(runs));
        Assert.Contains($"gradus resume {run}", stopped.Error, StringComparison.Ordinal);
        Assert.Contains("\"status\": \"stopped\"", File.ReadAllText(Path.Combine(run, "run.json")), StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(run, "checkpoints"), "*.safetensors"));
    }
}
