using System.Globalization;
using Gradus.Grading;
using Gradus.Thresholds;
using ScottPlot;

namespace Gradus.Reports;

/// <summary>A picture of how much each cut point matters.</summary>
public static class CutPointChart
{
    private const double ShadeOpacity = 0.2;
    private const double BarOpacity = 0.55;
    private const double DeepestSlope = 0.1;
    private static readonly Color[] Colours = [Chart.Blue, Chart.Orange, Color.FromHex("#009e73"), Color.FromHex("#9a4c7f"), Chart.Navy, Chart.Sky];

    /// <summary>Writes the metric against each cut point, the others held at the optimum, as a PNG: plateaus shaded, default and optimum marked.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, CutPointReport report)
    {
        double best = report.Curves[0].OptimumValue;
        bool cumulative = report.Rule is LeadingOnes;
        Plot plot = Chart.New($"{report.Options.Metric.Name()} as {(report.IsShared ? "the threshold of all outputs moves" : cumulative ? "each output's threshold moves alone" : "each cut point moves alone")}", cumulative ? "threshold" : "cut point, between its neighbours", report.Options.Metric == ThresholdMetric.Qwk ? "quadratic weighted kappa" : report.Options.Metric.Name());
        double[] edges = [.. report.Plateaus.SelectMany(p => new[] { p.Low, p.High }), .. report.Optimum, .. report.Defaults, .. report.Thresholds];
        if (cumulative)
            edges = [.. edges, 0.25, 0.75];
        double air = 0.06 * (edges.Max() - edges.Min());
        (double left, double right) = (edges.Min() - air, edges.Max() + air);
        // What matters is how flat the top is; the whole of the slopes beside it would press it flat.
        double[] defaults = [.. report.Curves.Select((c, k) => At(c, report.Defaults[k]) ?? best)];
        double lowest = report.Curves.SelectMany(c => c.Points).Where(p => p.Threshold >= left && p.Threshold <= right).Min(p => p.Value);
        double floor = Math.Min(Math.Max(lowest, best - DeepestSlope), defaults.Min());
        (double low, double high) = (floor - 0.05 * (best - floor), best + 0.08 * (best - floor) + 1e-6);
        // Plateaus of a score's cut points lie side by side; those of outputs lie over each other, and become bars along the top.
        bool separate = cumulative && !report.IsShared;
        double bar = 0.03 * (high - low);
        high += separate ? (report.Curves.Length + 1) * bar : 0;
        for (int k = 0; k < report.Curves.Length; k++)
            Shade(plot, report.Plateaus[k], separate ? (high - (k + 1) * bar, high - k * bar) : (low, high), Colours[k % Colours.Length].WithAlpha(separate ? BarOpacity : ShadeOpacity));
        var legend = new List<LegendItem>();
        for (int k = 0; k < report.Curves.Length; k++)
        {
            Color colour = Colours[k % Colours.Length];
            CutPointCurve curve = report.Curves[k];
            var line = plot.Add.Scatter(curve.Points.Select(p => p.Threshold).ToArray(), curve.Points.Select(p => p.Value).ToArray(), colour);
            (line.LineWidth, line.MarkerSize) = (3, 0);
            legend.Add(new LegendItem { LabelText = report.IsShared ? "all outputs" : cumulative ? $"at least {k + 1}" : $"{k} | {k + 1}", LineColor = colour, LineWidth = 3 });
        }
        for (int k = 0; k < report.Curves.Length; k++)
        {
            Color colour = Colours[k % Colours.Length];
            Mark(plot, report.Defaults[k], At(report.Curves[k], report.Defaults[k]), MarkerShape.OpenDiamond, colour);
            Mark(plot, report.Optimum[k], best, MarkerShape.FilledCircle, colour);
            if (report.Options.Choice != CutPointChoice.Optimum)
                Mark(plot, report.Thresholds[k], At(report.Curves[k], report.Thresholds[k]), MarkerShape.FilledTriangleUp, colour);
        }
        legend.Add(new LegendItem { LabelText = $"within {CutPointReport.Tolerance} of the best", FillColor = Chart.Grey.WithAlpha(ShadeOpacity) });
        legend.Add(Marker("optimum", MarkerShape.FilledCircle));
        legend.Add(Marker("default", MarkerShape.OpenDiamond));
        if (report.Options.Choice != CutPointChoice.Optimum)
            legend.Add(Marker("chosen", MarkerShape.FilledTriangleUp));
        plot.Axes.SetLimits(left, right, low, high);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = qwk => qwk.ToString("0.000#", CultureInfo.InvariantCulture) };
        Chart.Legend(plot, legend);
        Chart.Write(path, plot);
    }

    private static LegendItem Marker(string label, MarkerShape shape) =>
        new() { LabelText = label, MarkerShape = shape, MarkerFillColor = Chart.Ink, MarkerLineColor = Chart.Ink, MarkerLineWidth = 2, MarkerSize = 11 };

    private static void Shade(Plot plot, Plateau plateau, (double Low, double High) range, Color colour)
    {
        var span = plot.Add.Rectangle(plateau.Low, plateau.High, range.Low, range.High);
        span.FillColor = colour;
        span.LineWidth = 0;
    }

    private static void Mark(Plot plot, double x, double? y, MarkerShape shape, Color colour)
    {
        if (y is not { } qwk)
            return;
        var marker = plot.Add.Marker(x, qwk, shape, 14, colour);
        marker.MarkerLineWidth = 2.5f;
        marker.MarkerLineColor = colour;
    }

    // Null outside the curve: a default cut point can lie beyond the optimum of its neighbour.
    private static double? At(CutPointCurve curve, double threshold)
    {
        if (threshold < curve.Points[0].Threshold || threshold > curve.Points[^1].Threshold)
            return null;
        return curve.Points.Last(p => p.Threshold <= threshold).Value;
    }
}
