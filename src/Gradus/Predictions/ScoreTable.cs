using System.Collections.Immutable;
using System.Globalization;
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

    private const double SumTolerance = 0.01; // of probabilities with few digits

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
            truth.Add(Grade(line.Fields[0], grade, top, where));
            scores.Add(probable ? Expected(line.Fields.AsSpan(1), where) : Value(line.Fields[1], columns[0], where));
        }
        if (scores.Count == 0)
            throw new GradusException("the file has no rows", path, "a header only", fault: Fault.Request);
        return new ScoreTable(path, scores.ToImmutable(), truth.ToImmutable(), Math.Max(2, grades ?? (probable ? columns.Length : truth.Max() + 1)));
    }

    private static int Grade(string text, string column, int top, string where)
    {
        double value = Value(text, column, where);
        if (value != Math.Floor(value))
            throw new GradusException($"column '{column}' holds no whole number", where, $"'{text}'", "Grades are counted from 0", Fault.Request);
        return value >= 0 && value <= top ? (int)value : throw new GradusException("the grade is not on the scale", where, $"'{text}'", $"Grades are 0 to {top}", Fault.Request);
    }

    private static double Expected(ReadOnlySpan<string> fields, string where)
    {
        double sum = 0, expected = 0;
        for (int k = 0; k < fields.Length; k++)
        {
            double p = Value(fields[k], $"p{k}", where);
            if (p is < 0 or > 1)
                throw new GradusException($"column 'p{k}' holds no probability", where, $"'{fields[k]}'", "Probabilities are 0 to 1", Fault.Request);
            sum += p;
            expected += k * p;
        }
        return Math.Abs(sum - 1) <= SumTolerance
            ? expected
            : throw new GradusException($"the probabilities p0 to p{fields.Length - 1} do not add up to 1", where, sum.ToString("0.###", CultureInfo.InvariantCulture), "Give the probability of each grade, or one score with --score", Fault.Request);
    }

    private static double Value(string text, string column, string where) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new GradusException($"column '{column}' holds no number", where, $"'{text}'", fault: Fault.Request);
}
