using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Reports;

namespace Gradus.Cli.Commands;

/// <summary>What evaluate does with files of predictions.</summary>
/// <param name="Columns">Columns with unusual names.</param>
/// <param name="Grades">A file of true grades, or null.</param>
/// <param name="Plots">A folder for pictures, or null.</param>
/// <param name="Seed">Fixes resamples and folds.</param>
internal sealed record EvaluatePredictions(PredictionColumns Columns, string? Grades, string? Plots, long Seed)
{
    private const string Better = "is better";

    /// <summary>One file.</summary>
    public int One(Session session, string file)
    {
        var labelled = LabelledPredictions.Read(file, Columns, Grades);
        var evaluation = Evaluation.Compute(labelled.Images, Seed);
        session.Output.Heading($"{labelled.Source}: {labelled.Images.Count} images, {labelled.Images.Grades} grades, predicted by {labelled.Origin}");
        EvaluationText.Metrics(session.Output, labelled.Images.Grades == 2, ("", evaluation));
        EvaluationText.Drawn(session.Output, labelled.Images, Columns.Group);
        EvaluationText.Classes(session.Output, Names(labelled), evaluation);
        EvaluationText.Temperature(session.Output, evaluation.Calibration);
        string[] plots = Draw(session, labelled, evaluation, folder: "");
        if (session.Output.Json)
            session.Output.Document(new { predictions = Path.GetFullPath(file), images = labelled.Images.Count, grades = labelled.Images.Grades, predictedBy = labelled.Origin, resampled = EvaluationText.DrawnDocument(labelled.Images, Columns.Group), metrics = evaluation, plots });
        return 0;
    }

    /// <summary>Two files for the same images.</summary>
    public int Two(Session session, string first, string second)
    {
        (LabelledPredictions a, LabelledPredictions b) = LabelledPredictions.ReadPair(first, second, Columns, Grades);
        (Evaluation ofA, Evaluation ofB, EvaluationDifference difference) = EvaluationDifference.Compute(a.Images, b.Images, Seed);
        session.Output.Heading($"{a.Images.Count} images, {a.Images.Grades} grades");
        session.Output.Line($"A  {first}, predicted by {a.Origin}");
        session.Output.Line($"B  {second}, predicted by {b.Origin}");
        EvaluationText.Metrics(session.Output, a.Images.Grades == 2, ("A", ofA), ("B", ofB));
        (string Name, Estimate Of, bool LowIsGood)[] rows = [("QWK", difference.Qwk, false), ("accuracy", difference.Accuracy, false), ("mean absolute error", difference.Mae, true), ("AUC", difference.Auc, false)];
        session.Output.Table(
            ["difference", "B - A [95 % interval, paired]", ""],
            rows.Where(r => r.Of.Value is not null).Select(r => (string[])[r.Name, EvaluationText.Text(r.Of, "+0.0000;-0.0000;0.0000"), Verdict(r.Of, r.LowIsGood)]));
        EvaluationText.Drawn(session.Output, a.Images, Columns.Group);
        session.Output.Line(Sentence(difference.Qwk));
        string[] plots = [.. Draw(session, a, ofA, "a"), .. Draw(session, b, ofB, "b")];
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                images = a.Images.Count,
                grades = a.Images.Grades,
                resampled = EvaluationText.DrawnDocument(a.Images, Columns.Group),
                a = new { predictions = Path.GetFullPath(first), predictedBy = a.Origin, metrics = ofA },
                b = new { predictions = Path.GetFullPath(second), predictedBy = b.Origin, metrics = ofB },
                difference,
                plots,
            });
        }
        return 0;
    }

    private static string Verdict(Estimate difference, bool lowIsGood)
    {
        if (!difference.ExcludesZero)
            return "cannot be told apart from noise";
        return difference.Value > 0 != lowIsGood ? $"B {Better}" : $"A {Better}";
    }

    private static string Sentence(Estimate qwk) => qwk switch
    {
        { Value: null } => "All images have one true grade, so QWK cannot compare A and B.",
        { ExcludesZero: true } => $"By QWK {(qwk.Value > 0 ? "B" : "A")} {Better} on images like these; the interval says nothing about training again with another seed.",
        _ => "By QWK these images cannot tell A and B apart from noise: the interval of the difference holds 0.",
    };

    private string[] Names(LabelledPredictions labelled) =>
        [.. Enumerable.Range(0, labelled.Images.Grades).Select(k => Columns.Scale is { } scale && $"{k}" != scale.Names[k] ? $"{k} {scale.Names[k]}" : $"{k}")];

    private string[] Draw(Session session, LabelledPredictions labelled, Evaluation evaluation, string folder)
    {
        if (Plots is null)
            return [];
        string[] files = [.. EvaluationPlots.Write(Path.Combine(Plots, folder), evaluation, new GradeScale([.. Names(labelled)])).Select(Path.GetFullPath)];
        foreach (string file in files)
            session.Output.Line($"Plot: {file}");
        return files;
    }
}
