using System.Collections.Frozen;
using System.Collections.Immutable;
using Gradus.Dashboard.Live;
using Gradus.Runs.Index;

namespace Gradus.Dashboard.Tables;

/// <summary>A line of the table: a run, or the heading of a group.</summary>
/// <param name="Row">The run; null in a heading.</param>
/// <param name="Group">What the runs of the group have in common; null in a table without groups.</param>
/// <param name="Count">In a heading the runs of the group.</param>
/// <param name="Best">In a heading the highest QWK among them, at default thresholds.</param>
internal sealed record TableLine(RunRow? Row, string? Group, int Count = 0, double? Best = null);

/// <summary>The table of runs as a state shows it.</summary>
/// <param name="Lines">From above to below.</param>
/// <param name="Rows">The runs among them, in order.</param>
/// <param name="Columns">From left to right.</param>
/// <param name="Problems">What of the filter and the address was not understood.</param>
internal sealed record TableView(ImmutableArray<TableLine> Lines, ImmutableArray<RunRow> Rows, ImmutableArray<TableColumn> Columns, ImmutableArray<string> Problems);

/// <summary>Filters, sorts and groups runs in memory; ten thousand take a fraction of a second.</summary>
internal sealed class RunTable
{
    private const int MostGroups = 50;
    private readonly ImmutableArray<RunRow> _rows;
    private readonly FrozenDictionary<string, TableColumn> _columns;

    /// <summary>A table over runs.</summary>
    public RunTable(ImmutableArray<RunRow> rows)
    {
        _rows = rows;
        Dictionary<string, TableColumn> columns = TableColumn.OfIndex.Where(c => c.Key != "root" || rows.Any(r => r.Run.Root.Length > 0)).ToDictionary(c => c.Key, StringComparer.OrdinalIgnoreCase);
        foreach (IGrouping<string, string> setting in rows.AsParallel().SelectMany(r => r.Settings).Distinct().GroupBy(s => s.Key, s => s.Value))
            columns.TryAdd(setting.Key, TableColumn.OfSetting(setting.Key, setting));
        All = [.. TableColumn.OfIndex.Where(c => columns.ContainsKey(c.Key)), .. columns.Values.Where(c => c.IsSetting).OrderBy(c => c.Key, StringComparer.Ordinal)];
        _columns = columns.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Groupable = [.. All.AsParallel().AsOrdered().Where(Groups)];
    }

    /// <summary>Every column that there is, settings last.</summary>
    public ImmutableArray<TableColumn> All { get; }

    /// <summary>The columns by which grouping says something: of texts, choices and settings, not of figures, with several values and some runs that have one in common.</summary>
    public ImmutableArray<TableColumn> Groupable { get; }

    /// <summary>How many runs there are.</summary>
    public int Count => _rows.Length;

    /// <summary>The column of a name, or of the word that stands above it; null where there is none.</summary>
    public TableColumn? Column(string key) => _columns.GetValueOrDefault(RunColumns.Canonical(key));

    /// <summary>The table in a state.</summary>
    /// <param name="state">The state; columns that no run has are left out.</param>
    /// <param name="closed">Groups whose runs are not shown.</param>
    public TableView Show(TableState state, IReadOnlySet<string> closed)
    {
        RowFilter filter = RowFilter.Parse(state.Filter, Column);
        RunRow[] rows = [.. _rows.Where(filter.Holds)];
        if (Column(state.Sort) is { } sort && (state.Sort != TableState.UsualSort || !state.Descending))
            rows = Sorted(rows, sort, state.Descending);
        ImmutableArray<TableColumn> columns = state.Differing ? Differing(rows) : [.. state.Columns.Select(Column).OfType<TableColumn>()];
        if (columns.All(c => c.Key != "name"))
            columns = columns.Insert(0, _columns["name"]);
        ImmutableArray<string> problems = [.. filter.Problems, .. Unknown(state)];
        return Column(state.Group ?? "") is { } group
            ? Grouped(rows, group, closed, columns, problems)
            : new TableView([.. rows.Select(r => new TableLine(r, null))], [.. rows], columns, problems);
    }

    private IEnumerable<string> Unknown(TableState state)
    {
        IEnumerable<(string What, string? Name)> asked = [("sorted by", state.Sort), ("grouped by", state.Group), .. state.Columns.Select(c => ("shown with", (string?)c))];
        // Without runs no setting is known, and none is missed.
        return asked.Where(a => Count > 0 && a.Name is not null && Column(a.Name) is null)
            .Select(a => $"The runs cannot be {a.What} '{a.Name}', which none of them has. {NearestWord.Remedy(a.Name!, [.. _columns.Keys], "")}".TrimEnd());
    }

    private bool Groups(TableColumn column)
    {
        if (!column.IsSetting && (column.IsMoment || column.Key is "name" or "remark" or "problem" || (column.Number is not null && column.Key is not ("fold" or "seed" or "epochs"))))
            return false;
        var values = new HashSet<string>(StringComparer.Ordinal);
        int runs = 0;
        foreach (string text in _rows.Select(column.Text).Where(t => t.Length > 0))
        {
            runs++;
            if (values.Add(text) && values.Count > MostGroups)
                return false;
        }
        return values.Count < Math.Max(runs, 2) && values.Count + (runs < Count ? 1 : 0) > 1;
    }

    // Runs without a value come last in either direction; of equals the order before stays: the newest first.
    private static RunRow[] Sorted(RunRow[] rows, TableColumn by, bool descending)
    {
        bool numbers = rows.Any(r => by.NumberOf(r) is not null) && rows.All(r => by.NumberOf(r) is not null || by.Text(r).Length == 0);
        return numbers ? Order(by.NumberOf, r => by.NumberOf(r) is null, Comparer<double?>.Default) : Order(by.Text, r => by.Text(r).Length == 0, StringComparer.OrdinalIgnoreCase);

        RunRow[] Order<T>(Func<RunRow, T> key, Func<RunRow, bool> missing, IComparer<T> comparer)
        {
            IOrderedEnumerable<RunRow> known = rows.OrderBy(missing);
            return [.. descending ? known.ThenByDescending(key, comparer) : known.ThenBy(key, comparer)];
        }
    }

    private ImmutableArray<TableColumn> Differing(RunRow[] rows) =>
    [
        .. All.AsParallel().AsOrdered().Where(c => c.Key == "name" || rows.Skip(1).Any(r => c.Text(r) != c.Text(rows[0]))),
    ];

    private static TableView Grouped(RunRow[] rows, TableColumn by, IReadOnlySet<string> closed, ImmutableArray<TableColumn> columns, ImmutableArray<string> problems)
    {
        var lines = ImmutableArray.CreateBuilder<TableLine>();
        var shown = ImmutableArray.CreateBuilder<RunRow>();
        foreach (IGrouping<string, RunRow> group in rows.GroupBy(by.Text).OrderBy(g => g.Key.Length == 0).ThenBy(g => RunColumns.Number(g.Key) ?? double.MaxValue).ThenBy(g => g.Key, StringComparer.OrdinalIgnoreCase))
        {
            lines.Add(new TableLine(null, group.Key, group.Count(), group.Max(r => r.Run.Qwk)));
            shown.AddRange(group);
            if (!closed.Contains(group.Key))
                lines.AddRange(group.Select(r => new TableLine(r, group.Key)));
        }
        return new TableView(lines.ToImmutable(), shown.ToImmutable(), columns, problems);
    }
}
