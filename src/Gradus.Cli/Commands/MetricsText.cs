using Gradus.Cli.Terminal;
using Gradus.Grading;
using Gradus.Metrics;

namespace Gradus.Cli.Commands;

/// <summary>Metrics as tables, default and tuned thresholds always side by side.</summary>
internal static class MetricsText
{
    public static void Print(Output output, GradeScale scale, MetricSet byDefault, MetricSet tuned)
    {
        output.Table(["metric", "at default thresholds", "at tuned thresholds"],
        [
            ["QWK [95 %]", Interval(byDefault), Interval(tuned)],
            [scale.IsBinary ? "AUC" : "AUC (macro one-vs-rest)", Number(byDefault.Auc), Number(tuned.Auc)],
            ["accuracy", Number(byDefault.Accuracy), Number(tuned.Accuracy)],
            ["mean absolute error", Number(byDefault.Mae), Number(tuned.Mae)],
        ]);
        output.Table(["grade", "images", "sensitivity", "specificity", "precision", "F1", "predicted", "tuned: predicted"], scale.Names.Select((name, k) =>
        {
            ClassMetrics c = byDefault.PerClass[k];
            return (string[])[$"{k} {name}", $"{c.Support}", Number(c.Sensitivity), Number(c.Specificity), Number(c.Precision), Number(c.F1), $"{byDefault.PredictedCounts[k]}", $"{tuned.PredictedCounts[k]}"];
        }), numbers: true);
    }

    public static string MacroF1(MetricSet metrics) => EffectText.MacroF1(metrics.MacroF1, metrics.MacroGrades, metrics.PerClass.Length);

    public static string Interval(MetricSet metrics) => metrics is { QwkLow: { } low, QwkHigh: { } high } ? $"{metrics.Qwk:0.000} [{low:0.000}, {high:0.000}]" : Number(metrics.Qwk);

    public static string Number(double? value) => value is { } v ? $"{v:0.000}" : "–";
}
