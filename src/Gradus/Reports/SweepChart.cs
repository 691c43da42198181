using Gradus.Diagnosis;
using Gradus.Grading;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Gradus.Reports;

/// <summary>The picture of a sweep: for each kind of threshold a panel, for each checkpoint a bar of its counts, a grade on the other.</summary>
public static class SweepChart
{
    private const int MostNames = 12;
    private const double Narrow = 0.05; // share of the bar below which a number does not fit

    /// <summary>Writes the picture, a PNG of 1200 x 700 pixels.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, SweepTable table)
    {
        bool stabilised = table.Rows.Any(r => r.Counts.Stabilised is not null);
        Chart.Write(path,
        [
            Panel("Default thresholds", table, counts => counts.Default),
            Panel("Tuned thresholds", table, counts => counts.Tuned),
            .. stabilised ? (Plot[])[Panel("Stabilised thresholds", table, counts => counts.Stabilised)] : [],
        ]);
    }

    /// <summary>A grade's colour, from pale for the mildest to dark for the gravest.</summary>
    internal static Color ColourOf(int grade, GradeScale scale) => Chart.Tint(Chart.Navy, 0.18 + 0.82 * grade / (scale.Count - 1));

    private static Plot Panel(string title, SweepTable table, Func<AtThresholds<int[]>, int[]?> counts)
    {
        Plot plot = Chart.New(title, "epoch", "images");
        int grades = table.Scale.Count, images = Math.Max(1, table.Rows.Max(r => r.Counts.Default!.Sum()));
        for (int i = 0; i < table.Rows.Length; i++)
        {
            if (counts(table.Rows[i].Counts) is not { } own)
                continue;
            double floor = 0;
            for (int k = 0; k < grades; k++)
            {
                plot.Add.Bar(new Bar { Position = i, ValueBase = floor, Value = floor + own[k], Size = 0.86, FillColor = ColourOf(k, table.Scale), LineColor = Colors.White, LineWidth = 1 });
                if (table.Rows.Length <= MostNames && own[k] >= Narrow * images)
                {
                    var label = plot.Add.Text(Chart.Count(own[k]), i, floor + own[k] / 2.0);
                    label.LabelFontSize = 11;
                    label.LabelFontColor = k > grades / 2.0 ? Colors.White : Chart.Ink;
                    label.LabelAlignment = Alignment.MiddleCenter;
                }
                floor += own[k];
            }
        }
        plot.Axes.SetLimits(-0.6, table.Rows.Length - 0.4, 0, images);
        int every = (table.Rows.Length + MostNames - 1) / MostNames;
        var ticks = new NumericManual();
        for (int i = 0; i < table.Rows.Length; i += every)
            ticks.AddMajor(i, $"{table.Rows[i].Epoch}");
        plot.Axes.Bottom.TickGenerator = ticks;
        plot.Axes.Left.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = Chart.Count };
        plot.Grid.XAxisStyle.IsVisible = false;
        Chart.Legend(plot, [.. table.Scale.Names.Select((name, k) => new LegendItem { LabelText = $"{k} {Chart.Short(name)}", FillColor = ColourOf(k, table.Scale) })]);
        return plot;
    }
}
