using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gradus.Grading;

namespace Gradus.Reports;

/// <summary>Small plots as SVG within the page: they take its colours, light or dark.</summary>
internal static class ShiftSvg
{
    private const int Width = 340, Height = 190, Left = 10, Right = 330, Top = 14, Bottom = 150;
    private const int Steps = 60;
    private static readonly string[] Colours = ["#8b95a1", "#0072b2", "#d55e00", "#009e73", "#9a4c7f"];

    /// <summary>Shares of each grade, a bar a set.</summary>
    public static void Bars(HtmlText page, string title, GradeScale scale, (string Name, ImmutableArray<double> Shares)[] sets)
    {
        Begin(page, title);
        double top = Math.Max(0.01, sets.SelectMany(s => s.Shares).DefaultIfEmpty(0).Max());
        double slot = (Right - Left) / (double)scale.Count, bar = 0.84 * slot / Math.Max(1, sets.Length);
        for (int s = 0; s < sets.Length; s++)
        {
            for (int k = 0; k < scale.Count; k++)
            {
                double height = (Bottom - Top) * sets[s].Shares[k] / top;
                page.Raw(Invariant($"<rect x=\"{Left + k * slot + 0.08 * slot + s * bar:0.0}\" y=\"{Bottom - height:0.0}\" width=\"{0.92 * bar:0.0}\" height=\"{height:0.0}\" fill=\"{Colours[s % Colours.Length]}\"/>"));
            }
        }
        for (int k = 0; k < scale.Count; k++)
            Text(page, Left + (k + 0.5) * slot, Bottom + 14, $"{k}", "middle");
        Text(page, Left, Top - 3, Invariant($"up to {100 * top:0} %"), "start");
        End(page, [.. sets.Select(s => s.Name)]);
    }

    /// <summary>Smoothed distributions of a property, a line a set; empty sets are left out.</summary>
    public static void Curves(HtmlText page, string title, (string Name, double[] Values)[] sets)
    {
        Begin(page, title);
        (double low, double high) = Range([.. sets.SelectMany(s => s.Values)]);
        double[][] curves = [.. sets.Select(s => s.Values.Length == 0 ? [] : Density(s.Values, low, high))];
        double top = curves.SelectMany(c => c).DefaultIfEmpty(0).Max();
        for (int s = 0; s < sets.Length; s++)
        {
            if (curves[s].Length == 0)
                continue;
            var points = new StringBuilder();
            for (int i = 0; i < Steps; i++)
                points.Append(Invariant($"{Left + (Right - Left) * i / (Steps - 1.0):0.0},{Bottom - (Bottom - Top) * curves[s][i] / top:0.0} "));
            page.Raw($"<polyline points=\"{points}\" fill=\"none\" stroke-width=\"2\" stroke=\"{Colours[s % Colours.Length]}\"/>");
        }
        Text(page, Left, Bottom + 14, low.ToString("0.###", CultureInfo.InvariantCulture), "start");
        Text(page, Right, Bottom + 14, high.ToString("0.###", CultureInfo.InvariantCulture), "end");
        End(page, [.. sets.Select(s => s.Values.Length > 0 ? s.Name : "")]);
    }

    private static (double Low, double High) Range(double[] values)
    {
        Array.Sort(values);
        // A single odd image shall not press all others into a corner.
        double low = values[values.Length / 200], high = values[values.Length - 1 - values.Length / 200];
        double air = high > low ? 0.06 * (high - low) : Math.Max(0.01, 0.1 * Math.Abs(low));
        return (low - air, high + air);
    }

    // A histogram smoothed by a Gaussian of two steps.
    private static double[] Density(double[] values, double low, double high)
    {
        var counts = new double[Steps];
        foreach (double value in values)
            counts[Math.Clamp((int)((value - low) / (high - low) * Steps), 0, Steps - 1)] += 1.0 / values.Length;
        var smooth = new double[Steps];
        for (int i = 0; i < Steps; i++)
        {
            for (int j = 0; j < Steps; j++)
                smooth[i] += counts[j] * Math.Exp(-(i - j) * (i - j) / 8.0);
        }
        return smooth;
    }

    private static void Begin(HtmlText page, string title) =>
        page.Raw("<figure>").Element("figcaption", title).Raw($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" style=\"width:100%\"><line x1=\"{Left}\" y1=\"{Bottom}\" x2=\"{Right}\" y2=\"{Bottom}\" stroke=\"var(--line)\"/>");

    private static void End(HtmlText page, string[] names)
    {
        double x = Left;
        for (int s = 0; s < names.Length; s++)
        {
            if (names[s].Length == 0)
                continue;
            page.Raw(Invariant($"<rect x=\"{x:0}\" y=\"{Bottom + 24}\" width=\"10\" height=\"10\" fill=\"{Colours[s % Colours.Length]}\"/>"));
            string name = names[s].Length <= 14 ? names[s] : names[s][..13] + "…";
            Text(page, x + 14, Bottom + 33, name, "start");
            x += 26 + 6.4 * name.Length;
        }
        page.Raw("</svg></figure>\n");
    }

    private static void Text(HtmlText page, double x, double y, string text, string anchor) =>
        page.Raw(Invariant($"<text x=\"{x:0.0}\" y=\"{y:0.0}\" font-size=\"11\" fill=\"var(--muted)\" text-anchor=\"{anchor}\">")).Text(text).Raw("</text>");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
