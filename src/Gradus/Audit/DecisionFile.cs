using System.Collections.Immutable;
using CsvHelper;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Audit;

/// <summary>
/// A person's decisions as a CSV: <c>id,source,hash,grade,decision</c> and columns that help to decide. A row is about the image of that source
/// and id with that content; its place in the file means nothing.
/// </summary>
public static class DecisionFile
{
    private static readonly string[] Needed = ["id", "source", "hash", "grade", "decision"];
    private static readonly string[] Helpful = ["why", "group", "grades", "file"];

    /// <summary>How the first line of every such file begins.</summary>
    public static string Header { get; } = string.Join(',', Needed);

    /// <summary>Reads the rows that are decided: a grade (its number or name), <c>keep</c> or <c>drop</c>. Rows without a decision are passed over.</summary>
    /// <exception cref="GradusException">The file or a column is missing, a row is malformed, decided twice or not decided in these words, or names a hash that is none.</exception>
    public static ImmutableArray<ImageDecision> Read(string path, GradeScale scale)
    {
        var grades = new GradeReading(scale);
        var decided = new Dictionary<ImageKey, ImageDecision>();
        foreach ((string where, string[] fields) in Rows(path, Needed))
        {
            if (Decision(fields, where, grades) is { } decision && !decided.TryAdd(decision.Image, decision))
                throw new GradusException($"'{decision.Image}' is decided a second time", where, remedy: $"The first time is at {decided[decision.Image].Where}; remove one of them", fault: Fault.Request);
        }
        return [.. decided.Values];
    }

    /// <summary>
    /// Writes a row for each image in conflict and each near duplicate with another grade, for a person to fill in. Where the file is there already,
    /// every decision in it stays, also about images that are in no conflict any more, and so do columns that the person added.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The audit.</param>
    /// <returns>Rows in conflict or alike with another grade, and how many of them are decided.</returns>
    /// <exception cref="GradusException">The file is there and cannot be understood, or it cannot be written.</exception>
    public static (int Rows, int Decided) Write(string path, AuditReport report)
    {
        (string[] more, List<Dictionary<string, string>> before) = Existing(path);
        var kept = before.ToLookup(r => (r["source"], r["id"], r["hash"].ToLowerInvariant()));
        Dictionary<string, string>[] asked = [.. DisputedImages.Of(report).Select(d => Row(d, report.Scale))];
        foreach (Dictionary<string, string> row in asked)
        {
            if (kept[Key(row)].FirstOrDefault() is not { } old)
                continue;
            row["decision"] = old["decision"];
            foreach (string column in more)
                row[column] = old[column];
        }
        HashSet<(string, string, string)> written = [.. asked.Select(Key)];
        IEnumerable<Dictionary<string, string>> others = before.Where(r => !written.Contains(Key(r)) && (r["decision"].Length > 0 || more.Any(c => r[c].Length > 0)));
        Save(path, more, asked.Concat(others));
        return (asked.Length, asked.Count(r => r["decision"].Length > 0));
    }

    /// <summary>
    /// Sets what is decided about one image. Every other row and every column that a person added stays as it is, in its place. A file that is not
    /// there yet gets a row for each image that <see cref="Write"/> would ask about.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The audit; it says what the image's content is.</param>
    /// <param name="image">A readable image that is not in the test set.</param>
    /// <param name="decision">A grade (its number or name), <c>keep</c>, <c>drop</c>, or empty to decide nothing.</param>
    /// <exception cref="GradusException">
    /// There is no such image to decide about, the decision is none of these words, the file cannot be understood or written, or decides about the image twice.
    /// </exception>
    public static void Decide(string path, AuditReport report, ImageKey image, string decision)
    {
        DisputedImage[] disputed = [.. DisputedImages.Of(report)];
        ImageRecord record = report.Readable.FirstOrDefault(r => ImageKey.Of(r) == image && report.Test.All(t => t.Source != r.Source))
            ?? throw new GradusException($"there is no usable image '{image}' to decide about", path, remedy: "Audit again", fault: Fault.Request);
        DisputedImage about = disputed.FirstOrDefault(d => ImageKey.Of(d.Record) == image) ?? new DisputedImage(record, "", "", []);
        Dictionary<string, string> row = Row(about, report.Scale);
        _ = Decision([row["id"], row["source"], row["hash"], row["grade"], decision], path, new GradeReading(report.Scale));

        (string[] more, List<Dictionary<string, string>> rows) = Existing(path);
        if (rows.Count == 0)
            rows.AddRange(disputed.Select(d => Row(d, report.Scale)));
        // A row about another content under the same id is about another image, and refused by the audit: that one is replaced.
        Dictionary<string, string>[] known = [.. rows.Where(r => r["source"] == image.Source && r["id"] == image.Id.Value)];
        if (known.Length > 1)
            throw new GradusException($"'{image}' stands in {known.Length} rows", path, remedy: "Remove all but one of them", fault: Fault.Request);
        if (known is [var old])
            old["hash"] = row["hash"];
        else
            rows.Add(row);
        (known is [var there] ? there : row)["decision"] = decision;
        Save(path, more, rows);
    }

    private static void Save(string path, string[] more, IEnumerable<Dictionary<string, string>> rows)
    {
        string[] columns = [.. Needed, .. Helpful, .. more];
        AtomicFile.Write(path, stream =>
        {
            using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace }, leaveOpen: true);
            csv.WriteRecord(columns);
            foreach (Dictionary<string, string> row in rows)
                csv.WriteRecord([.. columns.Select(c => row.GetValueOrDefault(c, ""))]);
            csv.Flush();
        });
    }

    private static (string, string, string) Key(Dictionary<string, string> row) => (row["source"], row["id"], row["hash"].ToLowerInvariant());

    private static Dictionary<string, string> Row(DisputedImage image, GradeScale scale) => new(StringComparer.Ordinal)
    {
        ["id"] = image.Record.Id.Value,
        ["source"] = image.Record.Source,
        ["hash"] = image.Record.Hash!.Value.Hex,
        ["grade"] = image.Record.Grade is { } grade ? scale.Names[grade] : "",
        ["decision"] = "",
        ["why"] = image.Why,
        ["group"] = image.Group,
        ["grades"] = string.Join(" / ", image.Grades.Select(g => scale.Names[g])),
        ["file"] = image.Record.Location.ToString()!,
    };

    private static (string[] More, List<Dictionary<string, string>> Rows) Existing(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            return ([], []);
        string[] headers = CsvTable.Headers(path);
        string[] more = [.. headers.Except(Needed).Except(Helpful).Where(h => h.Length > 0)];
        string[] columns = [.. Needed, .. Helpful.Intersect(headers), .. more];
        return (more, [.. Rows(path, columns).Select(r => columns.Zip(r.Fields).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal))]);
    }

    private static IEnumerable<(string Where, string[] Fields)> Rows(string path, string[] columns)
    {
        string[] headers = CsvTable.Headers(path);
        if (Needed.Except(headers).FirstOrDefault() is { } missing)
        {
            throw new GradusException($"is no file of decisions: it lacks the column '{missing}'", $"{path}:1", AuditFinding.Few(headers),
                "Name the file that gradus audit --decide wrote, or for a new one a name that is free", Fault.Request);
        }
        using var table = new CsvTable(path, columns);
        foreach (CsvLine line in table.Lines())
        {
            string where = $"{path}:{line.Number}";
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", where, remedy: "Correct it", fault: Fault.Request);
            yield return (where, line.Fields);
        }
    }

    private static ImageDecision? Decision(string[] fields, string where, GradeReading grades)
    {
        (string id, string source, string hash, string word) = (fields[0], fields[1], fields[2], fields[4]);
        ContentHash content;
        try
        {
            content = new ContentHash(hash);
        }
        catch (GradusException e)
        {
            throw new GradusException(e.Problem, where, e.Found, "Give the image's hash as gradus audit --decide writes it; ids stand in the column 'id'", Fault.Request, e);
        }
        if (word.Length == 0)
            return null;
        var image = new ImageKey(source, new ImageId(id));
        if (word.Equals("keep", StringComparison.OrdinalIgnoreCase))
            return new ImageDecision(image, content, DecisionKind.Keep, null, where);
        if (word.Equals("drop", StringComparison.OrdinalIgnoreCase))
            return new ImageDecision(image, content, DecisionKind.Drop, null, where);
        int grade = grades.Read(word).Grade ?? throw new GradusException("a decision is a grade, keep or drop", where, CsvTable.Start(word), $"Write {grades.Expected}, or keep, or drop", Fault.Request);
        return new ImageDecision(image, content, DecisionKind.Regrade, grade, where);
    }
}
