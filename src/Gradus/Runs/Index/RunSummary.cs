using System.Globalization;
using System.Text.Json;
using Gradus.Runs.Notes;

namespace Gradus.Runs.Index;

/// <summary>Makes an index row of a run's folder.</summary>
internal static class RunSummary
{
    private static readonly string[] Stamped = ["run.json", "metrics.jsonl", RunNotes.FileName, "process.json"];

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

    /// <summary>The row. What cannot be read makes a run damaged; it is listed all the same, with what can be read.</summary>
    public static IndexedRun Of(string root, string folder, string stamp)
    {
        var row = new IndexedRun { Root = root, Name = Path.GetFileName(folder), Stamp = stamp, Status = LoggedRun.Damaged };
        try
        {
            LoggedRun run = LoggedRun.Read(new RunFolder(folder));
            row = WithNotes(WithDescription(row, run.Description), run.Notes) with
            {
                Status = run.Status,
                Problem = run.Info.Failure is null && run.Problems.IsEmpty ? null : string.Join("; ", [.. new[] { run.Info.Failure }.OfType<string>(), .. run.Problems]),
                Epochs = run.Records.Count,
                ImagesPerSecond = run.Records is [.., var last] ? last.ImagesPerSecond : null,
            };
            return run.Best is { } best ? WithFigures(row, best) : row;
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            return WithNotes(row with { Problem = e.Message }, RunNotes.ReadOrNone(folder));
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

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
