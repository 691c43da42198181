using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Metrics;

namespace Gradus.Predictions;

/// <summary>Scores with true grades, from a CSV of whatever origin.</summary>
/// <param name="Source">Where they come from, for messages.</param>
/// <param name="Scores">(N) finite.</param>
/// <param name="Truth">(N) true grades, 0 to K-1.</param>
/// <param name="Grades">K, at least 2.</param>
public sealed record ScoreTable(string Source, ImmutableArray<double> Scores, ImmutableArray<int> Truth, int Grades)
{
    /// <summary>(N) the grades before tuning; empty for those of the default cut points.</summary>
    public ImmutableArray<int> Predicted { get; init; } = [];

    /// <summary>Where the grades before tuning come from, as a clause; null for the default cut points.</summary>
    public string? Origin { get; init; }

    /// <summary>(N) groups that intervals draw as a whole and folds keep together, 0 to G-1; null where each image stands alone.</summary>
    public int[]? Groups { get; init; }

    /// <summary>No scale of steps is longer; a greater number is an id or a measurement.</summary>
    public const int MostGrades = 100;

    /// <summary>Whether a file has cumulative outputs c1, c2 and so on, and neither a column <c>score</c> nor probabilities.</summary>
    /// <exception cref="GradusException">It is missing or empty.</exception>
    public static bool IsCumulativeOnly(string path)
    {
        string[] headers = CsvTable.Headers(path);
        return headers.Contains("c1") && !headers.Contains("score") && !headers.Contains("p0");
    }

    /// <summary>
    /// Reads a file with either a column of scores or one of probabilities for each grade; the true grades may stand elsewhere.
    /// Columns are found, and images graded by default, as <see cref="LabelledPredictions"/> does it.
    /// </summary>
    /// <param name="path">A CSV with a header; other columns are ignored.</param>
    /// <param name="columns">Columns with unusual names, and how grades are written.</param>
    /// <param name="gradesPath">A CSV with ids and true grades, or null.</param>
    /// <exception cref="GradusException">A column or all rows are missing, a value is no number or out of range, or an id stands in one file only.</exception>
    public static ScoreTable Read(string path, PredictionColumns columns, string? gradesPath = null)
    {
        var labelled = LabelledPredictions.Read(path, columns, gradesPath);
        GradedImages images = labelled.Images;
        double[] scores = images.Scores ?? (images.Probabilities is { } all
            ? [.. Enumerable.Range(0, images.Count).Select(i => all.AsSpan(i * images.Grades, images.Grades).ToArray().Index().Sum(p => p.Index * p.Item))]
            : throw new GradusException("has neither a column 'score' nor probabilities 'p0', 'p1' and so on, nor cumulative ones 'c1', 'c2' and so on", $"{path}:1", string.Join(", ", CsvTable.Headers(path).Take(20)), "Name the column with --score", Fault.Request));
        return new ScoreTable(path, [.. scores], [.. images.Truth], images.Grades)
        {
            Predicted = [.. images.Predicted],
            Origin = labelled.Origin,
            Groups = images.Groups,
        };
    }
}
