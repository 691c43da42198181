using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Datasets;

/// <summary>Reads a CSV of ids and grades beside a folder of images.</summary>
internal sealed class CsvDatasetReader(CsvSource source, GradeScale scale)
{
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
        using (var table = new CsvTable(source.Labels, [source.Id, source.Grade, source.Group]))
        {
            foreach (CsvLine line in table.Lines())
                Take(line);
        }
        var records = ImmutableArray.CreateBuilder<ImageRecord>(_rows.Count);
        foreach ((string id, List<Row> rows) in _rows)
        {
            if (Single(id, rows) is { } row && Locate(id, row.Line) is { } location)
                records.Add(new ImageRecord(new ImageId(id), row.Grade, row.Group, source.Name, location));
        }
        if (source.Group is not null && records.Where(r => r.Group is null).Select(r => r.Id).ToImmutableArray() is { Length: > 0 } alone)
        {
            Add(FindingKind.MissingGroup, alone, null, $"{alone.Length} rows of {File} have no '{source.Group}': {AuditFinding.Few(alone)}. Each is taken for a group of its own; " +
                "fill the column in if they belong together.");
        }
        return new Dataset(source, records.DrainToImmutable(), [.. _findings, .. _skipped.Findings]);
    }

    private void Take(CsvLine line)
    {
        if (line.Problem is not null)
        {
            Add(FindingKind.MalformedRow, [], line.Number, $"Line {line.Number} of {File} {line.Problem}. It is left out; correct the line.");
            return;
        }
        (string id, string label, string group) = (line.Fields[0], line.Fields[1], line.Fields[2]);
        if (id.Length == 0)
        {
            Add(FindingKind.EmptyId, [], line.Number, $"Line {line.Number} of {File} has no '{source.Id}'. It is left out; fill the id in or delete the line.");
            return;
        }
        int? grade = null;
        if (source.Grade is not null)
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
                    $"{(IsTest ? "The image is predicted all the same" : "It is left out")}; correct it to {_grades.Expected}.");
                if (!IsTest)
                    return;
            }
        }
        if (!_rows.TryGetValue(id, out List<Row>? rows))
            _rows.Add(id, rows = []);
        rows.Add(new Row(line.Number, grade, group.Length == 0 ? null : group));
    }

    private string Explain(FindingKind kind, string label) => kind switch
    {
        FindingKind.MissingGrade => "has no grade",
        FindingKind.GradeOutsideScale => $"has the grade {label}, which is outside {_grades.ScaleName},",
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

    private FileLocation? Locate(string id, long line)
    {
        (string? path, FindingKind problem, string detail) = _folder.Find(id);
        if (path is not null)
            return new FileLocation(path);
        string remedy = problem switch
        {
            FindingKind.UnsafeId => "correct the id",
            FindingKind.AmbiguousImage => "state the source's extension",
            FindingKind.HashAsId => "give ids where ids are expected",
            _ => "add the image, or correct the id or the source's extension",
        };
        string shown = id.Length > 100 ? id[..100] + "…" : id;
        Add(problem, [new ImageId(id)], line, $"'{shown.Replace('\0', '␀')}' on line {line} of {File} {detail}. It is left out; {remedy}.");
        return null;
    }

    private void Add(FindingKind kind, ImmutableArray<ImageId> ids, long? line, string message, IEnumerable<int>? grades = null) =>
        _findings.Add(new AuditFinding(kind, source.Name, ids, message) { Where = line is null ? source.Labels : $"{source.Labels}:{line}", Grades = [.. grades ?? []] });

    private sealed record Row(long Line, int? Grade, string? Group);
}
