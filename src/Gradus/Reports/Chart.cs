using System.Globalization;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>The one look of all pictures: quiet frames, and colours that stay apart for colour-blind eyes (Okabe and Ito 2008).</summary>
internal static class Chart
{
    public const int Width = 1200;
    public const int Height = 700;
    public const int LongestName = 16;
    private const int Margin = 16;

    public static readonly Color Ink = Color.FromHex("#22272e");
    public static readonly Color Muted = Color.FromHex("#5f6b7a");
    public static readonly Color Grid = Color.FromHex("#e4e8ed");
    public static readonly Color Navy = Color.FromHex("#00477d");
    public static readonly Color Blue = Color.FromHex("#0072b2");
    public static readonly Color Orange = Color.FromHex("#d55e00");
    public static readonly Color Sky = Color.FromHex("#7cc4ee");
    public static readonly Color Grey = Color.FromHex("#8b95a1");

    // ScottPlot's own choice may have serifs where the system lists such a font first.
    private static readonly Lazy<string> Sans = new(() =>
        new[] { "Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans", "Arial", "DejaVu Sans" }.FirstOrDefault(SKFontManager.Default.FontFamilies.Contains) ?? Fonts.Sans);

    /// <summary>The font family of all pictures.</summary>
    public static string Font => Sans.Value;

    /// <summary>An empty plot in the common look.</summary>
    public static Plot New(string title, string bottom, string left)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.DataBackground.Color = Colors.White;
        plot.Axes.Color(Muted);
        plot.Grid.MajorLineColor = Grid;
        plot.Grid.MajorLineWidth = 1;
        plot.Axes.Top.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Left.FrameLineStyle.Width = 0;
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Axes.Bottom.MinorTickStyle.Length = 0;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 15;
        plot.Axes.Left.TickLabelStyle.FontSize = 15;
        plot.Title(title);
        plot.Axes.Title.Label.FontSize = 20;
        plot.Axes.Title.Label.ForeColor = Ink;
        plot.Axes.Title.Label.OffsetY = -6;
        plot.XLabel(bottom);
        plot.YLabel(left);
        foreach (IAxis axis in (IAxis[])[plot.Axes.Bottom, plot.Axes.Left])
        {
            axis.Label.FontSize = 16;
            axis.Label.Bold = false;
            axis.Label.ForeColor = Muted;
        }
        return plot;
    }

    /// <summary>A legend below the axis, where it never covers data, in the order of the items.</summary>
    public static void Legend(Plot plot, params IReadOnlyList<LegendItem> items)
    {
        plot.Legend.ManualItems.AddRange(items);
        plot.Legend.FontName = Font;
        plot.Legend.FontSize = 14;
        plot.Legend.FontColor = Ink;
        plot.Legend.SymbolWidth = 26;
        plot.Legend.InterItemPadding = new PixelPadding(8, 6);
        plot.Legend.Padding = new PixelPadding(4, 4, 4, 12);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.Transparent;
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        plot.ShowLegend(Edge.Bottom);
    }

    /// <summary>Ticks at whole epochs only.</summary>
    public static void EpochAxis(Plot plot, int first, int last)
    {
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.SetLimitsX(first - 0.5, last + 0.5);
    }

    /// <summary>Named places along an axis.</summary>
    public static NumericManual Names(IReadOnlyList<string> names, Func<int, double> place)
    {
        var ticks = new NumericManual();
        for (int k = 0; k < names.Count; k++)
            ticks.AddMajor(place(k), Short(names[k]));
        return ticks;
    }

    /// <summary>A count with thousands apart: 12 345.</summary>
    public static string Count(double value) => value.ToString(value == Math.Floor(value) ? "#,0" : "#,0.#", new NumberFormatInfo { NumberGroupSeparator = "\u202f" });

    /// <summary>Writes plots side by side as one PNG.</summary>
    public static void Write(string path, params IReadOnlyList<Plot> plots)
    {
        var page = new Multiplot { Layout = new Columns() };
        page.RemovePlot(page.GetPlot(0));
        foreach (Plot plot in plots)
        {
            plot.Font.Set(Font);
            foreach (ScottPlot.Plottables.Text text in plot.GetPlottables<ScottPlot.Plottables.Text>()) // which the line above passes over
                text.LabelFontName = Font;
            page.AddPlot(plot);
        }
        using var bitmap = new SKBitmap(Width, Height);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            canvas.Translate(Margin, Margin); // the layout starts at the canvas's origin, whatever the rectangle says
            page.Render(canvas, new PixelRect(0, Width - 2 * Margin, Height - 2 * Margin, 0));
        }
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, png.SaveTo);
    }

    /// <summary>The colour at a share (0 to 1) of the way from white.</summary>
    public static Color Tint(Color full, double share)
    {
        return new Color(Channel(full.R), Channel(full.G), Channel(full.B));

        byte Channel(byte value) => (byte)Math.Round(255 + share * (value - 255));
    }

    /// <summary>A name that fits beside an axis.</summary>
    public static string Short(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";
}
