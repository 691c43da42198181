using System.Globalization;

namespace Gradus.Runs.Index;

/// <summary>The names by which people know the columns of the index.</summary>
public static class RunColumns
{
    // As they stand above tables.
    private static readonly Dictionary<string, string> Titles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["run"] = "name", ["started"] = "created", ["tuned"] = "qwk_tuned", ["tuned_qwk"] = "qwk_tuned", ["best"] = "best_epoch", ["public"] = "public_score", ["private"] = "private_score",
        ["took"] = "seconds",
    };

    /// <summary>The column of a name: <c>started</c> is <c>created</c>, <c>tuned</c> is <c>qwk_tuned</c>, <c>QWK</c> is <c>qwk</c>; what is no title of a column stays as it is.</summary>
    public static string Canonical(string name) =>
        Titles.TryGetValue(name, out string? column) ? column : RunQuery.Names.FirstOrDefault(c => c.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    /// <summary>Everything that a run's status can be.</summary>
    public static IReadOnlyList<string> Statuses { get; } = [.. Enum.GetNames<RunStatus>().Select(s => s.ToLowerInvariant()), LoggedRun.Damaged];

    /// <summary>A text as a finite number, 1e-3 as 0.001; null where it is none.</summary>
    public static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    /// <summary>Whether a text is a moment, or the beginning of one that ends with a year, month, day, hour, minute or second: <c>2026-11</c>, <c>2026-11-24T08:30</c>.</summary>
    public static bool IsMoment(string text) => text.Length is 4 or 7 or 10 or 13 or 16 or 19
        && DateTime.TryParseExact(text.Replace('T', ' ') + Midnight[text.Length..], "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    // What the beginning of a moment leaves out.
    private const string Midnight = "0001-01-01 00:00:00";
}
