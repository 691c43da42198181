using System.Globalization;
using Gradus.Cli.Terminal;
using Gradus.Metrics;

namespace Gradus.Cli.Commands;

/// <summary>Evaluations as tables: a row a metric, a column an evaluation.</summary>
internal static class EvaluationText
{
    /// <summary>Every metric that has a value in some of the evaluations, with its interval.</summary>
    public static void Metrics(Output output, bool binary, params IReadOnlyList<(string Name, Evaluation Of)> evaluations)
    {
        // Averages may be over other grades in each evaluation, since a grade counts that occurs or is predicted.
        int[] over = [.. evaluations.Select(e => e.Of.Macro.Grades ?? e.Of.PerClass.Length).Distinct()];
        string macro = $"over {string.Join(" and ", over)} of {evaluations[0].Of.PerClass.Length} grades";
        (string Name, Func<Evaluation, Estimate> Of)[] metrics =
        [
            ("QWK", e => e.Qwk),
            ("linear kappa", e => e.LinearKappa),
            ("kappa", e => e.Kappa),
            ("accuracy = micro F1", e => e.Accuracy),
            ("mean absolute error", e => e.Mae),
            ($"macro sensitivity, {macro}", e => e.Macro.Sensitivity),
            ($"macro specificity, {macro}", e => e.Macro.Specificity),
            ($"macro precision, {macro}", e => e.Macro.Precision),
            ($"macro F1, {macro}", e => e.Macro.F1),
            ("micro specificity", e => e.Micro.Specificity),
            (binary ? "AUC" : "AUC (macro one-vs-rest)", e => e.Auc),
            (binary ? "average precision" : "average precision (macro)", e => e.AveragePrecision),
            ("calibration error (ECE)", e => e.Calibration?.Ece ?? default),
            ("class-wise ECE", e => e.Calibration?.ClasswiseEce ?? default),
            ("Brier score", e => e.Calibration?.Brier ?? default),
            ("log loss", e => e.Calibration?.LogLoss ?? default),
        ];
        output.Table(
            ["metric [95 % interval]", .. evaluations.Select(e => e.Name)],
            metrics.Where(m => m.Name == "QWK" || evaluations.Any(e => m.Of(e.Of).Value is not null)).Select(m => (string[])[m.Name, .. evaluations.Select(e => Text(m.Of(e.Of)))]));
    }

    /// <summary>Says what the intervals draw from, where that is not image by image.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="images">The images.</param>
    /// <param name="by">What groups are, as a column or a word: "patient".</param>
    public static void Drawn(Output output, GradedImages images, string? by)
    {
        if (images.Groups is not null)
            output.Line($"95 % intervals by resampling {images.Units} {Plural(by ?? "group")}, each with all its images, not {images.Count} images.");
    }

    /// <summary>What the intervals draw from, for --json.</summary>
    public static object DrawnDocument(GradedImages images, string? by) => new { by = images.Groups is null ? "image" : by ?? "group", units = images.Units };

    /// <summary>Several of what a column is named after: "patients", or "groups by patient_id" where it is no plain word.</summary>
    public static string Plural(string column) => column.All(char.IsAsciiLetterLower) && !column.EndsWith('s') && column is not "id"
        ? $"{column}s"
        : $"groups by '{column}'";

    /// <summary>One row per grade.</summary>
    public static void Classes(Output output, IReadOnlyList<string> names, Evaluation evaluation)
    {
        bool ranked = evaluation.PerClass.Any(c => c.Auc.Value is not null);
        output.Table(
            ["grade", "images", "predicted", "sensitivity", "specificity", "precision", "F1", .. ranked ? (string[])["AUC", "average precision"] : []],
            evaluation.PerClass.Select((c, k) => (string[])[
                names[k],
                $"{c.Support}",
                $"{c.Predicted}",
                Text(c.Sensitivity),
                Text(c.Specificity),
                Text(c.Precision),
                Text(c.F1),
                .. ranked ? (string[])[Text(c.Auc), Text(c.AveragePrecision)] : []]),
            numbers: true);
    }

    /// <summary>What a temperature is worth; nothing without probabilities.</summary>
    public static void Temperature(Output output, Calibration? calibration)
    {
        if (calibration is not { Temperature: { } scaling })
            return;
        string sure = scaling.Temperature > 1 ? "too sure of itself" : "not sure enough of itself";
        output.Line(FormattableString.Invariant($"Temperature {scaling.Temperature:0.000} (the model is {sure}): on images it was not fitted on, ECE {calibration.Ece.Value:0.000} becomes {scaling.Ece:0.000}, log loss {calibration.LogLoss.Value:0.000} becomes {scaling.LogLoss:0.000}{(scaling.LogLoss < calibration.LogLoss.Value ? "" : ": no gain, so leave the probabilities as they are")}."));
    }

    public static string Text(Estimate estimate, string format = "0.000") => estimate switch
    {
        { Value: null } => "–",
        { Low: null } => Number(estimate.Value, format),
        _ => $"{Number(estimate.Value, format)} [{Number(estimate.Low, format)}, {Number(estimate.High, format)}]",
    };

    private static string Number(double? value, string format) => value!.Value.ToString(format, CultureInfo.InvariantCulture);
}
