namespace Gradus.Predictions;

/// <summary>Which columns of a CSV hold what; those that are not named are found by their usual names.</summary>
public sealed record PredictionColumns
{
    private static readonly string[] IdNames = ["id", "id_code", "image_id", "image", "image_name", "imagename", "filename", "file_name", "file", "name", "key"];
    private static readonly string[] GradeNames = ["grade", "diagnosis", "level", "label", "class", "target", "truth", "true", "true_grade", "true_label", "y_true", "severity", "stage", "y"];
    private static readonly string[] PredictionNames = ["prediction", "predicted", "predicted_grade", "predicted_label", "pred", "preds", "y_pred"];
    private static readonly string[] ScoreNames = ["score", "scores", "y_score"];

    /// <summary>Ids of images, which join files.</summary>
    public string? Id { get; init; }

    /// <summary>True grades, whole numbers from 0.</summary>
    public string? Grade { get; init; }

    /// <summary>Predicted grades, whole numbers from 0.</summary>
    public string? Prediction { get; init; }

    /// <summary>Scores that rise with the grade.</summary>
    public string? Score { get; init; }

    /// <summary>The column of the ids, or null. Of several that may be meant it is the first by rank: joining by the wrong one fails loudly.</summary>
    internal string? IdIn(string[] headers) => Id ?? IdNames.Select(name => headers.FirstOrDefault(h => h.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(h => h is not null && h != Grade && h != Prediction && h != Score);

    /// <summary>The column of the true grades, or null.</summary>
    /// <exception cref="GradusException">Several may be meant.</exception>
    internal string? GradeIn(string path, string[] headers) => Grade ?? Only(path, headers, GradeNames, "true grades", "--grade", exclude: [Id, Prediction, Score]);

    /// <summary>The column of the predicted grades, or null.</summary>
    /// <param name="path">The file.</param>
    /// <param name="headers">Its columns.</param>
    /// <param name="graded">Whether true grades stand elsewhere, so that a column <c>grade</c> or <c>diagnosis</c> must be a prediction.</param>
    /// <exception cref="GradusException">Several may be meant.</exception>
    internal string? PredictionIn(string path, string[] headers, bool graded) =>
        Prediction ?? Only(path, headers, PredictionNames, "predicted grades", "--prediction", exclude: [Id, Grade, Score])
            ?? (graded ? Only(path, headers, GradeNames, "predicted grades", "--prediction", exclude: [Id, Score]) : null);

    /// <summary>The column of the scores, or null.</summary>
    /// <exception cref="GradusException">Several may be meant.</exception>
    internal string? ScoreIn(string path, string[] headers) => Score ?? Only(path, headers, ScoreNames, "scores", "--score", exclude: [Id, Grade, Prediction]);

    /// <summary>The columns p0, p1 and so on, at least two, or none.</summary>
    internal static string[] ProbabilitiesIn(string[] headers)
    {
        string[] columns = [.. Enumerable.Range(0, headers.Length).Select(k => $"p{k}").TakeWhile(headers.Contains)];
        return columns.Length >= 2 ? columns : [];
    }

    private static string? Only(string path, string[] headers, string[] names, string what, string option, string?[] exclude)
    {
        string[] found = [.. headers.Where(h => names.Contains(h.ToLowerInvariant()) && !exclude.Contains(h)).Distinct()];
        return found.Length <= 1
            ? found.FirstOrDefault()
            : throw new GradusException($"more than one column may hold the {what}", $"{path}:1", string.Join(", ", found), $"Name one with {option}", Fault.Request);
    }
}
