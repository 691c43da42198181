using System.Collections.Immutable;
using Gradus.Runs.Index;

namespace Gradus.Dashboard.Tables;

/// <summary>How a person looks at the table of runs; it stands in the address, so that a link or a reload keeps it.</summary>
internal sealed record TableState
{
    /// <summary>The column by which the newest come first.</summary>
    public const string UsualSort = "created";

    /// <summary>What was typed to see fewer.</summary>
    public string Filter { get; init; } = "";

    /// <summary>The column to sort by.</summary>
    public string Sort { get; init; } = UsualSort;

    /// <summary>Whether from large to small.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>The columns chosen, in order.</summary>
    public ImmutableArray<string> Columns { get; init; } = TableColumn.Usual;

    /// <summary>The column to group by; null for none.</summary>
    public string? Group { get; init; }

    /// <summary>Whether only columns are shown that differ among the runs shown, of all that there are.</summary>
    public bool Differing { get; init; }

    /// <summary>The state that an address describes; what it does not say is as usual.</summary>
    public static TableState Of(string? filter, string? sort, string? columns, string? group, string? differing) => new()
    {
        Filter = filter ?? "",
        Sort = string.IsNullOrEmpty(sort) ? UsualSort : RunColumns.Canonical(sort.TrimStart('-')),
        Descending = string.IsNullOrEmpty(sort) || sort[0] == '-',
        Columns = string.IsNullOrEmpty(columns) ? TableColumn.Usual : [.. columns.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(RunColumns.Canonical).Prepend("name").Distinct()],
        Group = string.IsNullOrEmpty(group) ? null : RunColumns.Canonical(group),
        Differing = differing is not null and not "0",
    };

    /// <summary>The address of the page in this state.</summary>
    public string Address()
    {
        var parts = new List<string>();
        Add("q", Filter);
        if (Sort != UsualSort || !Descending)
            Add("sort", Descending ? $"-{Sort}" : Sort);
        if (!Columns.SequenceEqual(TableColumn.Usual))
            parts.Add($"cols={string.Join(',', Columns.Select(Uri.EscapeDataString))}");
        Add("group", Group);
        if (Differing)
            parts.Add("diff=1");
        return parts.Count == 0 ? "runs" : $"runs?{string.Join('&', parts)}";

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
    }

    /// <summary>Sorted by a column: first its better end, then the other.</summary>
    public TableState SortedBy(TableColumn column) => this with { Sort = column.Key, Descending = Sort == column.Key ? !Descending : !column.RisesFirst };
}
