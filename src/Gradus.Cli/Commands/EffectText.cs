using System.Globalization;
using Gradus.Cli.Terminal;
using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Cli.Commands;

/// <summary>What thresholds do beside their QWK: accuracy, macro F1 and the shares of the grades, at each kind of threshold.</summary>
internal static class EffectText
{
    /// <summary>A row per figure and one per grade, a column per kind of threshold.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="names">(K) of the grades; null calls them by their numbers.</param>
    /// <param name="kinds">A name for each kind of threshold, and its figures on the same images.</param>
    public static void Figures(Output output, IReadOnlyList<string>? names, params IReadOnlyList<(string Name, GradingFigures Of)> kinds)
    {
        GradingFigures first = kinds[0].Of;
        output.Table(
            ["figure", .. kinds.Select(k => k.Name)],
            [
                Row("QWK", f => MetricsText.Number(f.Qwk)),
                Row("accuracy", f => MetricsText.Number(f.Accuracy)),
                Row("mean absolute error", f => MetricsText.Number(f.Mae)),
                Row("macro F1", MacroF1),
            ],
            numbers: true);
        output.Table(
            ["grade", "true, % [95 %]", .. kinds.Select(k => $"predicted, %, {k.Name}")],
            first.Shares.Select(s => (string[])[
                names is null ? $"{s.Grade}" : $"{s.Grade} {names[s.Grade]}",
                $"{Percent(s.True)} [{Percent(s.Low)}, {Percent(s.High)}]",
                .. kinds.Select(k => Percent(k.Of.Shares[s.Grade].Predicted))]),
            numbers: true);

        string[] Row(string name, Func<GradingFigures, string> figure) => [name, .. kinds.Select(k => figure(k.Of))];
    }

    /// <summary>The figure, and over how many grades it averages where that is not all of them.</summary>
    public static string MacroF1(GradingFigures figures) => MacroF1(figures.MacroF1, figures.MacroGrades, figures.Shares.Length);

    /// <summary>The figure, and over how many grades it averages where that is not all of them.</summary>
    public static string MacroF1(double value, int over, int grades) => MetricsText.Number(value) + (over == grades ? "" : $" (over {over} of {grades} grades)");

    /// <summary>Says in one line what tuned thresholds do to the shares of the grades; nothing where they do no harm.</summary>
    public static void Warn(Output output, ThresholdEffect? effect, IReadOnlyList<string>? names, string images = "validation")
    {
        if (effect?.Warning(names, images) is { } warning)
            output.Line($"Warning: {warning}.");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
