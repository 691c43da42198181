using Gradus.Dashboard.Live;
using Gradus.Runs;

namespace Gradus.Dashboard.Tests;

/// <summary>A run that is followed while it trains.</summary>
public sealed class RunTailTests
{
    [Fact]
    public async Task Of_a_log_that_grows_only_the_new_lines_are_read()
    {
        await using History history = await History.ServeAsync(runs: 1, epochs: 8);
        (RunFolder run, string[] lines) = Emptied(history);
        var tail = new RunTail(run);
        Assert.True(tail.Refresh());
        Assert.Empty(tail.Records);
        Assert.False(tail.Refresh());

        long written = 0;
        for (int epoch = 1; epoch <= lines.Length; epoch++)
        {
            Write(run, lines[..epoch]);
            written = new FileInfo(run.Metrics.FilePath).Length;
            Assert.True(tail.Refresh());
            Assert.Equal(Enumerable.Range(1, epoch), tail.Records.Select(r => r.Epoch));
        }
        Assert.Equal(written, tail.BytesRead);
    }

    [Fact]
    public async Task Records_that_a_resumed_run_took_back_are_forgotten()
    {
        await using History history = await History.ServeAsync(runs: 2, epochs: 8);
        (RunFolder run, string[] lines) = Emptied(history);
        string[] others = File.ReadAllLines(history.Run(history.Names[1]).Metrics.FilePath);
        Write(run, lines[..6]);
        var tail = new RunTail(run);
        tail.Refresh();

        Write(run, [.. lines[..4], .. others[4..8]]);
        tail.Refresh();

        Assert.Equal(Enumerable.Range(1, 8), tail.Records.Select(r => r.Epoch));
        Assert.Equal(run.Metrics.Read()[7].Validation.Default.Qwk, tail.Records[7].Validation.Default.Qwk);
        Assert.Equal(run.Metrics.Read()[5].Validation.Default.Qwk, tail.Records[5].Validation.Default.Qwk);
    }

    [Fact]
    public async Task A_torn_line_waits_for_its_end_and_a_damaged_one_is_told()
    {
        await using History history = await History.ServeAsync(runs: 1, epochs: 3);
        (RunFolder run, string[] lines) = Emptied(history);
        AtomicFile.WriteText(run.Metrics.FilePath, $"{lines[0]}\n{lines[1][..40]}");
        var tail = new RunTail(run);
        tail.Refresh();
        Assert.Single(tail.Records);
        Assert.Null(tail.Problem);

        AtomicFile.WriteText(run.Metrics.FilePath, $"{lines[0]}\n{lines[1]}\n{{\"epoch\":3\n");
        tail.Refresh();
        Assert.Contains("metrics.jsonl:3", tail.Problem, StringComparison.Ordinal);
        Assert.Equal(LoggedRun.Damaged, tail.Status);

        AtomicFile.WriteText(run.Metrics.FilePath, $"{lines[0]}\n{lines[1]}\n{{\"epoch\":3\n{lines[2]}\n");
        tail.Refresh();
        Assert.Equal([1, 2, 3], tail.Records.Select(r => r.Epoch));
        Assert.Contains("metrics.jsonl:3", tail.Problem, StringComparison.Ordinal);
        Assert.Equal(run.Metrics.ReadSound().Damage!.Message, tail.Problem);
    }

    private static (RunFolder Run, string[] Lines) Emptied(History history)
    {
        RunFolder run = history.Run(history.Names[0]);
        string[] lines = File.ReadAllLines(run.Metrics.FilePath);
        File.Delete(run.Metrics.FilePath);
        return (run, lines);
    }

    private static void Write(RunFolder run, string[] lines) => AtomicFile.WriteText(run.Metrics.FilePath, string.Concat(lines.Select(l => l + "\n")));
}
