using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Metrics;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Gradus.Reports;

/// <summary>Pictures of an evaluation.</summary>
public static class EvaluationPlots
{
    private static readonly Color Missing = Chart.Tint(Chart.Orange, 0.35);

    /// <summary>Writes <c>confusion.png</c> and, where there are probabilities, <c>reliability.png</c>.</summary>
    /// <returns>The files, in that order.</returns>
    /// <exception cref="GradusException">A file cannot be written.</exception>
    public static ImmutableArray<string> Write(string directory, Evaluation evaluation, GradeScale scale)
    {
        string confusion = Path.Combine(directory, "confusion.png");
        Chart.Write(confusion, ClassChart.Confusion("Confusion matrix", evaluation.Confusion, scale));
        if (evaluation.Calibration is not { } calibration)
            return [confusion];
        string reliability = Path.Combine(directory, "reliability.png");
        Chart.Write(reliability, Reliability(calibration, scale.Count), Confidence(calibration, scale.Count));
        return [confusion, reliability];
    }

    private static Plot Reliability(Calibration calibration, int grades)
    {
        Plot plot = Chart.New($"Are probabilities kept? ECE {calibration.Ece.Value:0.000}", "probability of the most probable grade", "share of hits");
        foreach (ReliabilityBin bin in calibration.Reliability.Where(b => b.Images > 0))
        {
            (double hits, double promised) = (bin.Accuracy!.Value, bin.Confidence!.Value);
            Box(plot, bin, 0, Math.Min(hits, promised), Chart.Blue);
            Box(plot, bin, Math.Min(hits, promised), Math.Max(hits, promised), hits < promised ? Missing : Chart.Sky);
        }
        plot.Add.Line(0, 0, 1, 1).LineStyle = new LineStyle(2, Chart.Ink, LinePattern.Dashed);
        Limits(plot, grades, 1);
        plot.Axes.Left.TickGenerator = new NumericAutomatic { LabelFormatter = share => $"{share:0.0}" };
        Chart.Legend(plot,
        [
            new LegendItem { LabelText = "share of hits", FillColor = Chart.Blue },
            new LegendItem { LabelText = "fewer than promised", FillColor = Missing },
            new LegendItem { LabelText = "more than promised", FillColor = Chart.Sky },
            new LegendItem { LabelText = "kept exactly", LineColor = Chart.Ink, LineWidth = 2, LinePattern = LinePattern.Dashed },
        ]);
        return plot;
    }

    private static Plot Confidence(Calibration calibration, int grades)
    {
        Plot plot = Chart.New("How sure the model is", "probability of the most probable grade", "images");
        foreach (ReliabilityBin bin in calibration.Reliability.Where(b => b.Images > 0))
            Box(plot, bin, 0, bin.Images, Chart.Grey);
        Limits(plot, grades, Math.Max(1, calibration.Reliability.Max(b => b.Images)) * 1.05);
        plot.Axes.Left.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = Chart.Count };
        Chart.Legend(plot, [new LegendItem { LabelText = "images", FillColor = Chart.Grey }]);
        return plot;
    }

    private static void Box(Plot plot, ReliabilityBin bin, double low, double high, Color colour)
    {
        var box = plot.Add.Rectangle(bin.Low, bin.High, low, high);
        box.FillColor = colour;
        box.LineColor = Colors.White;
        box.LineWidth = 1;
    }

    // The most probable of K grades has a probability of at least 1 / K.
    private static void Limits(Plot plot, int grades, double top)
    {
        plot.Axes.SetLimits(Math.Floor((double)Calibration.Bins / grades) / Calibration.Bins, 1, 0, top);
        plot.Grid.XAxisStyle.IsVisible = false;
    }
}
