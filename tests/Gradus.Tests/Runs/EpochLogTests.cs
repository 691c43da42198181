using Gradus.Runs;

namespace Gradus.Tests.Runs;

public sealed class EpochLogTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly RunFolder _run;

    public EpochLogTests() => _run = RunFolder.Create(_root.Path, "run");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Ledger_26_writing_an_epoch_in_a_reopened_run_keeps_every_earlier_line_to_the_byte()
    {
        _run.WriteInfo(SampleRun.Info("run"));
        for (int epoch = 1; epoch <= 5; epoch++)
        {
            byte[] before = epoch == 1 ? [] : File.ReadAllBytes(_run.Metrics.FilePath);
            RunFolder.Open(_run.Root).Metrics.Append(SampleRun.Record(epoch));
            byte[] after = File.ReadAllBytes(_run.Metrics.FilePath);
            Assert.Equal(before, after[..before.Length]);
            Assert.Equal(Enumerable.Range(1, epoch), _run.Metrics.Read().Select(r => r.Epoch));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void An_epoch_is_recorded_once_and_in_order(int epoch)
    {
        Append(1, 2);
        GradusException error = Assert.Throws<GradusException>(() => _run.Metrics.Append(SampleRun.Record(epoch)));
        Assert.Contains("the next one is 3", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, _run.Metrics.Read().Count);
    }

    [Fact]
    public void A_record_reads_back_as_it_was()
    {
        EpochRecord record = SampleRun.Record(1);
        _run.Metrics.Append(record);
        EpochRecord read = Assert.Single(_run.Metrics.Read());
        Assert.Equal(GradusJson.Canonical(record), GradusJson.Canonical(read));
        Assert.Equal(record.Thresholds.GetType(), read.Thresholds.GetType());
        Assert.Equal(record.Thresholds.Values, read.Thresholds.Values);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_null_in_the_file()
    {
        EpochRecord record = SampleRun.Record(1);
        _run.Metrics.Append(record with { Train = new SplitRecord(double.NaN, record.Train.Default, record.Train.Tuned) });
        Assert.DoesNotContain("NaN", File.ReadAllText(_run.Metrics.FilePath), StringComparison.Ordinal);
        Assert.Null(_run.Metrics.Read()[0].Train.Loss);
    }

    [Fact]
    public void A_last_line_that_a_crash_tore_is_left_out_and_written_over()
    {
        Append(1, 2);
        string text = File.ReadAllText(_run.Metrics.FilePath);
        AtomicFile.WriteText(_run.Metrics.FilePath, text[..^40]);
        Assert.Equal([1], _run.Metrics.Read().Select(r => r.Epoch));
        Append(2);
        Assert.Equal(text, File.ReadAllText(_run.Metrics.FilePath));
    }

    [Fact]
    public void A_last_line_that_has_an_end_was_not_torn_but_damaged()
    {
        Append(1, 2);
        string text = File.ReadAllText(_run.Metrics.FilePath);
        AtomicFile.WriteText(_run.Metrics.FilePath, text[..^40] + "\n");
        Assert.Contains("is damaged", Assert.Throws<GradusException>(_run.Metrics.Read).Message, StringComparison.Ordinal);
        Assert.Throws<GradusException>(() => Append(2));
    }

    [Fact]
    public void A_damaged_line_that_is_not_the_last_is_named_by_its_number()
    {
        Append(1, 2, 3);
        string[] lines = File.ReadAllLines(_run.Metrics.FilePath);
        AtomicFile.WriteText(_run.Metrics.FilePath, $"{lines[0]}\n{lines[1][..100]}\n{lines[2]}\n");
        GradusException error = Assert.Throws<GradusException>(_run.Metrics.Read);
        Assert.StartsWith($"{_run.Metrics.FilePath}:2: is damaged", error.Message, StringComparison.Ordinal);
        (IReadOnlyList<EpochRecord> sound, GradusException? damage) = _run.Metrics.ReadSound();
        Assert.Equal([1, 3], sound.Select(r => r.Epoch));
        Assert.Equal(error.Message, damage?.Message);
    }

    [Fact]
    public void Records_that_a_resumed_run_takes_back_are_moved_and_not_deleted()
    {
        Append(1, 2, 3);
        string[] lines = File.ReadAllLines(_run.Metrics.FilePath);
        _run.Metrics.TruncateAfter(1);
        Assert.Equal([1], _run.Metrics.Read().Select(r => r.Epoch));
        Append(2);
        _run.Metrics.TruncateAfter(1);
        Assert.Equal([lines[1], lines[2], lines[1]], File.ReadAllLines(_run.Metrics.SupersededPath));
    }

    [Fact]
    public void Taking_nothing_back_changes_nothing()
    {
        Append(1, 2);
        _run.Metrics.TruncateAfter(2);
        Assert.Equal(2, _run.Metrics.Read().Count);
        Assert.False(File.Exists(_run.Metrics.SupersededPath));
    }

    [Fact]
    public void A_run_without_an_epoch_has_no_records() => Assert.Empty(_run.Metrics.Read());

    private void Append(params int[] epochs)
    {
        foreach (int epoch in epochs)
            _run.Metrics.Append(SampleRun.Record(epoch));
    }
}
