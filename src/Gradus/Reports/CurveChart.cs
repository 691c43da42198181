using Gradus.Metrics;
using Gradus.Runs;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Gradus.Reports;

/// <summary>A line over epochs; epochs where its figure is undefined have no point.</summary>
/// <param name="Label">What the legend calls it.</param>
/// <param name="Colour">Colour of line, points and band.</param>
/// <param name="Marker">Shape of the points, which tells lines apart without colour.</param>
/// <param name="Points">(epoch, value).</param>
internal sealed record Curve(string Label, Color Colour, MarkerShape Marker, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>(epoch, low, high) of an interval around the line; empty where there is none.</summary>
    public IReadOnlyList<(double X, double Low, double High)> Band { get; init; } = [];
}

/// <summary>Curves on common axes.</summary>
/// <param name="Title">In words.</param>
/// <param name="Unit">What the vertical axis counts.</param>
/// <param name="Curves">Lines that may be compared with each other.</param>
internal sealed record CurvePanel(string Title, string Unit, IReadOnlyList<Curve> Curves);

/// <summary>Pictures of a figure over the epochs of a run.</summary>
internal static class CurveChart
{
    private const int MostMarkers = 40;
    private const float MarkerSize = 9;
    private const double BandOpacity = 0.16;

    /// <summary>Loss of both splits.</summary>
    public static CurvePanel Loss(IReadOnlyList<EpochRecord> records) => Splits("Mean loss per image", "loss", records, split => split.Loss);

    /// <summary>
    /// QWK of both splits at one kind of threshold. One accessor serves all lines of a panel, so a panel cannot mix default and
    /// tuned thresholds.
    /// </summary>
    public static CurvePanel Qwk(IReadOnlyList<EpochRecord> records, string thresholds, Func<SplitRecord, MetricSet> at)
    {
        CurvePanel panel = Splits($"QWK at {thresholds} thresholds", "quadratic weighted kappa", records, split => at(split).Qwk);
        return panel with
        {
            Curves = [panel.Curves[0], panel.Curves[1] with { Band = [.. Band(records, at)] }],
        };
    }

    /// <summary>AUC of both splits, which no threshold enters.</summary>
    public static CurvePanel Auc(IReadOnlyList<EpochRecord> records) => Splits("Area under the ROC curve", "AUC", records, split => split.Default.Auc);

    /// <summary>Learning rates by their power of ten; a rate of 0 has none.</summary>
    public static CurvePanel LearningRates(IReadOnlyList<EpochRecord> records) => new("Learning rates at the end of each epoch", "learning rate",
    [
        new Curve("head", Chart.Blue, MarkerShape.FilledCircle, [.. Points(records, r => LogOf(r.LearningRates.Head))]),
        new Curve("backbone", Chart.Orange, MarkerShape.FilledDiamond, [.. Points(records, r => LogOf(r.LearningRates.Backbone))]),
    ]);

    /// <summary>Draws a panel.</summary>
    /// <param name="panel">What to draw.</param>
    /// <param name="epochs">First and last epoch.</param>
    /// <param name="kept">The selected epoch, marked by a line; null for no line.</param>
    /// <param name="range">Limits of the vertical axis, so that neighbouring panels share them.</param>
    public static Plot Draw(CurvePanel panel, (int First, int Last) epochs, int? kept, (double Low, double High) range)
    {
        Plot plot = Chart.New(panel.Title, "epoch", panel.Unit);
        var legend = new List<LegendItem>();
        if (kept is { } marked)
            plot.Add.VerticalLine(marked, 1.5f, Chart.Grey, LinePattern.Dashed);
        foreach (Curve curve in panel.Curves)
            Shade(plot, curve);
        foreach (Curve curve in panel.Curves)
        {
            var line = plot.Add.Scatter(curve.Points.Select(p => p.X).ToArray(), curve.Points.Select(p => p.Y).ToArray(), curve.Colour);
            line.LineWidth = 3;
            line.MarkerShape = curve.Marker;
            line.MarkerSize = curve.Points.Count <= MostMarkers ? MarkerSize : 0;
            legend.Add(new LegendItem { LabelText = curve.Label, LineColor = curve.Colour, LineWidth = 3, MarkerShape = curve.Marker, MarkerFillColor = curve.Colour, MarkerSize = line.MarkerSize });
            if (curve.Band.Count > 0)
                legend.Add(new LegendItem { LabelText = "95 % interval", FillColor = curve.Colour.WithAlpha(BandOpacity) });
        }
        if (kept is not null)
            legend.Add(new LegendItem { LabelText = $"selected: epoch {kept}", LineColor = Chart.Grey, LineWidth = 1.5f, LinePattern = LinePattern.Dashed });
        Chart.EpochAxis(plot, epochs.First, epochs.Last);
        plot.Axes.SetLimitsY(range.Low, range.High);
        Chart.Legend(plot, legend);
        return plot;
    }

    /// <summary>Draws a panel whose values are powers of ten.</summary>
    public static Plot DrawLogarithmic(CurvePanel panel, (int First, int Last) epochs, int kept)
    {
        (double low, double high) = Range(panel);
        Plot plot = Draw(panel, epochs, kept, (Math.Floor(low), Math.Ceiling(high)));
        plot.Axes.Left.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = power => $"1e{power:0}" };
        return plot;
    }

    /// <summary>Limits that hold all the panels' lines and bands with some air.</summary>
    public static (double Low, double High) Range(params IReadOnlyList<CurvePanel> panels)
    {
        double[] values =
        [
            .. panels.SelectMany(p => p.Curves).SelectMany(c => c.Points).Select(p => p.Y),
            .. panels.SelectMany(p => p.Curves).SelectMany(c => c.Band).SelectMany(b => new[] { b.Low, b.High }),
        ];
        if (values.Length == 0)
            return (0, 1);
        (double low, double high) = (values.Min(), values.Max());
        double air = high > low ? (high - low) * 0.08 : Math.Max(0.05, Math.Abs(high) * 0.1);
        return (low - air, high + air);
    }

    private static CurvePanel Splits(string title, string unit, IReadOnlyList<EpochRecord> records, Func<SplitRecord, double?> figure) => new(title, unit,
    [
        new Curve("training", Chart.Blue, MarkerShape.FilledCircle, [.. Points(records, r => figure(r.Train))]),
        new Curve("validation", Chart.Orange, MarkerShape.FilledDiamond, [.. Points(records, r => figure(r.Validation))]),
    ]);

    private static IEnumerable<(double X, double Y)> Points(IReadOnlyList<EpochRecord> records, Func<EpochRecord, double?> figure) =>
        from r in records let y = figure(r) where y is not null && double.IsFinite(y.Value) select ((double)r.Epoch, y.Value);

    private static IEnumerable<(double X, double Low, double High)> Band(IReadOnlyList<EpochRecord> records, Func<SplitRecord, MetricSet> at) =>
        from r in records let m = at(r.Validation) where m.QwkLow is not null && m.QwkHigh is not null select ((double)r.Epoch, m.QwkLow!.Value, m.QwkHigh!.Value);

    private static double? LogOf(double rate) => rate > 0 ? Math.Log10(rate) : null;

    private static void Shade(Plot plot, Curve curve)
    {
        Color colour = curve.Colour.WithAlpha(BandOpacity);
        if (curve.Band is [var only])
        {
            plot.Add.Line(only.X, only.Low, only.X, only.High).LineStyle = new LineStyle(24, colour); // one epoch spans no area
        }
        else if (curve.Band.Count > 1)
        {
            var band = plot.Add.FillY(curve.Band.Select(b => b.X).ToArray(), curve.Band.Select(b => b.Low).ToArray(), curve.Band.Select(b => b.High).ToArray());
            band.FillColor = colour;
            band.LineWidth = 0;
            band.MarkerSize = 0;
        }
    }
}
