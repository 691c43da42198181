using System.Collections.Immutable;
using Gradus.Runs;
using Gradus.Runs.Notes;

namespace Gradus.Dashboard.Live;

/// <summary>
/// One run, followed while somebody looks at it. It asks the file system for times and lengths and reads only what is new: of
/// metrics.jsonl the lines that were added. It opens files for a moment, shares them with whoever writes, and writes nothing.
/// </summary>
internal sealed class RunTail
{
    private const int Remembered = 256;
    private EpochLines _log;
    private string _infoStamp = "", _notesStamp = "", _processStamp = "", _metricsStamp = "";
    private long _offset;
    private byte[] _before = [];
    private string? _foreign;
    private RunOutline? _outline;

    public RunTail(RunFolder folder) => (Folder, _log) = (folder, new EpochLines(folder.Metrics.FilePath));

    /// <summary>The run's folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>run.json; null where it could not be read yet, or not by this version of Gradus.</summary>
    public RunInfo? Info => _outline as RunInfo;

    /// <summary>The status as the list of runs has it.</summary>
    public string Status => _outline is null || (_metricsProblem ?? _log.Damage?.Message ?? _notesProblem) is not null ? LoggedRun.Damaged : _outline.Status.ToString().ToLowerInvariant();

    /// <summary>The notes.</summary>
    public RunNotes Notes { get; private set; } = RunNotes.None;

    /// <summary>The epochs so far, in order.</summary>
    public ImmutableArray<EpochRecord> Records { get; private set; } = [];

    /// <summary>When the log of epochs was last written to; null before.</summary>
    public DateTimeOffset? LastRecord { get; private set; }

    /// <summary>What cannot be read, in words; null where all can.</summary>
    public string? Problem => _infoProblem ?? _metricsProblem ?? _log.Damage?.Message ?? _notesProblem;

    /// <summary>Bytes read from the log of epochs since the run has been followed.</summary>
    internal long BytesRead { get; private set; }

    private string? _infoProblem, _metricsProblem, _notesProblem;

    /// <summary>Reads what has changed.</summary>
    /// <returns>Whether anything has.</returns>
    public bool Refresh()
    {
        bool info = Changed(Folder.InfoFile, ref _infoStamp) | Changed(Folder.ProcessFile, ref _processStamp);
        bool notes = Changed(Path.Combine(Folder.Root, RunNotes.FileName), ref _notesStamp);
        bool metrics = Changed(Folder.Metrics.FilePath, ref _metricsStamp);
        // A process that is killed changes no file, and one that goes on with the run may be a moment late with it.
        if (_outline is { Status: RunStatus.Running or RunStatus.Died } told)
            info |= (RunProcess.DeathOf(Folder) is not null) != (told.Status == RunStatus.Died);
        if (info)
            _infoProblem = Try(ReadInfo) ?? _foreign;
        if (notes)
            _notesProblem = Try(() => Notes = RunNotes.Read(Folder.Root));
        if (metrics)
            _metricsProblem = Try(ReadRecords);
        return info || notes || metrics;
    }

    private void ReadInfo()
    {
        (_outline, _foreign) = (null, null);
        RunDescription description = Folder.Describe();
        (_outline, _foreign) = (description.Outline, description.Problem);
    }

    private static string? Try(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static bool Changed(string path, ref string stamp)
    {
        var file = new FileInfo(path);
        string now = file.Exists ? $"{file.Length}:{file.LastWriteTimeUtc.Ticks}" : "-";
        bool changed = now != stamp;
        stamp = now;
        return changed;
    }

    private void ReadRecords()
    {
        if (!File.Exists(Folder.Metrics.FilePath))
        {
            Forget();
            return;
        }
        using var file = new FileStream(Folder.Metrics.FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // A run that was resumed takes records back: then what lies before the end of what is known is no longer the same.
        if (file.Length < _offset || !StillThere(file))
            Forget();
        file.Position = _offset;
        var added = new byte[file.Length - _offset];
        int read = file.ReadAtLeast(added, added.Length, throwOnEndOfStream: false);
        BytesRead += read;
        ReadOnlySpan<byte> text = added.AsSpan(0, read);
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
        {
            ReadOnlySpan<byte> line = text[..end];
            _log.Add(line);
            _offset += end + 1;
            _before = line.Length + 1 > Remembered ? [.. line[^(Remembered - 1)..], (byte)'\n'] : [.. line, (byte)'\n'];
        }
        Records = [.. _log.Records];
        LastRecord = File.GetLastWriteTimeUtc(Folder.Metrics.FilePath);
    }

    private bool StillThere(FileStream file)
    {
        var now = new byte[_before.Length];
        file.Position = _offset - now.Length;
        return file.ReadAtLeast(now, now.Length, throwOnEndOfStream: false) == now.Length && now.AsSpan().SequenceEqual(_before);
    }

    private void Forget()
    {
        Records = [];
        (_offset, _before, _log) = (0, [], new EpochLines(Folder.Metrics.FilePath));
    }
}
