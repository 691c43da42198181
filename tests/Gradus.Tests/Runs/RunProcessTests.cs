using System.Diagnostics;
using Gradus.Runs;
using Gradus.Runs.Index;

namespace Gradus.Tests.Runs;

public sealed class RunProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Runs => Path.Combine(_folder.Path, "runs");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_whose_process_is_gone_has_died_and_one_that_is_held_is_under_way()
    {
        RunFolder run = Begun("held");
        using (Hold(run))
        {
            Of(run, GoneProcess());
            Assert.Null(RunProcess.DeathOf(run));
            Assert.Equal(RunStatus.Running, run.ReadInfo().Status);
        }
        Assert.Equal(RunStatus.Died, run.ReadInfo().Status);
        Assert.Contains("without a word", run.ReadInfo().Failure, StringComparison.Ordinal);
        Assert.Contains("without a word", LoggedRun.Read(run).Info.Failure, StringComparison.Ordinal);
        Assert.Equal("died", LoggedRun.Read(run).Status);
    }

    [Fact]
    public void A_lock_that_was_left_behind_tells_of_a_death_where_nothing_else_does()
    {
        RunFolder run = Begun("old");
        Assert.Equal(RunStatus.Running, run.ReadInfo().Status);
        AtomicFile.WriteText(run.LockFile, "");
        Assert.Equal(RunStatus.Died, run.ReadInfo().Status);
    }

    [Fact]
    public void A_run_of_a_process_that_lives_is_under_way_although_nobody_holds_it_yet()
    {
        RunFolder run = Begun("begun");
        RunProcess.Claim(run);
        Assert.Equal(RunStatus.Running, run.ReadInfo().Status);
        RunProcess self = RunProcess.Read(run)!;
        // The number of a process is given again to another one, which was started at another time.
        Of(run, self with { StartedUtc = self.StartedUtc.AddHours(-1) });
        Assert.Equal(RunStatus.Died, run.ReadInfo().Status);
    }

    [Theory]
    [InlineData(RunStatus.Finished)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Stopped)]
    public void A_run_that_ended_in_order_has_not_died(RunStatus status)
    {
        RunFolder run = Begun("ended");
        Of(run, GoneProcess());
        run.WriteInfo(run.ReadInfo() with { Status = status });
        Assert.Equal(status, run.ReadInfo().Status);
        Assert.Empty(RunProcess.Story(run));
    }

    [Fact]
    public void Every_death_is_remembered_and_those_in_one_epoch_are_counted()
    {
        RunFolder run = Begun("again");
        Of(run, GoneProcess());
        RunProcess.Record(run, 8, FatalSignal.Reason(8), TimeProvider.System);
        Assert.Contains("signal 8 (SIGFPE: ", run.ReadInfo().Failure, StringComparison.Ordinal);
        Assert.Single(RunProcess.Story(run));

        RunProcess.Claim(run);
        Of(run, RunProcess.Read(run)! with { StartedUtc = DateTimeOffset.UnixEpoch }); // … which ends without a word
        RunProcess.Claim(run);
        RunProcess process = RunProcess.Read(run)!;
        Assert.Equal(3, process.Starts);
        Assert.Equal([8, null], process.Died.Select(d => d.Signal));
        Assert.Empty(RunProcess.Story(run));

        Of(run, process with { StartedUtc = DateTimeOffset.UnixEpoch });
        string[] story = [.. RunProcess.Story(run)];
        Assert.Contains("died 3 times, always in epoch 1", story[1], StringComparison.Ordinal);
        Assert.Contains("gradus doctor", story[2], StringComparison.Ordinal);
        Assert.Equal(3, RunProcess.AllOf(run).Length);
    }

    [Fact]
    public void The_index_notices_a_death_that_changed_no_file()
    {
        RunFolder run = Begun("indexed");
        using RunIndex index = RunIndex.Open(Runs);
        using (Hold(run))
        {
            Of(run, GoneProcess());
            Assert.Equal("running", Assert.Single(index.List(new RunQuery(), null, Stop)).Status);
        }
        AtomicFile.WriteText(run.LockFile, ""); // a killed process leaves it
        IndexedRun row = Assert.Single(index.List(new RunQuery { Status = "died" }, null, Stop));
        Assert.Contains("without a word", row.Problem, StringComparison.Ordinal);
        Assert.Equal((0, 1), (index.Sync(null, Stop).Removed, index.List(new RunQuery { Status = "died" }, null, Stop).Length));
    }

    private static FileStream Hold(RunFolder run) => new(run.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    private RunFolder Begun(string name)
    {
        RunFolder run = RunFolder.Create(Runs, name);
        run.WriteInfo(SampleRun.Info(run.Name));
        return run;
    }

    private static void Of(RunFolder run, RunProcess process) =>
        AtomicFile.WriteText(run.ProcessFile, System.Text.Json.JsonSerializer.Serialize(process, GradusJson.Indented));

    // A real process that has ended.
    private static RunProcess GoneProcess()
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        DateTimeOffset started = process.StartTime.ToUniversalTime();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new RunProcess { Pid = process.Id, Host = Environment.MachineName, StartedUtc = started, Starts = 1 };
    }
}
