using System.Collections.Immutable;
using System.Globalization;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Datasets;

/// <summary>Reads a CSV of ids and grades beside a folder of images.</summary>
internal sealed class CsvDatasetReader(CsvSource source, GradeScale scale)
{
    private readonly GradeScale _scale = source.Scale?.Labels ?? scale;
    private readonly GradeReading _grades = new(scale, source.Scale);
    private readonly SkippedLabels _skipped = new(source);
    private readonly ImageFolder _folder = new(source.Images, source.Extension);
    private readonly List<AuditFinding> _findings = [];

    // Kept in the order of the file, so that findings come in the order in which a person would meet them.
    private readonly OrderedDictionary<string, List<Row>> _rows = new(StringComparer.Ordinal);

    private bool IsTest => source.Role == SourceRole.Test;

    private string File => Path.GetFileName(source.Labels);

    public Dataset Read()
    {
        if (source.OneHot is { } columns && columns.Length != _scale.Count)
        {
            throw new GradusException(
                $"one_hot names one column for each grade of {_grades.ScaleName}", source.Labels,
                    $"{columns.Length} columns for {_scale.Count} grades",
                $"Name {_scale.Count} columns, for {string.Join(", ", _scale.Names)}", Fault.Request);
        }
        bool any = false;
        using (var table = new CsvTable(source.Labels, [source.Id, source.Grade, source.Group, .. source.OneHot ?? []]))
        {
            foreach (CsvLine line in table.Lines())
            {
                any = true;
                Take(line);
            }
        }
        if (!any)
            Add(FindingKind.NoRows, [], null,
                $"{File} has a header line and no rows, so '{source.Name}' has no images. Add its rows, or remove " +
                "the source.");
        GroupReading? groups = source.GroupPattern is { } pattern
            ? new GroupReading(pattern, source.Name, source.Labels)
            : null;
        var records = ImmutableArray.CreateBuilder<ImageRecord>(_rows.Count);
        foreach ((string id, Row row, string path) in Located())
        {
            string? group = groups is null
                ? row.Group
                : groups.Read(new ImageId(id), $"{source.Labels}:{row.Line}", $"line {row.Line} of {File}");
            records.Add(new ImageRecord(new ImageId(id), row.Grade, group, source.Name, new FileLocation(path)));
        }
        if (source.Group is not null && records.Where(r => r.Group is null).Select(r => r.Id).ToImmutableArray() is { Length: > 0 } alone)
        {
            Add(FindingKind.MissingGroup, alone, null, $"{alone.Length} rows of {File} have no '{source.Group}': {AuditFinding.Few(alone)}. Each is taken for a group of its own; " +
                "fill the column in if they belong together.");
        }
        ImmutableArray<AuditFinding> findings = [.. _findings, .. groups?.Findings ?? [], .. _skipped.Findings];
        return new Dataset(source, records.DrainToImmutable(), findings);
    }

    /// <summary>
    /// The rows that count, each with its file. A file that two ids would mean belongs to the one that names it
    /// exactly.
    /// </summary>
    private IEnumerable<(string Id, Row Row, string Path)> Located()
    {
        var found = new List<(string Id, Row Row, FoundImage Image)>();
        foreach ((string id, List<Row> rows) in _rows)
        {
            if (Single(id, rows) is { } row && Locate(id, row.Line) is { } image)
                found.Add((id, row, image));
        }
        var byPath = found.ToLookup(f => f.Image.Path!, StringComparer.Ordinal);
        var kept = new List<(string Id, Row Row, FoundImage Image)>();
        foreach ((string Id, Row Row, FoundImage Image) one in found)
        {
            if (one.Image.Difference == NameDifference.None || byPath[one.Image.Path!].Count() == 1)
            {
                kept.Add(one);
                continue;
            }
            (string other, Row line, _) = byPath[one.Image.Path!].First(f => f.Id != one.Id);
            Add(FindingKind.AmbiguousImage, [new ImageId(one.Id)], one.Row.Line,
                $"'{one.Id}' on line {one.Row.Line} of {File} would mean '{Path.GetFileName(one.Image.Path)}', as " +
                $"'{other}' on line {line.Line} does. " +
                "It is left out; write the ids as the files are named.");
        }
        var different = kept.Where(f => f.Image.Difference != NameDifference.None);
        foreach (var loose in different.GroupBy(f => f.Image.Difference))
            AddLoose(loose.Key, [.. loose.Select(f => (new ImageId(f.Id), f.Image.Path!))]);
        return kept.Select(f => (f.Id, f.Row, f.Image.Path!));
    }

    private void AddLoose(NameDifference difference, (ImageId Id, string Path)[] found)
    {
        string how = difference switch
        {
            NameDifference.Notation => "in notation (backslashes, the folder's name, or accents)",
            NameDifference.Extension => "in the extension",
            NameDifference.LetterCase => "in letter case",
            _ => "in zeros before a number",
        };
        string examples = string.Join(
            ", ", found.Take(3).Select(f => $"'{f.Id}' for '{Path.GetRelativePath(source.Images, f.Path)}'"));
        Add(FindingKind.LooseId, [.. found.Select(f => f.Id)], null,
            $"{found.Length} id{(found.Length == 1 ? " differs" : "s differ")} from the name of " +
            $"{(found.Length == 1 ? "its file" : "their files")} {how}: {examples}" +
            $"{(found.Length > 3 ? " and so on" : "")}. They are read so; where that is wrong, write the ids of " +
            $"{File} as the files are named.");
    }

    private void Take(CsvLine line)
    {
        if (line.Problem is not null)
        {
            Add(FindingKind.MalformedRow, [], line.Number, $"Line {line.Number} of {File} {line.Problem}. It is left out; correct the line.");
            return;
        }
        (string id, string label, string group) = (
            line.Fields[0], source.OneHot is null ? line.Fields[1] : OneHot(line.Fields[3..]), line.Fields[2]);
        if (id.Length == 0)
        {
            Add(FindingKind.EmptyId, [], line.Number, $"Line {line.Number} of {File} has no '{source.Id}'. It is left out; fill the id in or delete the line.");
            return;
        }
        int? grade = null;
        if (source.Grade is not null || source.OneHot is not null)
        {
            (grade, FindingKind? problem) = _grades.Read(label);
            if (problem == FindingKind.SkippedGrade)
            {
                _skipped.Add(label, new ImageId(id));
                return;
            }
            if (problem is { } kind)
            {
                Add(kind, [new ImageId(id)], line.Number, $"Line {line.Number} of {File} {Explain(kind, label)} for '{id}'. " +
                    $"{(IsTest ? "The image is predicted all the same" : "It is left out")}; correct it to " +
                    $"{(source.OneHot is null ? _grades.Expected : "one 1 among zeros")}.");
                if (!IsTest)
                    return;
            }
        }
        if (!_rows.TryGetValue(id, out List<Row>? rows))
            _rows.Add(id, rows = []);
        rows.Add(new Row(line.Number, grade, group.Length == 0 ? null : group));
    }

    /// <summary>
    /// The name of the grade whose column holds the 1; nothing where all are empty or 0, else what they hold.
    /// </summary>
    private string OneHot(string[] fields)
    {
        double[] values = [.. fields.Select(Value)];
        int[] ones = [.. Enumerable.Range(0, values.Length).Where(i => values[i] == 1)];
        if (values.All(v => v == 0))
            return "";
        return ones.Length == 1 && values.Count(v => v == 0) == values.Length - 1
            ? _scale.Names[ones[0]]
            : string.Join(' ', fields);
    }

    private static double Value(string field) => field.Length == 0
        ? 0
        : double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : double.NaN;

    private string Explain(FindingKind kind, string label) => kind switch
    {
        FindingKind.MissingGrade => "has no grade",
        FindingKind.GradeOutsideScale => $"has the grade {label}, which is outside {_grades.ScaleName},",
        _ when source.OneHot is not null => $"has {label} in its columns of grades, not a single 1 among zeros,",
        _ => $"has the grade '{label}', which is neither a whole number nor a name of {_grades.ScaleName},",
    };

    /// <summary>The one row that counts for an id; null where the rows contradict each other.</summary>
    private Row? Single(string id, List<Row> rows)
    {
        if (rows.Count == 1)
            return rows[0];
        string lines = string.Join(", ", rows.Select(r => r.Line));
        int[] grades = [.. rows.Select(r => r.Grade).OfType<int>()];
        bool sameGrade = rows.Select(r => r.Grade).Distinct().Count() == 1;
        bool sameGroup = rows.Select(r => r.Group).Distinct(StringComparer.Ordinal).Count() == 1;
        if (sameGrade && sameGroup)
        {
            Add(FindingKind.DuplicateId, [new ImageId(id)], rows[1].Line, $"'{id}' is on lines {lines} of {File} with the same grade. It counts once; delete the others.", grades);
            return rows[0];
        }
        if (sameGrade)
        {
            // Joining the groups is the cautious reading, but which record stands for the other group is not ours to invent.
            Add(FindingKind.DuplicateId, [new ImageId(id)], rows[1].Line, $"'{id}' is on lines {lines} of {File} with different values of '{source.Group}' " +
                $"({AuditFinding.Few([.. rows.Select(r => r.Group ?? "").Distinct(StringComparer.Ordinal)])}). {(IsTest ? "The first counts" : "It is left out")}; keep the right line.", grades);
            return IsTest ? rows[0] : null;
        }
        Add(FindingKind.DuplicateIdOtherGrade, [new ImageId(id)], rows[1].Line, $"'{id}' is on lines {lines} of {File} with different grades ({string.Join(", ", rows.Select(r => r.Grade?.ToString() ?? "none"))}). " +
            $"{(IsTest ? "It is predicted, without a grade" : "It is left out")}; keep the right line.", grades);
        return IsTest ? rows[0] with { Grade = null } : null;
    }

    private FoundImage? Locate(string id, long line)
    {
        FoundImage image = _folder.Find(id);
        if (image.Path is not null)
            return image;
        string remedy = image.Problem switch
        {
            FindingKind.UnsafeId => "correct the id",
            FindingKind.AmbiguousImage => "write the id as the file is named, or state the source's extension",
            FindingKind.HashAsId => "give ids where ids are expected",
            _ => "add the image, or correct the id or the source's extension",
        };
        string shown = id.Length > 100 ? id[..100] + "…" : id;
        Add(image.Problem, [new ImageId(id)], line,
            $"'{shown.Replace('\0', '␀')}' on line {line} of {File} {image.Detail}. It is left out; {remedy}.");
        return null;
    }

    private void Add(FindingKind kind, ImmutableArray<ImageId> ids, long? line, string message, IEnumerable<int>? grades = null) =>
        _findings.Add(new AuditFinding(kind, source.Name, ids, message) { Where = line is null ? source.Labels : $"{source.Labels}:{line}", Grades = [.. grades ?? []] });

    private sealed record Row(long Line, int? Grade, string? Group);
}
