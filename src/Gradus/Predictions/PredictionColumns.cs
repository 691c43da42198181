using Gradus.Grading;

namespace Gradus.Predictions;

/// <summary>
/// Which columns of a CSV hold what, and how grades are written in it. Columns that are not named are found by their usual names;
/// every verb that reads such files finds them here.
/// </summary>
public sealed record PredictionColumns
{
    /// <summary>Where grades come from that no column holds, as a clause.</summary>
    public const string MostProbable = "the most probable grade";

    /// <summary>The same of scores.</summary>
    public const string AtDefault = "scores at the cut points 0.5, 1.5 and so on";

    /// <summary>The same of cumulative outputs.</summary>
    public const string AboveHalf = "outputs above 0.5";

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

    /// <summary>What images belong together by, such as the patient; intervals then draw whole groups. Null where each stands alone.</summary>
    public string? Group { get; init; }

    /// <summary>The names of the grades, in order; null where files count them from 0.</summary>
    public GradeScale? Scale { get; init; }

    /// <summary>K; null takes that of the scale, else what the file shows.</summary>
    public int? Grades { get; init; }

    /// <summary>K where it is stated.</summary>
    internal int? Known => Scale?.Count ?? Grades;

    /// <summary>The column of the ids, or null. Of several that may be meant it is the first by rank: joining by the wrong one fails loudly.</summary>
    /// <param name="path">The file.</param>
    /// <param name="headers">Its columns.</param>
    /// <param name="elsewhere">Whether the ids of another file may be the ones that were named.</param>
    /// <exception cref="GradusException">The column that was named is not there.</exception>
    internal string? IdIn(string path, string[] headers, bool elsewhere)
    {
        if (Id is not null && !elsewhere && !headers.Contains(Id))
            throw Missing(path, Id, headers, "--id");
        return Id is not null && headers.Contains(Id) ? Id : (this with { Id = null }).GuessedId(headers);
    }

    /// <summary>A column that was named and is not there.</summary>
    internal static GradusException Missing(string path, string column, string[] headers, string option) =>
        new($"the column '{column}' is missing", $"{path}:1", string.Join(", ", headers.Take(20)), $"Correct {option}", Fault.Request);

    private string? GuessedId(string[] headers) => IdNames.Select(name => headers.FirstOrDefault(h => h.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(h => h is not null && h != Grade && h != Prediction && h != Score && h != Group);

    /// <summary>The column of the true grades, or null.</summary>
    /// <exception cref="GradusException">Several may be meant.</exception>
    internal string? GradeIn(string path, string[] headers) => Grade ?? Only(path, headers, GradeNames, "true grades", "--grade", exclude: [Id, Prediction, Score, Group]);

    /// <summary>The column of the predicted grades, or null.</summary>
    /// <param name="path">The file.</param>
    /// <param name="headers">Its columns.</param>
    /// <param name="graded">Whether true grades stand elsewhere, so that a column <c>grade</c> or <c>diagnosis</c> must be a prediction.</param>
    /// <exception cref="GradusException">Several may be meant.</exception>
    internal string? PredictionIn(string path, string[] headers, bool graded) =>
        Prediction ?? Only(path, headers, PredictionNames, "predicted grades", "--prediction", exclude: [Id, Grade, Score, Group])
            ?? (graded ? Only(path, headers, GradeNames, "predicted grades", "--prediction", exclude: [Id, Score, Group]) : null);

    /// <summary>The column of the scores, or null.</summary>
    /// <exception cref="GradusException">Several may be meant.</exception>
    internal string? ScoreIn(string path, string[] headers) => Score ?? Only(path, headers, ScoreNames, "scores", "--score", exclude: [Id, Grade, Prediction, Group]);

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
