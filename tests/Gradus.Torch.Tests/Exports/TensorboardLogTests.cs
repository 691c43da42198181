using System.Buffers.Binary;
using Gradus.Exports;
using Gradus.Runs;
using Gradus.Runs.Notes;
using Gradus.Synthetic;
using Gradus.Torch.Exports;
using Tensorboard;

namespace Gradus.Torch.Tests.Exports;

public sealed class TensorboardLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gradus-tensorboard-").FullName;
    private readonly RunFolder _run;

    public TensorboardLogTests()
    {
        SyntheticRuns.Write(Path.Combine(_folder, "runs"), count: 1, epochs: 3, seed: 1);
        _run = RunFolder.Open(Directory.GetDirectories(Path.Combine(_folder, "runs")).Single());
        RunNotes.Add(_run, new RunNote { At = DateTimeOffset.UnixEpoch, Remark = "with the older data" });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_figure_is_a_scalar_of_its_epoch_and_writing_again_doubles_none()
    {
        LoggedRun run = LoggedRun.Read(_run);
        TensorboardLog.Write(Path.Combine(_folder, "tb"), run);
        string target = TensorboardLog.Write(Path.Combine(_folder, "tb"), run);
        Summary.Types.Value[] values = [.. Events(target).Where(e => e.Summary is not null).SelectMany(e => e.Summary.Value)];
        (string, long, float)[] scalars = [.. Events(target).Where(e => e.Summary is not null).SelectMany(e => e.Summary.Value.Where(v => v.ValueCase == Summary.Types.Value.ValueOneofCase.SimpleValue).Select(v => (v.Tag, e.Step, v.SimpleValue)))];
        Assert.Equal(RunSeries.Of(run).Select(p => (p.Name, (long)p.Epoch, (float)p.Value)).Order(), scalars.Order());
        Assert.Contains(values, v => v.Tag.StartsWith("remark", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_are_what_the_hparams_plugin_reads()
    {
        LoggedRun run = LoggedRun.Read(_run);
        string target = TensorboardLog.Write(Path.Combine(_folder, "tb"), run);
        Dictionary<string, SummaryMetadata.Types.PluginData> plugin = Events(target).Where(e => e.Summary is not null).SelectMany(e => e.Summary.Value)
            .Where(v => v.Metadata?.PluginData?.PluginName == "hparams").ToDictionary(v => v.Tag, v => v.Metadata.PluginData);
        Assert.Equal(["_hparams_/experiment", "_hparams_/session_end_info", "_hparams_/session_start_info"], plugin.Keys.Order(StringComparer.Ordinal));
        string session = plugin["_hparams_/session_start_info"].Content.ToStringUtf8();
        Assert.Contains("model.backbone", session, StringComparison.Ordinal);
        Assert.Contains(run.Backbone!, session, StringComparison.Ordinal);
        Assert.Contains("qwk_tuned/validation", plugin["_hparams_/experiment"].Content.ToStringUtf8(), StringComparison.Ordinal);
    }

    /// <summary>All events of a folder, read as TensorBoard does, checksums and all; SummaryWriter's own file is the proof that they are worked out right.</summary>
    private static List<Event> Events(string folder)
    {
        var events = new List<Event>();
        string[] files = Directory.GetFiles(folder);
        Assert.Equal(2, files.Length);
        foreach (byte[] bytes in files.Select(File.ReadAllBytes))
        {
            for (int at = 0; at < bytes.Length;)
            {
                int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
                Assert.Equal(EventRecord.Checksum(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
                Assert.Equal(EventRecord.Checksum(bytes.AsSpan(at + 12, length)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
                events.Add(Event.Parser.ParseFrom(bytes, at + 12, length));
                at += 16 + length;
            }
        }
        return events;
    }
}
