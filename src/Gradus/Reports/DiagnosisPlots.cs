using System.Collections.Immutable;
using Gradus.Diagnosis;
using Gradus.Grading;
using Gradus.Runs;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Gradus.Reports;

/// <summary>The pictures of a diagnosis, as PNG files of 1200 x 700 pixels.</summary>
public static class DiagnosisPlots
{
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledDiamond, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledTriangleDown];
    private static readonly Color[] Hues = [Chart.Blue, Chart.Orange, Color.FromHex("#009e73"), Color.FromHex("#cc79a7"), Color.FromHex("#8a6d00")];

    /// <summary>The pictures there can be, by name, in the order in which a page shows them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["changes", "thresholds", "loss_qwk", "bias"];

    /// <summary>Full path of a picture of a diagnosis in the run's plots.</summary>
    public static string PathOf(RunFolder run, string name) => run.Plot($"diagnosis_{name}");

    /// <summary>Draws what the diagnosis has figures for.</summary>
    /// <returns>The names of the pictures drawn.</returns>
    /// <exception cref="GradusException">A picture cannot be written.</exception>
    public static IReadOnlyList<string> Write(RunFolder run, RunDiagnosis diagnosis)
    {
        var drawn = new List<string>();
        DiagnosedSet[] sets = [.. diagnosis.Changes.Select(c => c.Set).Distinct()];
        if (sets.Length > 0)
            Draw("changes", [.. sets.Select(set => Changes([.. diagnosis.Changes.Where(c => c.Set == set)]))]);
        if (diagnosis.Path.Any(p => p.Tuned.Length > 0))
            Draw("thresholds", Thresholds(diagnosis));
        if (diagnosis.Input.Records.Any(r => r.Validation is { Loss: not null, Default.Qwk: not null }))
            Draw("loss_qwk", LossAgainstQwk(diagnosis.Input.Records, "default", r => r.Validation.Default.Qwk), LossAgainstQwk(diagnosis.Input.Records, "tuned", r => r.Validation.Tuned.Qwk));
        GradeScale scale = diagnosis.Input.Info.Experiment.Scale;
        Draw("bias", Bias(diagnosis.Input.Records, scale, "default", s => s.Default), Bias(diagnosis.Input.Records, scale, "tuned", s => s.Tuned));
        return drawn;

        void Draw(string name, params IReadOnlyList<Plot> plots)
        {
            Chart.Write(PathOf(run, name), plots);
            drawn.Add(name);
        }
    }

    /// <summary>A picture in words.</summary>
    internal static string Caption(string name) => name switch
    {
        "changes" => "Images that changed their grade's count from one epoch to the next at tuned thresholds, by what moved them.",
        "thresholds" => "Tuned thresholds over the epochs, the bootstrap medians beside them, and the bands within which a threshold makes hardly any difference.",
        "loss_qwk" => "Validation loss against validation QWK, epoch after epoch from pale to dark: where the two part, selection by one or by the other takes other epochs.",
        "bias" => "Predicted minus true share of each grade among the validation images.",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static Plot Changes(CountChange[] changes)
    {
        Plot plot = Chart.New(changes[0].Set == DiagnosedSet.Test ? "Swept images" : "Validation images", "epoch", "images that changed their count");
        foreach (CountChange change in changes)
        {
            Bar(change.To - 0.2, change.MovedByScores, Chart.Sky);
            Bar(change.To + 0.2, change.MovedByThresholds, Chart.Orange);
        }
        plot.Add.Scatter(changes.Select(c => (double)c.To).ToArray(), changes.Select(c => c.Moved).ToArray(), Chart.Ink).LineWidth = 1.5f;
        Chart.EpochAxis(plot, changes[0].To, changes[^1].To);
        plot.Axes.SetLimitsY(0, Math.Max(1, changes.Max(c => Math.Max(c.Moved, Math.Max(c.MovedByScores, c.MovedByThresholds)))) * 1.1);
        plot.Grid.XAxisStyle.IsVisible = false;
        Chart.Legend(plot,
            new LegendItem { LabelText = "by scores", FillColor = Chart.Sky },
            new LegendItem { LabelText = "by thresholds", FillColor = Chart.Orange },
            new LegendItem { LabelText = "in all", LineColor = Chart.Ink, LineWidth = 1.5f, MarkerShape = MarkerShape.FilledCircle, MarkerFillColor = Chart.Ink, MarkerSize = 5 });
        return plot;

        void Bar(double at, double value, Color colour) => plot.Add.Bar(new Bar { Position = at, Value = value, Size = 0.38, FillColor = colour, LineWidth = 0 });
    }

    private static Plot Thresholds(RunDiagnosis diagnosis)
    {
        ImmutableArray<ThresholdPoint> path = diagnosis.Path;
        int most = path.Max(p => p.Tuned.Length);
        Plot plot = Chart.New("Tuned thresholds", "epoch", "threshold");
        var legend = new List<LegendItem>();
        var values = new List<double>();
        for (int k = 0; k < most; k++)
        {
            Color colour = Hues[k % Hues.Length];
            ThresholdPoint[] own = [.. path.Where(p => p.Tuned.Length == most)], known = [.. own.Where(p => p.Plateaus.Length == most)], stable = [.. own.Where(p => p.Stabilised.Length == most)];
            if (known.Length > 1)
            {
                var band = plot.Add.FillY(Epochs(known), known.Select(p => p.Plateaus[k].Low).ToArray(), known.Select(p => p.Plateaus[k].High).ToArray());
                (band.FillColor, band.LineWidth, band.MarkerSize) = (colour.WithAlpha(0.14), 0, 0);
            }
            var line = plot.Add.Scatter(Epochs(own), own.Select(p => p.Tuned[k]).ToArray(), colour);
            (line.LineWidth, line.MarkerShape, line.MarkerSize) = (2.5f, Shapes[k % Shapes.Length], own.Length <= 40 ? 8 : 0);
            if (stable.Length > 0)
            {
                var median = plot.Add.Scatter(Epochs(stable), stable.Select(p => p.Stabilised[k]).ToArray(), colour);
                (median.LineWidth, median.LinePattern, median.MarkerSize) = (2f, LinePattern.Dashed, 0);
            }
            values.AddRange([.. own.Select(p => p.Tuned[k]), .. known.SelectMany(p => new[] { p.Plateaus[k].Low, p.Plateaus[k].High })]);
            legend.Add(new LegendItem { LabelText = most == 1 ? "tuned" : $"{k} | {k + 1}", LineColor = colour, LineWidth = 2.5f, MarkerShape = line.MarkerShape, MarkerFillColor = colour, MarkerSize = line.MarkerSize });
        }
        if (path.Any(p => p.Stabilised.Length > 0))
            legend.Add(new LegendItem { LabelText = "stabilised (bootstrap median)", LineColor = Chart.Muted, LineWidth = 2f, LinePattern = LinePattern.Dashed });
        if (path.Any(p => p.Plateaus.Length > 0))
            legend.Add(new LegendItem { LabelText = $"within {Gradus.Thresholds.CutPointReport.Tolerance} QWK", FillColor = Chart.Muted.WithAlpha(0.2) });
        (double low, double high) = (values.Min(), values.Max());
        Chart.EpochAxis(plot, path[0].Epoch, path[^1].Epoch);
        plot.Axes.SetLimitsY(low - 0.05 * (high - low) - 0.01, high + 0.05 * (high - low) + 0.01);
        Chart.Legend(plot, legend);
        return plot;
    }

    private static Plot LossAgainstQwk(IReadOnlyList<EpochRecord> records, string thresholds, Func<EpochRecord, double?> qwk)
    {
        Plot plot = Chart.New($"QWK at {thresholds} thresholds", "validation loss", "validation QWK");
        EpochRecord[] known = [.. records.Where(r => r.Validation.Loss is not null && qwk(r) is not null)];
        double[] x = [.. known.Select(r => r.Validation.Loss!.Value)], y = [.. known.Select(r => qwk(r)!.Value)];
        var way = plot.Add.Scatter(x, y, Chart.Grid);
        (way.LineWidth, way.MarkerSize) = (1.5f, 0);
        for (int i = 0; i < known.Length; i++)
            plot.Add.Marker(x[i], y[i], MarkerShape.FilledCircle, 11, Chart.Tint(Chart.Navy, 0.25 + 0.75 * (i + 1) / known.Length));
        foreach (int i in new[] { 0, known.Length - 1, Array.IndexOf(x, x.Min()), Array.IndexOf(y, y.Max()) }.Distinct())
        {
            var label = plot.Add.Text($"{known[i].Epoch}", x[i], y[i]);
            (label.LabelFontSize, label.LabelFontColor, label.LabelAlignment, label.OffsetY, label.LabelBold) = (15, Chart.Ink, Alignment.LowerCenter, -8, true);
        }
        Limits(plot, x, y);
        return plot;
    }

    private static Plot Bias(IReadOnlyList<EpochRecord> records, GradeScale scale, string thresholds, Func<SplitRecord, Metrics.MetricSet> at)
    {
        Plot plot = Chart.New($"Bias at {thresholds} thresholds", "epoch", "predicted minus true share, %");
        var legend = new List<LegendItem>();
        var values = new List<double>();
        for (int k = 0; k < scale.Count; k++)
        {
            double[] share = [.. records.Select(r => 100 * BiasFindings.Excess(at(r.Validation), k).Share)];
            Color colour = Hues[k % Hues.Length];
            var line = plot.Add.Scatter(records.Select(r => (double)r.Epoch).ToArray(), share, colour);
            (line.LineWidth, line.MarkerShape, line.MarkerSize) = (2.5f, Shapes[k % Shapes.Length], records.Count <= 40 ? 7 : 0);
            legend.Add(new LegendItem { LabelText = $"{k} {Chart.Short(scale.Names[k])}", LineColor = colour, LineWidth = 2.5f, MarkerShape = line.MarkerShape, MarkerFillColor = colour, MarkerSize = line.MarkerSize });
            values.AddRange(share);
        }
        plot.Add.HorizontalLine(0, 1.5f, Chart.Grey);
        Chart.EpochAxis(plot, records[0].Epoch, records[^1].Epoch);
        double reach = Math.Max(5, values.Max(Math.Abs)) * 1.1;
        plot.Axes.SetLimitsY(-reach, reach);
        Chart.Legend(plot, legend);
        return plot;
    }

    private static void Limits(Plot plot, double[] x, double[] y)
    {
        double across = Math.Max(x.Max() - x.Min(), 0.01), up = Math.Max(y.Max() - y.Min(), 0.01);
        plot.Axes.SetLimits(x.Min() - 0.08 * across, x.Max() + 0.08 * across, y.Min() - 0.08 * up, y.Max() + 0.12 * up);
        plot.Axes.Left.TickGenerator = new NumericAutomatic();
    }

    private static double[] Epochs(ThresholdPoint[] points) => [.. points.Select(p => (double)p.Epoch)];
}
