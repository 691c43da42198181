using Gradus.Runs;
using Gradus.Runs.Comparison;
using ScottPlot;

namespace Gradus.Reports;

/// <summary>The curves of several runs in one picture: validation QWK at default thresholds, or AUC where all have two grades, and validation loss.</summary>
public static class ComparisonPlot
{
    private const int MostBands = 2, LongestLabel = 34;

    private static readonly Color[] Colours = [Chart.Blue, Chart.Orange, Color.FromHex("#009e73"), Color.FromHex("#cc79a7"), Color.FromHex("#e69f00"), Chart.Sky, Chart.Ink];
    private static readonly MarkerShape[] Markers = [MarkerShape.FilledCircle, MarkerShape.FilledDiamond, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.OpenCircle];

    /// <summary>Writes a PNG of 1200 x 700 pixels; nothing where no run has an epoch.</summary>
    /// <returns>Whether there was something to draw.</returns>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static bool Write(string path, RunComparison comparison)
    {
        ComparedRun[] runs = [.. comparison.Runs.Where(r => r.Records.Count > 0)];
        if (runs.Length == 0)
            return false;
        (int, int) epochs = (runs.Min(r => r.Records[0].Epoch), runs.Max(r => r.Records[^1].Epoch));
        CurvePanel agreement = runs.All(r => r.Info.Experiment.Scale.IsBinary)
            ? Panel("Validation area under the ROC curve", "AUC", r => r.Validation.Default.Auc, bands: false)
            : Panel("Validation QWK at default thresholds", "quadratic weighted kappa", r => r.Validation.Default.Qwk, bands: runs.Length <= MostBands);
        CurvePanel loss = Panel("Validation loss", "mean loss per image", r => r.Validation.Loss, bands: false);
        Chart.Write(path, CurveChart.Draw(agreement, epochs, null, CurveChart.Range(agreement)), CurveChart.Draw(loss, epochs, null, CurveChart.Range(loss)));
        return true;

        CurvePanel Panel(string title, string unit, Func<EpochRecord, double?> figure, bool bands) => new(title, unit, [.. runs.Select((run, i) =>
            new Curve(Label(run), Colours[i % Colours.Length], Markers[i % Markers.Length],
                [.. from r in run.Records let y = figure(r) where y is not null select ((double)r.Epoch, y.Value)])
            {
                Band = bands ? [.. from r in run.Records let m = r.Validation.Default where m.QwkLow is not null && m.QwkHigh is not null select ((double)r.Epoch, m.QwkLow!.Value, m.QwkHigh!.Value)] : [],
            })]);
    }

    private static string Label(ComparedRun run)
    {
        string name = string.Concat(run.Folder.Name.Select(c => char.IsControl(c) ? ' ' : c));
        return name.Length <= LongestLabel ? name : name[..(LongestLabel - 1)] + "…";
    }
}
