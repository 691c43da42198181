using System.Globalization;
using Google.Protobuf;
using Gradus.Experiments;
using Gradus.Exports;
using Gradus.Runs;
using Tensorboard;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Exports;

/// <summary>Runs as event files for TensorBoard: a folder a run with its figures by epoch, its remarks, and its settings for the page HPARAMS.</summary>
public static class TensorboardLog
{
    private const string Pattern = "events.out.tfevents.*", Parameters = "events.out.tfevents.0.gradus.hparams";

    /// <summary>Writes a run, in place of what was written of it before.</summary>
    /// <param name="folder">The log directory that TensorBoard is given.</param>
    /// <param name="run">The run.</param>
    /// <returns>The folder of the run.</returns>
    /// <exception cref="GradusException">The folder cannot be written.</exception>
    public static string Write(string folder, LoggedRun run)
    {
        string target = Path.Combine(folder, run.Name);
        try
        {
            Directory.CreateDirectory(target);
            // TensorBoard adds up all files of a folder, so a second export would double every point.
            foreach (string old in Directory.GetFiles(target, Pattern))
                File.Delete(old);
            using (FileStream file = File.Create(Path.Combine(target, Parameters)))
                WriteParameters(file, run);
            SummaryWriter writer = utils.tensorboard.SummaryWriter(target);
            foreach (SeriesPoint point in RunSeries.Of(run))
                writer.add_scalar(point.Name, (float)point.Value, point.Epoch, point.At.ToUnixTimeSeconds());
            foreach (string remark in run.Notes.Remarks.Select(n => n.Remark!))
                writer.add_text("remark", remark, 0, run.Info.CreatedUtc.ToUnixTimeSeconds());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("cannot be written to", target, e.Message.TrimEnd('.'), "Choose another folder", inner: e);
        }
        return Path.GetFullPath(target);
    }

    // SummaryWriter has no hparams: these are the three summaries that the plugin reads (tensorboard/plugins/hparams/plugin_data.proto).
    private static void WriteParameters(Stream file, LoggedRun run)
    {
        double start = run.Info.CreatedUtc.ToUnixTimeMilliseconds() / 1000.0;
        ExperimentSetting[] settings = [.. run.Description.Settings.Where(s => s.Value != ExperimentDifference.Absent)];
        string[] metrics = [.. RunSeries.Of(run).Select(p => p.Name).Where(n => n.EndsWith("/validation", StringComparison.Ordinal)).Distinct()];
        EventRecord.Append(file, new Event { WallTime = start, FileVersion = "brain.Event:2" });
        Put("experiment", 2, experiment =>
        {
            foreach (ExperimentSetting setting in settings)
                Message(experiment, 4, info => { String(info, 1, setting.Setting); info.WriteTag(4, WireFormat.WireType.Varint); info.WriteEnum(setting.IsNumber ? 3 : 1); });
            foreach (string metric in metrics)
                Message(experiment, 5, info => Message(info, 1, name => String(name, 2, metric)));
            String(experiment, 6, run.Name);
        });
        Put("session_start_info", 3, session =>
        {
            foreach (ExperimentSetting setting in settings)
            {
                Message(session, 1, entry =>
                {
                    String(entry, 1, setting.Setting);
                    Message(entry, 2, value =>
                    {
                        if (setting.IsNumber)
                            Double(value, 2, double.Parse(setting.Value, CultureInfo.InvariantCulture));
                        else
                            String(value, 3, setting.Value);
                    });
                });
            }
            String(session, 4, run.Name);
            Double(session, 5, start);
        });
        Put("session_end_info", 4, session =>
        {
            session.WriteTag(1, WireFormat.WireType.Varint);
            session.WriteEnum(run.Info.Status switch { RunStatus.Finished => 1, RunStatus.Running => 3, _ => 2 });
            Double(session, 2, (run.Info.EndedUtc ?? run.Info.CreatedUtc).ToUnixTimeMilliseconds() / 1000.0);
        });

        void Put(string tag, int field, Action<CodedOutputStream> write) => EventRecord.Append(file, new Event
        {
            WallTime = start,
            Summary = new Summary
            {
                Value =
                {
                    new Summary.Types.Value
                    {
                        Tag = $"_hparams_/{tag}",
                        Metadata = new SummaryMetadata
                        {
                            PluginData = new SummaryMetadata.Types.PluginData { PluginName = "hparams", Content = ByteString.CopyFrom(Bytes(data => Message(data, field, write))) },
                        },
                    },
                },
            },
        });
    }

    private static byte[] Bytes(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var stream = new CodedOutputStream(buffer, leaveOpen: true))
            write(stream);
        return buffer.ToArray();
    }

    private static void Message(CodedOutputStream stream, int field, Action<CodedOutputStream> write)
    {
        stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        stream.WriteBytes(ByteString.CopyFrom(Bytes(write)));
    }

    private static void String(CodedOutputStream stream, int field, string value)
    {
        stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        stream.WriteString(value);
    }

    private static void Double(CodedOutputStream stream, int field, double value)
    {
        stream.WriteTag(field, WireFormat.WireType.Fixed64);
        stream.WriteDouble(value);
    }
}
