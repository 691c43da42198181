using System.Collections.Immutable;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Runs;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Gradus.Reports;

/// <summary>Pictures of one epoch by grade.</summary>
internal static class ClassChart
{
    private const int MostLettersAcross = 66;
    private const double LightInkAbove = 0.62; // where white and dark letters are equally legible on the ramp

    /// <summary>The confusion matrix with counts and shares of the true grade's images.</summary>
    public static Plot Confusion(string title, MetricSet metrics, GradeScale scale) => Confusion(title, metrics.Confusion, scale);

    /// <summary>The same of (K, K) counts, rows truth.</summary>
    public static Plot Confusion(string title, ImmutableArray<ImmutableArray<int>> counts, GradeScale scale)
    {
        int grades = scale.Count;
        Plot plot = Chart.New(title, "predicted", "true");
        for (int t = 0; t < grades; t++)
        {
            ImmutableArray<int> row = counts[t];
            int support = row.Sum();
            for (int p = 0; p < grades; p++)
            {
                double share = support == 0 ? 0 : (double)row[p] / support;
                Cell(plot, p, grades - 1 - t, row[p], share, grades);
            }
        }
        plot.HideGrid();
        plot.Axes.SetLimits(-0.5, grades - 0.5, -0.5, grades - 0.5);
        plot.Axes.Bottom.TickGenerator = Chart.Names(scale.Names, k => k);
        plot.Axes.Left.TickGenerator = Chart.Names(scale.Names, k => grades - 1 - k);
        if (scale.Names.Max(n => n.Length) > MostLettersAcross / 6)
            plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        Slant(plot, scale);
        Bare(plot);
        return plot;
    }

    /// <summary>Images drawn of each grade: configured beside realised.</summary>
    public static Plot Draw(EpochRecord record, GradeScale scale) => Bars($"Drawn for training in epoch {record.Epoch}", scale,
    [
        ("configured", Chart.Grey, record.Draw.Configured),
        ("realised", Chart.Blue, [.. record.Draw.Realised.Select(n => (double)n)]),
    ]);

    /// <summary>Validation images of each grade: true, and predicted at default and at tuned thresholds.</summary>
    public static Plot Predicted(EpochRecord record, GradeScale scale) => Bars($"Validation images by grade in epoch {record.Epoch}", scale,
    [
        ("true", Chart.Grey, [.. record.Validation.Default.PerClass.Select(c => (double)c.Support)]),
        ("predicted, default", Chart.Sky, [.. record.Validation.Default.PredictedCounts.Select(n => (double)n)]),
        ("predicted, tuned", Chart.Blue, [.. record.Validation.Tuned.PredictedCounts.Select(n => (double)n)]),
    ]);

    private static void Cell(Plot plot, double x, double y, int count, double share, int grades)
    {
        var cell = plot.Add.Rectangle(x - 0.5, x + 0.5, y - 0.5, y + 0.5);
        cell.FillColor = Chart.Tint(Chart.Navy, share);
        cell.LineColor = Chart.Grid;
        cell.LineWidth = 1;
        float size = grades <= 5 ? 19 : grades <= 8 ? 15 : 11;
        if (count == 0)
        {
            Write(plot, "0", x, y, size, 0, Chart.Grey);
            return;
        }
        Color ink = share > LightInkAbove ? Colors.White : Chart.Ink;
        Write(plot, Chart.Count(count), x, y, size, -0.6f * size, ink);
        Write(plot, share < 0.005 ? "< 1 %" : $"{share * 100:0} %", x, y, 0.75f * size, 0.7f * size, ink);
    }

    private static void Write(Plot plot, string text, double x, double y, float size, float down, Color ink)
    {
        var label = plot.Add.Text(text, x, y);
        label.LabelFontSize = size;
        label.LabelFontColor = ink;
        label.LabelAlignment = Alignment.MiddleCenter;
        label.OffsetY = down;
    }

    private static Plot Bars(string title, GradeScale scale, (string Label, Color Colour, ImmutableArray<double> Counts)[] series)
    {
        Plot plot = Chart.New(title, "grade", "images");
        double width = 0.8 / series.Length;
        double top = Math.Max(1, series.Max(s => s.Counts.DefaultIfEmpty(0).Max()));
        for (int s = 0; s < series.Length; s++)
        {
            double offset = (s - (series.Length - 1) / 2.0) * width;
            Bar[] bars = [.. series[s].Counts.Select((n, k) => new Bar { Position = k + offset, Value = n, Size = width * 0.92, FillColor = series[s].Colour, LineWidth = 0 })];
            plot.Add.Bars(bars);
            if (scale.Count * series.Length > 30)
                continue;
            for (int k = 0; k < series[s].Counts.Length; k++)
            {
                double n = series[s].Counts[k];
                var label = plot.Add.Text(Chart.Count(Math.Round(n)), k + offset, n);
                label.LabelFontSize = 12;
                label.LabelFontColor = Chart.Ink;
                label.LabelAlignment = Alignment.LowerCenter;
                label.OffsetY = -2;
            }
        }
        plot.Axes.SetLimits(-0.5, scale.Count - 0.5, 0, top * 1.1);
        plot.Axes.Left.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = Chart.Count, TickDensity = 0.4 };
        plot.Axes.Bottom.TickGenerator = Chart.Names(scale.Names, k => k);
        plot.Grid.XAxisStyle.IsVisible = false;
        Slant(plot, scale);
        Chart.Legend(plot, [.. series.Select(s => new LegendItem { LabelText = s.Label, FillColor = s.Colour })]);
        return plot;
    }

    private static void Slant(Plot plot, GradeScale scale)
    {
        if (scale.Count * scale.Names.Max(n => Math.Min(n.Length, Chart.LongestName)) <= MostLettersAcross)
            return;
        plot.Axes.Bottom.TickLabelStyle.Rotation = -35;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperRight;
        plot.Axes.Bottom.MinimumSize = 130;
    }

    private static void Bare(Plot plot)
    {
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.FrameLineStyle.Width = 0;
    }
}
