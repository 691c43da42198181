using System.Security.Cryptography;
using System.Text.Json;
using Gradus.Cli;
using Gradus.Cli.Commands;

namespace Gradus.EndToEnd;

/// <summary>
/// A training that dies in native code, or is killed: nothing ends in silence, and resuming loses nothing.
/// </summary>
public sealed class SupervisorTests : IClassFixture<SmallWorld>
{
    private readonly SmallWorld _world;

    public SupervisorTests(SmallWorld world) => _world = world;

    [Fact]
    public void A_death_by_a_signal_is_told_in_one_line_in_the_list_of_runs_and_at_resume_and_costs_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has the supervisor");
        _world.Write("deaths.yaml", SmallWorld.Experiment(epochs: 5, "select: { by: loss, keep: 5 }"));
        GradusProcess.Finished whole = GradusProcess.Run(_world.Root, "train", "deaths.yaml", "--runs", "whole", "--json");
        Assert.True(whole.Code == 0, whole.Error);

        string runs = _world.PathOf("deaths");
        string[] start = ["train", "deaths.yaml", "--runs", "deaths"];
        var signals = new (string Signal, string Name, bool Child)[]
        {
            ("FPE", "signal 8 (SIGFPE", false),
            ("SEGV", "signal 11 (SIGSEGV", false),
            ("ABRT", "signal 6 (SIGABRT", false),
            ("KILL", "signal 9 (SIGKILL", true),
        };
        for (int i = 0; i < signals.Length; i++)
        {
            (string signal, string name, bool child) = signals[i];
            int epoch = i + 1;
            GradusProcess.Finished ended = Killed(start, signal, child, () => Files(runs, $"epoch-{epoch:000}.safetensors").Length > 0);
            string run = Assert.Single(Directory.GetDirectories(runs));
            string line = Assert.Single(ended.Error.Split('\n'), l => l.StartsWith("gradus: ", StringComparison.Ordinal));
            Assert.Equal(1, ended.Code);
            Assert.Contains($"the process died of {name}", line, StringComparison.Ordinal);
            Assert.Contains("while training; run deaths/", line, StringComparison.Ordinal);
            Assert.Contains("gradus resume deaths/", line, StringComparison.Ordinal);
            JsonElement row = Assert.Single(GradusProcess.Run(_world.Root, "runs", "--runs", "deaths", "--status", "died", "--json").Json.GetProperty("runs").EnumerateArray());
            Assert.Equal("died", row.GetProperty("status").GetString());
            Assert.Contains(name, row.GetProperty("problem").GetString(), StringComparison.Ordinal);
            if (i > 0)
                Assert.Contains(signals[i - 1].Name, ended.Error, StringComparison.Ordinal); // what resume said first
            start = ["resume", run];
        }
        string last = Assert.Single(Directory.GetDirectories(runs));
        JsonElement shown = GradusProcess.Run(_world.Root, "runs", "show", Path.GetFileName(last), "--runs", "deaths", "--json").Json;
        Assert.Equal([8, 11, 6, 9], shown.GetProperty("died").EnumerateArray().Select(d => d.GetProperty("signal").GetInt32()));

        GradusProcess.Finished done = GradusProcess.Run(_world.Root, "resume", last, "--json");
        Assert.True(done.Code == 0, done.Error);
        Assert.Contains("have died 4 times", done.Error, StringComparison.Ordinal);
        for (int epoch = 1; epoch <= 5; epoch++)
            Assert.Equal(Weights(whole.Json.GetProperty("directory").GetString()!, epoch), Weights(last, epoch));
        Assert.Equal("finished", GradusProcess.Run(_world.Root, "runs", "--runs", "deaths", "--json").Json.GetProperty("runs")[0].GetProperty("status").GetString());
    }

    [Fact]
    public void A_killed_supervisor_leaves_nobody_at_work_and_the_run_says_that_it_ended_without_a_word()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has the supervisor");
        _world.Write("long.yaml", SmallWorld.Experiment(epochs: 200));
        string runs = _world.PathOf("orphan");
        using (GradusProcess training = GradusProcess.Start(_world.Root, "train", "long.yaml", "--runs", "orphan"))
        {
            int child = 0;
            Assert.True(training.KillWhen(() => Files(runs, "metrics.jsonl").Length > 0 && (child = training.Child()) > 0));
            Assert.True(SpinWait.SpinUntil(() => GradusProcess.HasEnded(child), TimeSpan.FromSeconds(20)), "the child trains on");
        }
        JsonElement row = Assert.Single(GradusProcess.Run(_world.Root, "runs", "--runs", "orphan", "--json").Json.GetProperty("runs").EnumerateArray());
        Assert.Equal("died", row.GetProperty("status").GetString());
        Assert.Contains("ended without a word", row.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_request_to_stop_ends_the_work_in_order_though_a_terminal_sends_it_to_both(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has the supervisor");
        _world.Write("stopped.yaml", SmallWorld.Experiment(epochs: 200));
        string folder = $"stopped-{signal}", runs = _world.PathOf(folder);
        using GradusProcess training = GradusProcess.Start(_world.Root, "train", "stopped.yaml", "--runs", folder);
        // A request, also where it comes twice, is one.
        Assert.True(training.SignalWhen(signal, () => Files(runs, "metrics.jsonl").Length > 0, both: true), "it ended by itself");
        GradusProcess.Finished ended = training.Wait();
        Assert.Equal(130, ended.Code);
        Assert.Contains("gradus: stopped", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("died", ended.Error, StringComparison.Ordinal);
        JsonElement row = Assert.Single(GradusProcess.Run(_world.Root, "runs", "--runs", folder, "--json").Json.GetProperty("runs").EnumerateArray());
        Assert.Equal("stopped", row.GetProperty("status").GetString());
    }

    [Fact]
    public void Every_verb_that_is_excepted_from_supervision_is_one_and_help_needs_none()
    {
        string[] verbs = [.. GradusCommand.Create().Subcommands.Select(c => c.Name)];
        Assert.All(Supervisor.QuickVerbs, quick => Assert.Contains(quick, verbs));
        Assert.False(Supervisor.IsWanted([]));
        Assert.False(Supervisor.IsWanted(["train", "--help"]));
        Assert.False(Supervisor.IsWanted(["--runs", "train", "runs"]));
        Assert.Equal(OperatingSystem.IsLinux(), Supervisor.IsWanted(["--json", "--runs", "runs", "train", "x.yaml"]));
        Assert.Equal(OperatingSystem.IsLinux(), Supervisor.IsWanted(["predict", "x.safetensors", "images"]));
    }

    private GradusProcess.Finished Killed(string[] arguments, string signal, bool child, Func<bool> when)
    {
        using GradusProcess process = GradusProcess.Start(_world.Root, arguments);
        Assert.True(process.SignalWhen(signal, when, child: child), $"it ended before it was sent {signal}");
        return process.Wait();
    }

    // The tensors without the header, whose description names the run.
    private static string Weights(string run, int epoch)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(run, "checkpoints", $"epoch-{epoch:000}.safetensors"));
        return Convert.ToHexString(SHA256.HashData(file.AsSpan(8 + (int)BitConverter.ToUInt64(file))));
    }

    private static string[] Files(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern, SearchOption.AllDirectories) : [];
}
