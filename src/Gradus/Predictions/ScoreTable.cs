using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Predictions;

/// <summary>Scores with true grades, from a CSV of whatever origin.</summary>
/// <param name="Source">Where they come from, for messages.</param>
/// <param name="Scores">(N) finite.</param>
/// <param name="Truth">(N) true grades, 0 to K-1.</param>
/// <param name="Grades">K, at least 2.</param>
public sealed record ScoreTable(string Source, ImmutableArray<double> Scores, ImmutableArray<int> Truth, int Grades)
{
    /// <summary>No scale of steps is longer; a greater number is an id or a measurement.</summary>
    public const int MostGrades = 100;

    /// <summary>Reads a file with a column of true grades and either a column of scores or one of probabilities for each grade.</summary>
    /// <param name="path">A CSV with a header; other columns are ignored.</param>
    /// <param name="grade">The column of the true grades.</param>
    /// <param name="score">The column of the scores; null takes <c>score</c>, else the expected grade of <c>p0</c>, <c>p1</c> and so on.</param>
    /// <param name="grades">K; null takes the greatest grade in the file plus one, or the number of probabilities.</param>
    /// <exception cref="GradusException">A column or all rows are missing, or a value is no number or out of range; with its line.</exception>
    public static ScoreTable Read(string path, string grade = "grade", string? score = null, int? grades = null)
    {
        string[] headers = CsvTable.Headers(path);
        string[] columns = score is not null ? [score] : headers.Contains("score") ? ["score"] : [.. Enumerable.Range(0, headers.Length).Select(k => $"p{k}").TakeWhile(headers.Contains)];
        if (columns.Length == 0 || (score is null && columns is [not "score"]))
            throw new GradusException("has neither a column 'score' nor probabilities 'p0', 'p1' and so on", $"{path}:1", string.Join(", ", headers.Take(20)), "Name the column with --score", Fault.Request);
        if (columns is [var only] && only == grade)
            throw new GradusException($"the column '{only}' cannot be both score and grade", $"{path}:1", fault: Fault.Request);
        bool probable = columns.Length > 1;
        int top = (grades ?? (probable ? columns.Length : MostGrades)) - 1;
        if (probable && top + 1 != columns.Length)
            throw new GradusException($"has probabilities of {columns.Length} grades", $"{path}:1", $"--grades {grades}", "Leave --grades out", Fault.Request);
        var scores = ImmutableArray.CreateBuilder<double>();
        var truth = ImmutableArray.CreateBuilder<int>();
        using var table = new CsvTable(path, [grade, .. columns]);
        foreach (CsvLine line in table.Lines())
        {
            string where = $"{path}:{line.Number}";
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", where, fault: Fault.Request);
            truth.Add(CsvValues.Grade(line.Fields[0], grade, top, where));
            scores.Add(probable ? CsvValues.Probabilities(line.Fields.AsSpan(1), where).Index().Sum(p => p.Index * p.Item) : CsvValues.Number(line.Fields[1], columns[0], where));
        }
        if (scores.Count == 0)
            throw new GradusException("the file has no rows", path, "a header only", fault: Fault.Request);
        return new ScoreTable(path, scores.ToImmutable(), truth.ToImmutable(), Math.Max(2, grades ?? (probable ? columns.Length : truth.Max() + 1)));
    }
}
