using System.Globalization;
using System.Text.Json;
using Gradus.Runs.Notes;

namespace Gradus.Runs.Index;

/// <summary>Makes an index row of a run's folder. Of the metrics.jsonl of a finished run it parses two lines, however many there are.</summary>
internal static class RunSummary
{
    private static readonly string[] Stamped = ["run.json", "metrics.jsonl", RunNotes.FileName];

    // Another version may understand more of a run, or less.
    private static readonly string Reader = CodeVersion.Brief(CodeVersion.Current);

    /// <summary>Sizes and times of the files a row is made from, and the version that makes it; null where the folder holds no run.</summary>
    public static string? StampOf(string folder)
    {
        FileInfo[] files = [.. Stamped.Select(name => new FileInfo(Path.Combine(folder, name)))];
        try
        {
            return files[0].Exists ? string.Join(' ', files.Select(f => f.Exists ? $"{f.Length}:{f.LastWriteTimeUtc.Ticks}" : "-").Append(Reader)) : null;
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
            var run = new RunFolder(folder);
            RunDescription description = run.Describe();
            row = WithDescription(row, description);
            row = WithNotes(row, RunNotes.Read(folder));
            return description is { Outline: { Status: RunStatus.Finished, Selection: [var best, ..] } } ? WithSelected(row, run.Metrics.FilePath, best) : WithBest(row, run.Metrics.Read(), description);
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            return row with { Status = "damaged", Problem = e.Message };
        }
    }

    private static IndexedRun WithDescription(IndexedRun row, RunDescription description)
    {
        RunOutline outline = description.Outline;
        return row with
        {
            Created = Iso(outline.CreatedUtc),
            Ended = outline.EndedUtc is { } ended ? Iso(ended) : null,
            Seconds = outline.EndedUtc is { } end ? (end - outline.CreatedUtc).TotalSeconds : null,
            Status = JsonNamingPolicy.SnakeCaseLower.ConvertName(outline.Status.ToString()),
            Problem = outline.Failure is null || description.Problem is null ? outline.Failure ?? description.Problem : $"{outline.Failure}; {description.Problem}",
            Backbone = description.Setting("model.backbone"),
            Fold = int.TryParse(description.Setting("split.fold"), CultureInfo.InvariantCulture, out int fold) ? fold : null,
            Seed = long.TryParse(description.Setting("train.seed"), CultureInfo.InvariantCulture, out long seed) ? seed : null,
            Target = description.Setting("target.target"),
            Parent = outline.Parent?.Run,
            ParentEpoch = outline.Parent?.Epoch,
            Settings = JsonSerializer.Serialize(description.Settings.ToDictionary(s => s.Setting, s => s.Value), GradusJson.Compact),
        };
    }

    private static IndexedRun WithNotes(IndexedRun row, RunNotes notes) => row with
    {
        Tags = notes.Tags.Count == 0 ? "" : $",{string.Join(',', notes.Tags)},",
        Remark = notes.Remark,
        PublicScore = notes.Public,
        PrivateScore = notes.Private,
    };

    // What has not finished has no selection that could be trusted, and is ranked as it stands.
    private static IndexedRun WithBest(IndexedRun row, IReadOnlyList<EpochRecord> records, RunDescription description)
    {
        row = row with { Epochs = records.Count, ImagesPerSecond = records is [.., var last] ? last.ImagesPerSecond : null };
        return description.Best(records) is { } best ? WithFigures(row, best) : row;
    }

    private static IndexedRun WithSelected(IndexedRun row, string path, int best)
    {
        byte[] text = File.ReadAllBytes(path);
        List<Range> lines = Lines(text);
        EpochRecord? last = null;
        if (lines.Count > 0 && (last = Parse(text, lines[^1])) is null)
        {
            lines.RemoveAt(lines.Count - 1); // a crash tore it
            last = lines.Count > 0 ? Parse(text, lines[^1]) : null;
        }
        if (lines.Count > 0 && last?.Epoch != lines.Count)
            throw new GradusException($"line {lines.Count} is not the record of that epoch", path);
        row = row with { Epochs = lines.Count, ImagesPerSecond = last?.ImagesPerSecond };
        if (best > lines.Count)
            return row;
        return Parse(text, lines[best - 1]) is { } record && record.Epoch == best ? WithFigures(row, record) : throw new GradusException($"line {best} is not the record of that epoch", path);
    }

    private static IndexedRun WithFigures(IndexedRun row, EpochRecord best) => row with
    {
        BestEpoch = best.Epoch,
        Qwk = best.Validation.Default.Qwk,
        QwkLow = best.Validation.Default.QwkLow,
        QwkHigh = best.Validation.Default.QwkHigh,
        QwkTuned = best.Validation.Tuned.Qwk,
        Auc = best.Validation.Default.Auc,
        Accuracy = best.Validation.Default.Accuracy,
        Loss = best.Validation.Loss,
    };

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
