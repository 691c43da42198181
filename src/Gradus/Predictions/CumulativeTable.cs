using System.Collections.Immutable;
using System.Globalization;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Predictions;

/// <summary>Cumulative outputs with true grades, from a CSV of whatever origin.</summary>
/// <param name="Source">Where they come from, for messages.</param>
/// <param name="Usual">The rule with default thresholds.</param>
/// <param name="Scores">(N, M) finite, each the probability that the grade is at least k.</param>
/// <param name="Truth">(N) true grades, 0 to K-1.</param>
/// <param name="Grades">K, at least 2.</param>
public sealed record CumulativeTable(string Source, LeadingOnes Usual, GradedScores Scores, ImmutableArray<int> Truth, int Grades)
{
    /// <summary>(N) groups that intervals draw as a whole and folds keep together, 0 to G-1; null where each image stands alone.</summary>
    public int[]? Groups { get; init; }

    private const double SumTolerance = 1e-3; // of probabilities with few digits

    /// <summary>
    /// Reads a file with a column of true grades and the columns <c>c1</c>, <c>c2</c> … <c>cK-1</c>, the probabilities of a grade of at least 1, 2 and so on;
    /// or <c>o0</c>, <c>o1</c> and so on, as a run keeps the outputs of its network.
    /// </summary>
    /// <param name="path">A CSV with a header; other columns are ignored.</param>
    /// <param name="named">Columns with unusual names, and K: null takes one more than there are outputs. As many as there are outputs: the first says "at least grade 0".</param>
    /// <param name="gradesPath">A CSV with ids and true grades, or null.</param>
    /// <exception cref="GradusException">A column or all rows are missing, or a value is no probability, or a grade not on the scale; with its line.</exception>
    public static CumulativeTable Read(string path, PredictionColumns named, string? gradesPath = null)
    {
        string[] columns = Columns(CsvTable.Headers(path));
        if (columns.Length == 0)
            throw new GradusException("has no cumulative outputs c1, c2 and so on", $"{path}:1", string.Join(", ", CsvTable.Headers(path).Take(20)), "Name the columns like that, c1 the probability of grade 1 or more; scores and p0, p1 … need neither --per-output nor --shared", Fault.Request);
        if (CsvTable.Headers(path).Except(columns).FirstOrDefault(h => h.Length > 1 && h[0] == columns[0][0] && int.TryParse(h.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out _)) is { } stray)
            throw new GradusException($"has the cumulative output {stray} and not all before it", $"{path}:1", string.Join(", ", columns.Append(stray)), "Give c1, c2 and so on without a gap", Fault.Request);
        int known = named.Known ?? columns.Length + 1;
        if (known != columns.Length + 1 && known != columns.Length)
            throw new GradusException($"has {columns.Length} cumulative outputs, which are for {columns.Length + 1} grades", $"{path}:1", $"a scale of {known}", "Leave --grades and --scale out", Fault.Request);
        named = named.Scale is null ? named with { Grades = known } : named;
        var table = PredictionTable.Read(path, named, graded: gradesPath is not null, columns);
        (int[] labels, int[]? groups) = LabelledPredictions.Truth(table, named, gradesPath);
        GradedScores scores = Of(labels.Length, columns.Length, [.. table.Outputs.Select(p => (float)p)], known == columns.Length);
        if (columns.Length > 1 && LookLikeShares(scores))
            throw new GradusException("its outputs add up to 1 in every row, so they are probabilities of single grades and not cumulative ones", $"{path}:1", string.Join(", ", columns), "Name them p0, p1 and so on, and leave --per-output and --shared out", Fault.Request);
        return new CumulativeTable(path, new LeadingOnes([.. Enumerable.Repeat(0.5, columns.Length)], known == columns.Length), scores, [.. labels], known) { Groups = groups };
    }

    /// <summary>The cumulative columns of a file, c1 and so on before o0 and so on; none where it has none.</summary>
    internal static string[] Columns(string[] headers)
    {
        return Numbered("c", 1) is { Length: > 0 } named ? named : Numbered("o", 0);

        string[] Numbered(string letter, int from) => [.. Enumerable.Range(from, headers.Length).Select(k => $"{letter}{k}").TakeWhile(headers.Contains)];
    }

    private static GradedScores Of(int rows, int columns, float[] values, bool firstIsCertain)
    {
        int first = firstIsCertain ? 1 : 0;
        return new GradedScores(rows, columns, values, [.. Enumerable.Range(0, rows).Select(i => values.AsSpan(i * columns + first, columns - first).ToArray().Sum(p => (double)p))], null);
    }

    private static bool LookLikeShares(GradedScores scores) => Enumerable.Range(0, scores.Rows).All(i => Math.Abs(scores.Row(i).ToArray().Sum(p => (double)p) - 1) <= SumTolerance);
}
