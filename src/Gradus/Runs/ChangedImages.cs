using Gradus.Datasets;
using Gradus.Splitting;

namespace Gradus.Runs;

/// <summary>Which images of a run are not what they were when it began, in words.</summary>
public static class ChangedImages
{
    private const int Shown = 3;

    /// <summary>Names the images whose content or grade differs from the run's split.csv, or that are gone or new; null where it tells nothing.</summary>
    /// <param name="run">The run.</param>
    /// <param name="data">The images of today.</param>
    /// <param name="trained">Whether the run was trained on an image of a content; asked where split.csv tells nothing.</param>
    /// <exception cref="GradusException">split.csv is damaged.</exception>
    public static string? Describe(RunFolder run, DataPartition data, Func<ContentHash, bool> trained)
    {
        if (File.Exists(run.SplitFile) && data.Plan is { } plan && OfPlan(run.SplitFile, plan) is { } words)
            return words;
        string[] strange = [.. data.Training.Records.Where(r => r.Hash is { } hash && !trained(hash)).Select(r => r.Id.Value)];
        return Words(strange, "changed since, or new");
    }

    private static string? OfPlan(string path, FoldPlan plan)
    {
        Dictionary<ImageKey, ImageRecord> today = plan.Assignments.ToDictionary(a => ImageKey.Of(a.Record), a => a.Record);
        (List<string> changed, List<string> regraded, List<string> gone) = ([], [], []);
        var seen = new HashSet<ImageKey>();
        using var table = new CsvTable(path, ["id", "source", "hash", "grade"], separator: ',', trim: false);
        foreach (CsvLine line in table.Lines())
        {
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", $"{path}:{line.Number}", remedy: "Restore the file");
            var key = new ImageKey(line.Fields[1], new ImageId(line.Fields[0]));
            seen.Add(key);
            if (!today.TryGetValue(key, out ImageRecord? record))
                gone.Add(key.Id.Value);
            else if (record.Hash?.Hex != line.Fields[2])
                changed.Add(key.Id.Value);
            else if (FormattableString.Invariant($"{record.Grade}") != line.Fields[3])
                regraded.Add(key.Id.Value);
        }
        string[] parts =
        [
            .. Part(changed, "other content than when the run began"),
            .. Part(regraded, "another grade"),
            .. Part(gone, "gone, left out or moved"),
            .. Part([.. today.Keys.Where(k => !seen.Contains(k)).Select(k => k.Id.Value)], "new"),
        ];
        return parts.Length > 0 ? string.Join("; ", parts) : null;
    }

    private static IEnumerable<string> Part(IReadOnlyList<string> ids, string what) => Words(ids, what) is { } words ? [words] : [];

    private static string? Words(IReadOnlyList<string> ids, string what) => ids.Count == 0
        ? null
        : $"{what}: {string.Join(", ", ids.Take(Shown).Select(id => $"'{id}'"))}{(ids.Count > Shown ? $" and {ids.Count - Shown} more" : "")}";
}
