using System.Globalization;
using CsvHelper;
using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>A fold plan as <c>split.csv</c>: id, source, hash, grade, group, fold; a line an image, ordered by source and id.</summary>
public static class FoldPlanFile
{
    private static readonly string[] Columns = ["id", "source", "hash", "grade", "group", "fold"];

    /// <summary>The first line of every plan.</summary>
    public static string Header { get; } = string.Join(',', Columns);

    /// <summary>Writes the plan; equal plans give equal bytes.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, FoldPlan plan) => AtomicFile.Write(path, stream =>
    {
        // Spaces at an id's ends and signs that spreadsheets run are kept as they are: an id is compared, not shown.
        var options = new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace };
        using CsvWriter csv = CsvWriter.Create(stream, options, leaveOpen: true);
        csv.WriteRecord(Columns);
        foreach (FoldAssignment a in plan.Assignments)
            csv.WriteRecord([a.Record.Id.Value, a.Record.Source, a.Record.Hash!.Value.Hex, $"{a.Record.Grade}", a.Group, $"{a.Fold}"]);
        csv.Flush();
    });

    /// <summary>
    /// Reads a plan for the images of today. They are matched by source and id and must have the content and grade that the plan
    /// was made for; positions mean nothing. Groups are worked out anew.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="records">The images of today.</param>
    /// <param name="alike">Contents that show the same picture, as the audit found them.</param>
    /// <exception cref="GradusException">The file is damaged, is about other images, or would now let a group cross.</exception>
    public static FoldPlan Read(string path, IEnumerable<ImageRecord> records, IReadOnlyCollection<SamePicture> alike)
    {
        Dictionary<ImageKey, ImageRecord> known = records.ToDictionary(ImageKey.Of);
        var foldOf = new Dictionary<ImageKey, int>(known.Count);
        var strangers = new List<ImageId>();
        using (var table = new CsvTable(path, Columns, separator: ',', trim: false))
        {
            foreach (CsvLine line in table.Lines())
            {
                string where = $"{path}:{line.Number}";
                if (line.Problem is not null)
                    throw new GradusException($"the line {line.Problem}", where, remedy: "Split anew");
                (ImageKey key, ContentHash hash, int grade, int fold) = Parse(line.Fields, where);
                if (!known.TryGetValue(key, out ImageRecord? record))
                    strangers.Add(key.Id);
                else if (record.Hash != hash)
                    throw new GradusException($"'{key.Id}' is another image than when the plan was made", where, $"content {record.Hash?.Hex[..12] ?? "unknown"}, {hash.Hex[..12]} in the plan", "Split anew");
                else if (record.Grade != grade)
                    throw new GradusException($"'{key.Id}' has another grade than when the plan was made", where, $"{record.Grade?.ToString(CultureInfo.InvariantCulture) ?? "none"}, {grade} in the plan", "Split anew");
                else if (!foldOf.TryAdd(key, fold))
                    throw new GradusException($"'{key.Id}' is there twice", where, remedy: "Split anew");
            }
        }
        if (strangers.Count > 0)
            throw new GradusException("the plan has images that the data no longer has", path, AuditFinding.Few(strangers), "Restore them or split anew");
        if (foldOf.Count == 0)
            throw new GradusException("the plan is empty", path, remedy: "Split anew");
        return new FoldPlan(known.Values, foldOf, foldOf.Values.Max() + 1, alike);
    }

    private static (ImageKey Key, ContentHash Hash, int Grade, int Fold) Parse(string[] fields, string where)
    {
        try
        {
            return (new ImageKey(fields[1], new ImageId(fields[0])), new ContentHash(fields[2]), Whole(fields[3], "grade"), Whole(fields[5], "fold"));
        }
        catch (GradusException e)
        {
            throw new GradusException(e.Problem, where, e.Found, e.Remedy, inner: e);
        }
    }

    private static int Whole(string text, string column) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value < 1000 ? value : throw new GradusException($"the {column} is a whole number", found: $"'{text}'", remedy: "Split anew");
}
