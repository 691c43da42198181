using System.Globalization;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Runs.Notes;

namespace Gradus.Runs.Index;

/// <summary>Makes an index row of a run's folder. Of metrics.jsonl it parses two lines, however many there are.</summary>
internal static class RunSummary
{
    private static readonly string[] Stamped = ["run.json", "metrics.jsonl", RunNotes.FileName];

    /// <summary>Sizes and times of the files a row is made from; null where the folder holds no run.</summary>
    public static string? StampOf(string folder)
    {
        FileInfo[] files = [.. Stamped.Select(name => new FileInfo(Path.Combine(folder, name)))];
        try
        {
            return files[0].Exists ? string.Join(' ', files.Select(f => f.Exists ? $"{f.Length}:{f.LastWriteTimeUtc.Ticks}" : "-")) : null;
        }
        catch (IOException)
        {
            return null; // it went away between two questions
        }
    }

    /// <summary>The row. What cannot be read makes a run damaged; it is listed all the same.</summary>
    public static IndexedRun Of(string root, string folder, string stamp)
    {
        var row = new IndexedRun { Root = root, Name = Path.GetFileName(folder), Stamp = stamp, Status = "damaged" };
        try
        {
            RunFolder run = RunFolder.Open(folder);
            RunInfo info = run.ReadInfo();
            row = WithInfo(row, info);
            row = WithNotes(row, RunNotes.Read(folder));
            return WithMetrics(row, run.Metrics.FilePath, info.Selection is [var best, ..] ? best : null);
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            return row with { Status = "damaged", Problem = e.Message };
        }
    }

    private static IndexedRun WithInfo(IndexedRun row, RunInfo info) => row with
    {
        Created = Iso(info.CreatedUtc),
        Ended = info.EndedUtc is { } ended ? Iso(ended) : null,
        Seconds = info.EndedUtc is { } end ? (end - info.CreatedUtc).TotalSeconds : null,
        Status = JsonNamingPolicy.SnakeCaseLower.ConvertName(info.Status.ToString()),
        Problem = info.Failure,
        Backbone = info.Experiment.Model.Backbone,
        Fold = info.Experiment.Split?.Fold,
        Seed = info.Experiment.Train.Seed,
        Target = JsonNamingPolicy.SnakeCaseLower.ConvertName(info.Experiment.Target.GetType().Name.Replace("Target", "", StringComparison.Ordinal)),
        Parent = info.Parent?.Run,
        ParentEpoch = info.Parent?.Epoch,
        Settings = JsonSerializer.Serialize(ExperimentDifference.Settings(info.Experiment).ToDictionary(s => s.Setting, s => s.Value), GradusJson.Compact),
    };

    private static IndexedRun WithNotes(IndexedRun row, RunNotes notes) => row with
    {
        Tags = notes.Tags.Count == 0 ? "" : $",{string.Join(',', notes.Tags)},",
        Remark = notes.Remark,
        PublicScore = notes.Public,
        PrivateScore = notes.Private,
    };

    private static IndexedRun WithMetrics(IndexedRun row, string path, int? best)
    {
        if (!File.Exists(path))
            return row;
        byte[] text = File.ReadAllBytes(path);
        List<Range> lines = Lines(text);
        EpochRecord? last = null;
        if (lines.Count > 0 && (last = Parse(text, lines[^1])) is null)
        {
            lines.RemoveAt(lines.Count - 1); // a crash tore it
            last = lines.Count > 0 ? Parse(text, lines[^1]) : null;
        }
        if (lines.Count > 0 && last?.Epoch != lines.Count)
            return row with { Status = "damaged", Problem = $"{path}: line {lines.Count} is not the record of that epoch" };
        row = row with { Epochs = lines.Count, ImagesPerSecond = last?.ImagesPerSecond };
        if (best is not { } epoch || epoch > lines.Count)
            return row;
        if (Parse(text, lines[epoch - 1]) is not { } record || record.Epoch != epoch)
            return row with { Status = "damaged", Problem = $"{path}: line {epoch} is not the record of that epoch" };
        SplitRecord validation = record.Validation;
        return row with
        {
            BestEpoch = epoch,
            Qwk = validation.Default.Qwk,
            QwkLow = validation.Default.QwkLow,
            QwkHigh = validation.Default.QwkHigh,
            QwkTuned = validation.Tuned.Qwk,
            Auc = validation.Default.Auc,
            Accuracy = validation.Default.Accuracy,
            Loss = validation.Loss,
        };
    }

    private static List<Range> Lines(ReadOnlySpan<byte> text)
    {
        var lines = new List<Range>();
        for (int start = 0; start < text.Length;)
        {
            int length = text[start..].IndexOf((byte)'\n');
            int end = length < 0 ? text.Length : start + length;
            if (end > start)
                lines.Add(start..end);
            start = end + 1;
        }
        return lines;
    }

    private static EpochRecord? Parse(byte[] text, Range line)
    {
        try
        {
            return JsonSerializer.Deserialize<EpochRecord>(text.AsSpan(line), GradusJson.Compact);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
