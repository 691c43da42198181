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
}
