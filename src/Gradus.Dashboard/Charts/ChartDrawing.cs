using Plotly.Blazor;
using Plotly.Blazor.ConfigLib;
using Plotly.Blazor.LayoutLib;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ScatterLib;
using LegendXAnchor = Plotly.Blazor.LayoutLib.LegendLib.XAnchorEnum;
using LegendYAnchor = Plotly.Blazor.LayoutLib.LegendLib.YAnchorEnum;
using TraceOrderFlag = Plotly.Blazor.LayoutLib.LegendLib.TraceOrderFlag;
using OrientationEnum = Plotly.Blazor.LayoutLib.LegendLib.OrientationEnum;

namespace Gradus.Dashboard.Charts;

/// <summary>A chart in the terms of Plotly.</summary>
internal static class ChartDrawing
{
    private const int FewTicks = 9; // that many are all labelled
    private const int DenseAbove = 60; // points of a line that are no longer marked

    /// <summary>What all charts have: no logo, the tools under the pointer only.</summary>
    public static Config Config() => new()
    {
        DisplayLogo = false,
        DisplayModeBar = DisplayModeBarEnum.Hover,
        ShowTips = false, // they would lie over the next chart
        Responsive = true,
        ModeBarButtonsToRemove = (string[])["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    };

    /// <summary>The series.</summary>
    /// <param name="spec">What is shown.</param>
    /// <param name="smoothing">Weight of the moving average, 0 for none; what was measured then stays behind it, faint.</param>
    public static IEnumerable<ITrace> Traces(ChartSpec spec, double smoothing)
    {
        foreach (ChartSeries series in spec.Series)
        {
            switch (series.Kind)
            {
                case SeriesKind.Bars:
                    yield return new Bar { Name = Plain(series.Name), X = [.. series.X], Y = Values(series.Y), Marker = new Plotly.Blazor.Traces.BarLib.Marker { Color = Palette.Of(series.Colour) } };
                    break;
                case SeriesKind.Band:
                    yield return Edge(series, series.Low, null);
                    yield return Edge(series, series.Y, FillEnum.ToNextY);
                    break;
                default:
                    if (smoothing > 0 && series.Kind == SeriesKind.Line)
                    {
                        Scatter measured = Line(series, series.Y, spec);
                        (measured.Opacity, measured.ShowLegend, measured.HoverInfo, measured.Mode) = (0.3m, false, HoverInfoFlag.Skip, ModeFlag.Lines);
                        yield return measured;
                        yield return Line(series with { Name = $"{series.Name}, smoothed" }, Smoothing.Smooth(series.Y, smoothing), spec);
                    }
                    else
                    {
                        yield return Line(series, series.Y, spec);
                    }
                    break;
            }
        }
    }

    /// <summary>Puts axes, legend and marks of a chart into a layout.</summary>
    public static void Lay(Layout layout, ChartSpec spec, bool logarithmic)
    {
        layout.AutoSize = true;
        layout.Margin = new Margin { L = 56, R = 12, T = 8, B = 40 };
        layout.Font = new Font { Family = "system-ui, sans-serif", Size = 12 };
        (layout.PaperBgColor, layout.PlotBgColor) = ("rgba(0,0,0,0)", "rgba(0,0,0,0)");
        layout.HoverMode = spec.Series.Any(s => s.Kind == SeriesKind.Points) ? HoverModeEnum.Closest : HoverModeEnum.XUnified;
        layout.DragMode = DragModeEnum.Zoom;
        layout.BarMode = spec.Stacked ? BarModeEnum.Stack : BarModeEnum.Group;
        layout.ShowLegend = spec.Series.Length > 1;
        layout.Legend = [new Legend { Orientation = OrientationEnum.H, X = 0, Y = 1.02m, XAnchor = LegendXAnchor.Left, YAnchor = LegendYAnchor.Bottom, TraceOrder = TraceOrderFlag.Normal }];
        layout.UiRevision = logarithmic ? "log" : "linear"; // zoom and hidden series outlive new epochs
        layout.XAxis =
        [
            new XAxis
            {
                Title = new Plotly.Blazor.LayoutLib.XAxisLib.Title { Text = Plain(spec.XTitle), Standoff = 6, Font = new Plotly.Blazor.LayoutLib.XAxisLib.TitleLib.Font { Size = 12 } },
                Type = spec.Categories ? Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum.Category : Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum.Linear,
                TickFormat = spec.Categories || !spec.WholeX ? null : "d",
                NTicks = 10,
                DTick = spec.WholeX && Few(spec) ? 1 : null, // else half epochs get ticks, and labels that are rounded
                ZeroLine = false,
            },
        ];
        layout.YAxis =
        [
            new YAxis
            {
                Title = new Plotly.Blazor.LayoutLib.YAxisLib.Title { Text = Plain(spec.YTitle), Standoff = 8, Font = new Plotly.Blazor.LayoutLib.YAxisLib.TitleLib.Font { Size = 12 } },
                Type = logarithmic ? Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum.Log : Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum.Linear,
                Range = !logarithmic && spec.YRange is { } range ? [range.Low, range.High] : null,
                HoverFormat = spec.Format,
                NTicks = 6,
                DTick = logarithmic ? LogTick(spec) : null,
                // Left alone, a logarithmic axis labels 0.3 as 3.
                TickFormat = spec.Format.EndsWith('%') ? spec.Format : !logarithmic ? null : spec.Format.EndsWith('e') ? ".1~e" : "~g",
                ZeroLine = false,
            },
        ];
        layout.Shapes = [.. spec.Marks.Select(m => new Shape { Type = Plotly.Blazor.LayoutLib.ShapeLib.TypeEnum.Line, X0 = m.X, X1 = m.X, Y0 = 0, Y1 = 1, YRef = "paper", Line = new Plotly.Blazor.LayoutLib.ShapeLib.Line { Color = Palette.Of(7), Width = 1, Dash = "dot" } })];
        layout.Annotations = [.. spec.Marks.Select(m => new Annotation { X = m.X, Y = 1, YRef = "paper", Text = Plain(m.Words), ShowArrow = false, XAnchor = Plotly.Blazor.LayoutLib.AnnotationLib.XAnchorEnum.Right, YAnchor = Plotly.Blazor.LayoutLib.AnnotationLib.YAnchorEnum.Top, Font = new Plotly.Blazor.LayoutLib.AnnotationLib.Font { Size = 11 } })];
    }

    // Over one or two decades 1, 2 and 5 of each are labelled, over more 1 alone; over less there is room for all nine.
    private static object? LogTick(ChartSpec spec)
    {
        double[] values = [.. spec.Series.SelectMany(s => s.Y.Concat(s.Low)).OfType<double>().Where(y => y > 0)];
        double decades = values.Length == 0 ? 0 : Math.Log10(values.Max() / values.Min());
        return decades switch { < 0.7 => null, <= 2.5 => "D2", _ => 1 };
    }

    private static bool Few(ChartSpec spec) => !spec.Categories && spec.Series.SelectMany(s => s.X).Distinct().Count() <= FewTicks;

    /// <summary>Words as they are: Plotly would make bold text and links of some.</summary>
    public static string Plain(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static Scatter Line(ChartSeries series, IEnumerable<double?> values, ChartSpec spec) => new()
    {
        Name = Plain(series.Name),
        X = [.. series.X],
        Y = Values(values),
        Mode = series.Kind == SeriesKind.Points ? ModeFlag.Markers : series.X.Length > DenseAbove ? ModeFlag.Lines : ModeFlag.Lines | ModeFlag.Markers,
        Line = new Plotly.Blazor.Traces.ScatterLib.Line { Color = Palette.Of(series.Colour), Width = 2, Dash = series.Dashed ? "dash" : "solid" },
        Marker = new Plotly.Blazor.Traces.ScatterLib.Marker { Color = Palette.Of(series.Colour), Size = series.Kind == SeriesKind.Points ? 9 : 5 },
        LegendGroup = series.Group is { } group ? Plain(group) : null,
        ShowLegend = series.Named,
        TextArray = series.Notes.IsEmpty ? null : [.. series.Notes.Select(Plain)],
        HoverTemplate = series.Notes.IsEmpty ? null : $"%{{text}}<br>{Plain(spec.XTitle)} %{{x:{spec.Format}}}<br>{Plain(spec.YTitle)} %{{y:{spec.Format}}}<extra></extra>",
    };

    private static Scatter Edge(ChartSeries series, IEnumerable<double?> values, FillEnum? fill) => new()
    {
        Name = Plain(series.Name),
        X = [.. series.X],
        Y = Values(values),
        Mode = ModeFlag.Lines,
        Line = new Plotly.Blazor.Traces.ScatterLib.Line { Color = Palette.Faint(series.Colour, 0.35), Width = 0.5m },
        Fill = fill,
        FillColor = Palette.Faint(series.Colour, 0.2),
        ShowLegend = fill is not null && series.Named,
        LegendGroup = Plain(series.Group ?? series.Name),
        HoverInfo = HoverInfoFlag.Skip,
    };

    private static IList<object> Values(IEnumerable<double?> values) => [.. values.Select(v => (object)v!)];
}
