using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Predictions;

/// <summary>Where the true grades of scores stand: in a column beside them, or in a file of their own that ids join to them.</summary>
/// <param name="Column">The column of the grades.</param>
/// <param name="File">The file of the grades; null where it is that of the scores.</param>
/// <param name="Id">The column of the ids; null finds it by the usual names.</param>
public sealed record TrueGrades(string Column = "grade", string? File = null, string? Id = null)
{
    /// <summary>Reads the rows of a file of scores.</summary>
    /// <param name="path">The file of scores.</param>
    /// <param name="columns">The columns of the scores.</param>
    /// <param name="grades">K, which bounds the grades.</param>
    /// <param name="row">Takes the fields of the columns, and where they stand.</param>
    /// <returns>(N) the true grades, in the order of the rows.</returns>
    /// <exception cref="GradusException">A column or all rows are missing; an id stands twice or in one file only; or a grade is not on the scale.</exception>
    internal ImmutableArray<int> Read(string path, string[] columns, int grades, Action<string[], string> row)
    {
        // Without a second file ids join nothing, but an image that is there twice would judge itself.
        string? id = File is null ? IdIn(path, [Column, .. columns]) : IdIn(path, columns) ?? throw new GradusException("has no ids, so true grades cannot be joined to it", $"{path}:1", remedy: "Name their column with --id", fault: Fault.Request);
        var truth = ImmutableArray.CreateBuilder<int>();
        var ids = new List<string>();
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        using (var table = new CsvTable(path, [id, File is null ? Column : null, .. columns]))
        {
            foreach (CsvLine line in table.Lines())
            {
                string where = $"{path}:{line.Number}";
                if (line.Problem is not null)
                    throw new GradusException($"the line {line.Problem}", where, fault: Fault.Request);
                if (id is not null)
                    ids.Add(PredictionTable.NewId(line, lines, where));
                if (File is null)
                    truth.Add(CsvValues.Grade(line.Fields[1], Column, grades - 1, where));
                row(line.Fields[2..], where);
            }
        }
        if (truth.Count == 0 && ids.Count == 0)
            throw new GradusException("the file has no rows", path, "a header only", fault: Fault.Request);
        return File is null ? truth.ToImmutable() : [.. LabelledPredictions.Joined([.. ids], path, Labels(File, grades), File)];
    }

    private Dictionary<string, int> Labels(string file, int grades)
    {
        string id = IdIn(file, [Column]) ?? throw new GradusException("has no column of ids", $"{file}:1", string.Join(", ", CsvTable.Headers(file).Take(20)), "Name it with --id", Fault.Request);
        Dictionary<string, int> labels = PredictionTable.Grades(file, id, Column);
        return labels.FirstOrDefault(l => l.Value >= grades) is { Key: not null } beyond
            ? throw new GradusException($"column '{Column}' holds a grade that is not on the scale", file, $"{beyond.Value} for '{beyond.Key}'", $"Grades are 0 to {grades - 1}", Fault.Request)
            : labels;
    }

    // The ids of the two files may have different names, and the one that is given need be in one of them only.
    private string? IdIn(string path, string[] others)
    {
        string[] headers = [.. CsvTable.Headers(path).Except(others)];
        return Id is not null && headers.Contains(Id) ? Id : new PredictionColumns().IdIn(headers);
    }
}
