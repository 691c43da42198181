using System.Collections.Immutable;

namespace Gradus.Dashboard.Charts;

/// <summary>How a series is drawn.</summary>
public enum SeriesKind
{
    /// <summary>A line through its points.</summary>
    Line,

    /// <summary>Points alone.</summary>
    Points,

    /// <summary>Bars, beside or upon those of other series.</summary>
    Bars,

    /// <summary>The area between two lines.</summary>
    Band,
}

/// <summary>A series of a chart.</summary>
/// <param name="Name">What the legend and the table of values call it.</param>
/// <param name="X">Where; numbers or texts.</param>
/// <param name="Y">How much; null for nothing there. The upper end of a band.</param>
/// <param name="Colour">Which of the <see cref="Palette"/>.</param>
public sealed record ChartSeries(string Name, ImmutableArray<object> X, ImmutableArray<double?> Y, int Colour)
{
    /// <summary>How it is drawn.</summary>
    public SeriesKind Kind { get; init; } = SeriesKind.Line;

    /// <summary>The lower end of a band; empty otherwise.</summary>
    public ImmutableArray<double?> Low { get; init; } = [];

    /// <summary>Whether its line is broken.</summary>
    public bool Dashed { get; init; }

    /// <summary>What is hidden and shown with it by a click on the legend; null for itself alone.</summary>
    public string? Group { get; init; }

    /// <summary>Whether the legend names it.</summary>
    public bool Named { get; init; } = true;

    /// <summary>What is shown of each point under the pointer, beside its value; empty for nothing.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>A series over epochs.</summary>
    public static ChartSeries Over<T>(string name, IReadOnlyList<T> records, Func<T, int> x, Func<T, double?> y, int colour) =>
        new(name, [.. records.Select(r => (object)x(r))], [.. records.Select(y)], colour);
}

/// <summary>What a chart shows.</summary>
/// <param name="Series">From back to front.</param>
/// <param name="YTitle">What the vertical axis measures.</param>
public sealed record ChartSpec(ImmutableArray<ChartSeries> Series, string YTitle)
{
    /// <summary>What the horizontal axis measures.</summary>
    public string XTitle { get; init; } = "epoch";

    /// <summary>Whether bars stand upon each other.</summary>
    public bool Stacked { get; init; }

    /// <summary>Whether the horizontal axis has texts and not numbers.</summary>
    public bool Categories { get; init; }

    /// <summary>Whether the horizontal axis has whole numbers, as epochs are.</summary>
    public bool WholeX { get; init; } = true;

    /// <summary>How values are written, in the notation of d3-format.</summary>
    public string Format { get; init; } = ".3f";

    /// <summary>Both ends of the vertical axis; null where the values decide.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>Vertical lines at these places, each with its words.</summary>
    public ImmutableArray<(double X, string Words)> Marks { get; init; } = [];
}

/// <summary>
/// Colours of series. Each has a contrast of at least 3 to 1 against the background of both themes (WCAG 1.4.11), so that a chart need not be
/// drawn anew when the theme changes; all words in charts are coloured by the style sheet.
/// </summary>
internal static class Palette
{
    /// <summary>Validation, training, and then whatever there is more.</summary>
    public static ImmutableArray<string> Colours { get; } = ["#2b7bd6", "#d2622a", "#2b9464", "#9261d3", "#a97a14", "#cf4a8a", "#178fa3", "#7b858f"];

    /// <summary>The colour of a number, round and round.</summary>
    public static string Of(int number) => Colours[number % Colours.Length];

    /// <summary>The same, translucent.</summary>
    public static string Faint(int number, double opacity)
    {
        string hex = Of(number);
        int Part(int at) => Convert.ToInt32(hex.Substring(at, 2), 16);
        return FormattableString.Invariant($"rgba({Part(1)},{Part(3)},{Part(5)},{opacity})");
    }
}
