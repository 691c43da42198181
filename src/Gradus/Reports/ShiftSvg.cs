using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;

namespace Gradus.Reports;

/// <summary>
/// Small plots as SVG within the page: they take its colours, light or dark. Places are percentages and letters are pixels, so that a plot
/// fills whatever width it has and its text stays readable.
/// </summary>
internal static class ShiftSvg
{
    private const int Height = 170;
    private const int Steps = 60;

    // So many values are drawn one by one, where no more of a set than this share has others: smoothed, sizes of cameras would look like a landscape.
    private const int FewValues = 7;
    private const double MostOthers = 0.05;

    private static readonly string[] Colours = ["#8b95a1", "#0072b2", "#d55e00", "#009e73", "#9a4c7f"];

    /// <summary>Shares of each category, a bar a set; empty sets are left out.</summary>
    public static void Bars(HtmlText page, string title, IReadOnlyList<string> categories, params (string Name, ImmutableArray<double> Shares)[] sets)
    {
        Begin(page, title);
        double top = Math.Max(0.01, sets.SelectMany(s => s.Shares).DefaultIfEmpty(0).Max()), tick = Step(top, 4);
        for (double share = tick; share <= 1.001 * top; share += tick)
        {
            page.Raw(Invariant($"<line x1=\"0\" x2=\"100%\" y1=\"{Y(share):0.0}\" y2=\"{Y(share):0.0}\" stroke=\"var(--line)\"/>"));
            Text(page, "-6", Y(share) + 4, Invariant($"{100 * share:0.#} %"), "end");
        }
        double slot = 100.0 / categories.Count, bar = 0.84 * slot / Math.Max(1, sets.Length);
        for (int s = 0; s < sets.Length; s++)
        {
            for (int k = 0; k < sets[s].Shares.Length; k++)
                page.Raw(Invariant($"<rect x=\"{k * slot + 0.08 * slot + s * bar:0.00}%\" y=\"{Y(sets[s].Shares[k]):0.0}\" width=\"{0.92 * bar:0.00}%\" height=\"{Height - Y(sets[s].Shares[k]):0.0}\" fill=\"{Colours[s % Colours.Length]}\"/>"));
        }
        for (int k = 0; k < categories.Count; k++)
            Text(page, Invariant($"{(k + 0.5) * slot:0.0}%"), Height + 16, categories[k], "middle");
        End(page, [.. sets.Select(s => s.Shares.IsEmpty ? "" : s.Name)]);

        double Y(double share) => Height * (1 - share / top);
    }

    /// <summary>Distributions of a property: smoothed lines; where few values make up nearly all, bars. Empty sets are left out.</summary>
    public static void Distributions(HtmlText page, string title, params (string Name, double[] Values)[] sets)
    {
        double[] frequent = [.. sets.SelectMany(s => s.Values).CountBy(v => v).OrderByDescending(v => v.Value).Take(FewValues).Select(v => v.Key).Order()];
        double[] others = [.. sets.Select(s => s.Values.Length == 0 ? 0 : s.Values.Count(v => !frequent.Contains(v)) / (double)s.Values.Length)];
        if (others.Max() > MostOthers)
        {
            Curves(page, title, sets);
            return;
        }
        string[] categories = [.. frequent.Select(Short), .. others.Max() > 0 ? (string[])["other"] : []];
        Bars(page, title, categories, [.. sets.Select((s, i) => (s.Name, s.Values.Length == 0 ? [] : (ImmutableArray<double>)[.. frequent.Select(v => s.Values.Count(x => x == v) / (double)s.Values.Length), .. others.Max() > 0 ? (double[])[others[i]] : []]))]);
    }

    private static void Curves(HtmlText page, string title, (string Name, double[] Values)[] sets)
    {
        Begin(page, title);
        (double low, double high) = Range([.. sets.SelectMany(s => s.Values)]);
        double[][] curves = [.. sets.Select(s => s.Values.Length == 0 ? [] : Density(s.Values, low, high))];
        double top = curves.SelectMany(c => c).DefaultIfEmpty(0).Max(), step = Step(high - low, 7);
        for (double tick = step * Math.Ceiling(low / step); tick <= high; tick += step)
        {
            double x = 100 * (tick - low) / (high - low);
            page.Raw(Invariant($"<line x1=\"{x:0.00}%\" x2=\"{x:0.00}%\" y1=\"0\" y2=\"{Height}\" stroke=\"var(--line)\"/>"));
            Text(page, Invariant($"{x:0.00}%"), Height + 16, Short(Math.Round(tick / step) * step), "middle");
        }
        page.Raw($"<svg width=\"100%\" height=\"{Height}\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\">");
        for (int s = 0; s < sets.Length; s++)
        {
            var points = new StringBuilder();
            for (int i = 0; i < curves[s].Length; i++)
                points.Append(Invariant($"{100 * i / (Steps - 1.0):0.0},{98 - 96 * curves[s][i] / top:0.0} "));
            page.Raw($"<polyline points=\"{points}\" fill=\"none\" stroke-width=\"2\" vector-effect=\"non-scaling-stroke\" stroke=\"{Colours[s % Colours.Length]}\"/>");
        }
        page.Raw("</svg>");
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

    /// <summary>The smallest of 1, 2 and 5 times a power of ten that divides a span into no more than so many parts.</summary>
    internal static double Step(double span, int parts)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(span / parts)));
        return ((double[])[1, 2, 5, 10]).Select(m => m * power).First(step => span / step <= parts * 1.000001);
    }

    private static void Begin(HtmlText page, string title) =>
        page.Raw("<figure class=\"chart\">").Element("figcaption", title).Raw($"<svg width=\"100%\" height=\"{Height + 22}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\"><line x1=\"0\" y1=\"{Height}\" x2=\"100%\" y2=\"{Height}\" stroke=\"var(--muted)\"/>");

    private static void End(HtmlText page, string[] names)
    {
        page.Raw("</svg><div class=\"key\">");
        for (int s = 0; s < names.Length; s++)
        {
            if (names[s].Length > 0)
                page.Raw($"<span><i style=\"background:{Colours[s % Colours.Length]}\"></i>").Text(names[s]).Raw("</span>");
        }
        page.Raw("</div></figure>\n");
    }

    private static void Text(HtmlText page, string x, double y, string text, string anchor) =>
        page.Raw(Invariant($"<text x=\"{x}\" y=\"{y:0.0}\" font-size=\"13\" fill=\"var(--muted)\" text-anchor=\"{anchor}\">")).Text(text).Raw("</text>");

    private static string Short(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
