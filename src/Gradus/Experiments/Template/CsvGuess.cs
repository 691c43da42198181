using System.Collections.Immutable;
using CsvHelper;
using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>Finds out which columns of a CSV are which, by what they hold before what they are called.</summary>
internal sealed class CsvGuess(string labels, string images, string? id, string? grade)
{
    private const int RowsLookedAt = 20_000;

    private static readonly string[] GradeNames = ["diagnosis", "grade", "level", "label", "class", "target", "severity", "stage", "y"];
    private static readonly string[] GroupNames = ["patient", "patient_id", "patientid", "slide", "slide_id", "subject", "subject_id", "case", "case_id", "group", "person", "participant"];

    public DataGuess Guess()
    {
        if (!Directory.Exists(images))
            throw new GradusException("the folder of images does not exist", images, remedy: "Correct --images", fault: Fault.Request);
        (string[] headers, List<string[]> rows) = Read(labels);
        if (rows.Count == 0)
            throw new GradusException("the file has no rows", labels, remedy: "Name the CSV that lists the images", fault: Fault.Request);
        var files = new ImageNames(images);
        (int idColumn, int matches, string? extension) = FindId(headers, rows, files);
        (int gradeColumn, ImmutableArray<string> scale, string scaleNote) = FindGrade(headers, rows, idColumn);
        int group = Array.FindIndex(headers, h => GroupNames.Contains(h.ToLowerInvariant()));
        if (group == idColumn || group == gradeColumn)
            group = -1;
        var source = new CsvSource
        {
            Name = Path.GetFileNameWithoutExtension(labels),
            Labels = Path.GetFullPath(labels),
            Id = headers[idColumn],
            Grade = headers[gradeColumn],
            Images = Path.GetFullPath(images),
            Extension = extension,
            Group = group >= 0 ? headers[group] : null,
        };
        var notes = ImmutableArray.CreateBuilder<string>();
        notes.Add($"'{headers[idColumn]}' names the images: {matches} of {rows.Count} rows have a file.");
        notes.Add($"'{headers[gradeColumn]}' holds the grades. {scaleNote}");
        notes.Add(group >= 0 ? $"'{headers[group]}' keeps images together on one side of a split." : "No column of patients or slides was found; state group where images belong together.");
        CsvSource? test = Test(source);
        if (test is not null)
            notes.Add($"{Path.GetFileName(test.Labels)} and {Path.GetFileName(test.Images)} beside the labels are taken for the test set; remove test: where that is wrong.");
        return new DataGuess(scale, [source], test, ImageLook.At(files.Paths), notes.ToImmutable());
    }

    /// <summary>The column most of whose values name files; its values are then ids.</summary>
    private (int Column, int Matches, string? Extension) FindId(string[] headers, List<string[]> rows, ImageNames files)
    {
        int stated = Stated(headers, id, "--id");
        (int Column, int Matches) best = Enumerable.Range(0, headers.Length)
            .Where(c => stated < 0 || c == stated)
            .Select(c => (Column: c, Matches: rows.Count(r => files.Has(r[c]))))
            .MaxBy(c => c.Matches);
        if (best.Matches == 0)
        {
            throw new GradusException(
                $"no column of {Path.GetFileName(labels)} names images in {images}", labels, $"'{rows[0][Math.Max(0, stated)]}' and so on, beside files such as '{files.First ?? "none at all"}'", "Check --images", Fault.Request);
        }
        string[] extensions = [.. rows.Select(r => files.ExtensionOf(r[best.Column])).OfType<string>().Distinct().Take(2)];
        return (best.Column, best.Matches, extensions.Length == 1 ? extensions[0] : null);
    }

    private (int Column, ImmutableArray<string> Scale, string Note) FindGrade(string[] headers, List<string[]> rows, int idColumn)
    {
        int stated = Stated(headers, grade, "--grade");
        IEnumerable<int> candidates = stated >= 0
            ? [stated]
            : Enumerable.Range(0, headers.Length).Where(c => c != idColumn && !GroupNames.Contains(headers[c].ToLowerInvariant())).OrderBy(c => Array.IndexOf(GradeNames, headers[c].ToLowerInvariant()) is var i and >= 0 ? i : GradeNames.Length);
        foreach (int column in candidates)
        {
            if (ScaleGuess.Of(rows.Select(r => r[column]), headers[column]) is { } scale)
                return (column, scale.Names, scale.Note);
        }
        throw new GradusException(
            stated >= 0 ? $"the column '{grade}' holds no grades" : "no column holds grades", labels, $"the columns {string.Join(", ", headers.Take(20).Select(h => $"'{h}'"))}", "Grades are 2 to 20 different whole numbers from 0, or names; state the column with --grade", Fault.Request);
    }

    /// <summary>A test.csv and a folder test beside the labels, as competitions hand them out.</summary>
    private static CsvSource? Test(CsvSource source)
    {
        string beside = Path.GetDirectoryName(source.Labels)!;
        (string csv, string folder) = (Path.Combine(beside, "test.csv"), Path.Combine(beside, "test"));
        if (csv == source.Labels || folder == source.Images || !File.Exists(csv) || !Directory.Exists(folder))
            return null;
        (string[] headers, List<string[]> rows) = Read(csv);
        int column = Array.IndexOf(headers, source.Id);
        if (column < 0)
            return null;
        var files = new ImageNames(folder);
        return rows.Any(r => files.Has(r[column])) ? source with { Name = "test", Role = SourceRole.Test, Labels = csv, Images = folder, Grade = headers.Contains(source.Grade) ? source.Grade : null, Group = null } : null;
    }

    private int Stated(string[] headers, string? name, string option)
    {
        if (name is null)
            return -1;
        int index = Array.IndexOf(headers, name);
        return index >= 0 ? index : throw new GradusException($"there is no column '{name}'", labels, string.Join(", ", headers.Take(20)), NearestWord.Remedy(name, headers, $"Correct {option}"), Fault.Request);
    }

    private static (string[] Headers, List<string[]> Rows) Read(string path)
    {
        try
        {
            using CsvReader csv = CsvReader.FromFile(path, new CsvReaderOptions { MalformedData = CsvMalformedDataHandling.Skip });
            string[] headers = [.. csv.Headers.Select(h => h.Trim())];
            if (headers.Any(h => h.Any(char.IsControl)))
                throw new GradusException("is not a CSV", path, "binary data where the names of columns should be", "Correct --labels", Fault.Request);
            if (headers.GroupBy(h => h).FirstOrDefault(g => g.Count() > 1) is { } twice)
                throw new GradusException($"the column '{twice.Key}' is there twice", $"{path}:1", remedy: "Rename one of them", fault: Fault.Request);
            var rows = new List<string[]>();
            while (rows.Count < RowsLookedAt && csv.Read())
                rows.Add([.. headers.Select((_, i) => i < csv.FieldCount ? csv.GetString(i).Trim() : "")]);
            return (headers, rows);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CsvFormatException)
        {
            throw new GradusException(File.Exists(path) ? "the file cannot be read as CSV" : "the file does not exist", path, File.Exists(path) ? e.Message.TrimEnd('.') : null, "Correct --labels", Fault.Request, e);
        }
    }
}

/// <summary>The images of a folder by the names that an id may have: the path below the folder, with or without extension.</summary>
internal sealed class ImageNames
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _extensions = new(StringComparer.Ordinal);

    public ImageNames(string folder)
    {
        string root = Path.GetFullPath(folder);
        Paths = [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(ImageFormats.LooksLikeImage).Order(StringComparer.Ordinal)];
        foreach (string path in Paths)
        {
            string name = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
            First ??= name;
            _names.Add(name);
            _extensions[name[..^Path.GetExtension(name).Length]] = Path.GetExtension(name);
        }
    }

    /// <summary>Full paths in ordinal order.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>One name, for a message.</summary>
    public string? First { get; }

    public bool Has(string id) => _names.Contains(id) || _extensions.ContainsKey(id);

    /// <summary>What must be appended to the id: nothing where it is a file name; null where there is no such image.</summary>
    public string? ExtensionOf(string id) => _names.Contains(id) ? "" : _extensions.GetValueOrDefault(id);
}
