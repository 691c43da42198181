using System.Collections.Immutable;
using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Predictions;

namespace Gradus.Splitting;

/// <summary>A list of main images that validate: id, source, hash, grade; a line an image.</summary>
public static class ValidationListFile
{
    private const string Remedy = "Make the list anew with gradus subset";
    private static readonly string[] Columns = ["id", "source", "hash", "grade"];

    /// <summary>The first line of every list, with its end: that of a fold plan begins alike and goes on.</summary>
    public static string Header { get; } = string.Join(',', Columns) + "\n";

    /// <summary>Writes a list; equal lists give equal bytes.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<ImageRecord> records) => PredictionFile.WriteRows(
        path, [Columns, .. records.OrderBy(ImageKey.Of).Select(r => (string[])[r.Id.Value, r.Source, r.Hash!.Value.Hex, $"{r.Grade}"])]);

    /// <summary>Finds the images of a list among those of today, by source and id; each must have the content and the grade of the list.</summary>
    /// <param name="path">The file.</param>
    /// <param name="records">The main images that can be used.</param>
    /// <exception cref="GradusException">The file is no such list, or is about other images.</exception>
    public static ImmutableArray<ImageRecord> Read(string path, IEnumerable<ImageRecord> records)
    {
        if (CsvTable.Headers(path) is var headers && !headers.SequenceEqual(Columns))
            throw new GradusException("is no list of validation images", $"{path}:1", string.Join(",", headers.Take(8)), Remedy, Fault.Request);
        Dictionary<ImageKey, ImageRecord> known = records.ToDictionary(ImageKey.Of);
        var listed = ImmutableArray.CreateBuilder<ImageRecord>();
        var strangers = new List<string>();
        using var table = new CsvTable(path, Columns, separator: ',', trim: false);
        foreach (CsvLine line in table.Lines())
        {
            string where = $"{path}:{line.Number}";
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", where, remedy: Remedy, fault: Fault.Request);
            var key = new ImageKey(line.Fields[1], new ImageId(line.Fields[0]));
            if (!known.TryGetValue(key, out ImageRecord? record))
                strangers.Add(key.ToString());
            else if (record.Hash?.Hex != line.Fields[2])
                throw new GradusException($"'{key}' is another image than when the list was made", where, $"content {record.Hash?.Hex[..12] ?? "unknown"}", Remedy, Fault.Request);
            else if (record.Grade?.ToString(CultureInfo.InvariantCulture) != line.Fields[3])
                throw new GradusException($"'{key}' has another grade than when the list was made", where, $"{record.Grade?.ToString(CultureInfo.InvariantCulture) ?? "none"}, '{line.Fields[3]}' in the list", Remedy, Fault.Request);
            else
                listed.Add(record);
        }
        return strangers.Count == 0
            ? listed.ToImmutable()
            : throw new GradusException("the list has images that are not among the usable main ones", path, AuditFinding.Few(strangers), Remedy, Fault.Request);
    }
}
