using Gradus.Dashboard.Charts;
using Gradus.Diagnosis;

namespace Gradus.Dashboard.Components;

/// <summary>A sweep at one kind of thresholds.</summary>
/// <param name="Title">Which.</param>
/// <param name="Chart">Its counts, a bar a checkpoint.</param>
/// <param name="Counts">Takes the counts of a checkpoint.</param>
/// <param name="Agreement">Takes the agreement with the checkpoint before.</param>
internal sealed record SweepKind(string Title, ChartSpec Chart, Func<AtThresholds<int[]>, int[]?> Counts, Func<AtThresholds<double?>, double?> Agreement)
{
    /// <summary>The kinds that a sweep has.</summary>
    public static IEnumerable<SweepKind> Of(SweepTable sweep)
    {
        yield return Kind(sweep, "At default thresholds", c => c.Default, a => a.Default);
        yield return Kind(sweep, "At tuned thresholds", c => c.Tuned, a => a.Tuned);
        if (sweep.Rows.All(r => r.Counts.Stabilised is not null))
            yield return Kind(sweep, "At stabilised thresholds", c => c.Stabilised, a => a.Stabilised);
    }

    /// <summary>Counts of each grade, stacked.</summary>
    public static ChartSpec Stacked<T>(IReadOnlyList<string> grades, IReadOnlyList<T> items, Func<T, object> x, Func<T, IReadOnlyList<int>> counts) => new(
        [.. grades.Select((grade, k) => new ChartSeries(Figures.Grade(k, grade), [.. items.Select(x)], [.. items.Select(i => (double?)counts(i)[k])], k) { Kind = SeriesKind.Bars })], "images")
    {
        Stacked = true,
        Format = "d",
    };

    private static SweepKind Kind(SweepTable sweep, string title, Func<AtThresholds<int[]>, int[]?> counts, Func<AtThresholds<double?>, double?> agreement) =>
        new(title, Stacked(sweep.Scale.Names, sweep.Rows, r => r.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture), r => counts(r.Counts)!) with { Categories = true }, counts, agreement);
}
