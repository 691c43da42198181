using System.Collections.Immutable;
using Gradus.Dashboard.Components;
using Gradus.Dashboard.Live;
using Gradus.Dashboard.Tables;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>All runs in a table. How it is looked at stands in the address; which runs are selected does not.</summary>
public sealed partial class RunsPage
{
    private static readonly TimeSpan Typing = TimeSpan.FromMilliseconds(150);
    private readonly SortedSet<string> _selected = new(StringComparer.Ordinal);
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal);
    private CancellationTokenSource? _typing;
    private CatalogueState _state = CatalogueState.None;
    private TableState _shown = new();
    private TableView _view = new([], [], [], []);
    private TableLine[] _lines = [];
    private (TableState, int)? _viewOf;
    private string? _problem;
    private string _typed = "", _sent = "";
    private string _columnSearch = "", _conditionColumn = "backbone", _conditionSign = "=", _conditionValue = "";

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(2);

    [Inject] internal RunCatalogue Catalogue { get; set; } = null!;

    [Inject] internal NavigationManager Address { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "q")] public string? FilterText { get; set; }

    [SupplyParameterFromQuery(Name = "sort")] public string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "cols")] public string? Columns { get; set; }

    [SupplyParameterFromQuery(Name = "group")] public string? Group { get; set; }

    [SupplyParameterFromQuery(Name = "diff")] public string? Differing { get; set; }

    private string CountWords => _state.Version == 0 ? "" : _view.Rows.Length == _state.Table.Count ? Words(_state.Table.Count) : $"{Figures.Count(_view.Rows.Length)} of {Words(_state.Table.Count)}";

    private bool AllSelected => _selected.Count > 0 && _view.Rows.All(r => _selected.Contains(r.Name));

    private IEnumerable<TableColumn> ColumnChoices => _state.Table.All.Where(c => c.Title.Contains(_columnSearch, StringComparison.OrdinalIgnoreCase) || c.Key.Contains(_columnSearch, StringComparison.OrdinalIgnoreCase));

    // What an address groups by is among them, whatever it is.
    private IEnumerable<TableColumn> GroupChoices => _state.Table.Column(_shown.Group ?? "") is { } chosen ? _state.Table.Groupable.Union([chosen]) : _state.Table.Groupable;

    private IEnumerable<string> ConditionValues => _state.Table.Column(_conditionColumn) is { Number: null } column
        ? _state.Rows.Select(column.Text).Where(t => t.Length > 0).Distinct().Take(50).Order(StringComparer.OrdinalIgnoreCase)
        : [];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _typing?.Dispose();
    }

    protected override async Task OnInitializedAsync() => await ReadAsync();

    protected override void OnParametersSet()
    {
        _shown = TableState.Of(FilterText, Sort, Columns, Group, Differing);
        // Whoever goes on typing is not interrupted by what was asked for a moment ago.
        if (_shown.Filter != _sent)
            _typed = _sent = _shown.Filter;
        Show();
    }

    private static string Words(int count) => count == 1 ? "1 run" : $"{Figures.Count(count)} runs";

    private static string? CellClass(TableColumn column) => column.Number is not null ? "number" : null;

    private string? SortOf(TableColumn column) => !column.Key.Equals(_shown.Sort, StringComparison.OrdinalIgnoreCase) ? null : _shown.Descending ? "descending" : "ascending";

    private protected override async Task<bool> LookAgainAsync()
    {
        (int version, string? problem) = (_state.Version, _problem);
        await ReadAsync();
        if (_state.Version == version && _problem == problem)
            return false;
        Show();
        return true;
    }

    private async Task ReadAsync()
    {
        try
        {
            (_state, _problem) = (await Catalogue.ReadAsync(), null);
        }
        catch (GradusException e)
        {
            _problem = e.Message;
        }
    }

    private void Show()
    {
        if (_viewOf == (_shown, _state.Version))
            return;
        _viewOf = (_shown, _state.Version);
        _view = _state.Table.Show(_shown, _closed);
        _lines = [.. _view.Lines];
    }

    private void Go(TableState to) => Address.NavigateTo(to.Address(), replace: true);

    private async Task FilterAsync()
    {
        _typing?.Cancel();
        _typing?.Dispose();
        _typing = CancellationTokenSource.CreateLinkedTokenSource(End);
        try
        {
            await Task.Delay(Typing, _typing.Token);
            _sent = _typed;
            Go(_shown with { Filter = _typed });
        }
        catch (OperationCanceledException)
        {
            // another key came
        }
    }

    private void AddCondition()
    {
        if (_conditionValue.Trim() is { Length: > 0 } value)
            Go(_shown with { Filter = $"{_shown.Filter} {RowFilter.Written(_conditionColumn, _conditionSign, value)}".Trim() });
    }

    private void ChooseColumn(TableColumn column, bool chosen)
    {
        ImmutableArray<string> columns = chosen ? _shown.Columns.Add(column.Key) : _shown.Columns.Remove(column.Key);
        Go(_shown with { Columns = columns, Differing = false });
    }

    private void Select(RunRow row, bool selected) => _ = selected ? _selected.Add(row.Name) : _selected.Remove(row.Name);

    private void SelectAll(bool selected)
    {
        _selected.Clear();
        if (selected)
            _selected.UnionWith(_view.Rows.Select(r => r.Name));
    }

    private void Toggle(string group)
    {
        if (!_closed.Remove(group))
            _closed.Add(group);
        _viewOf = null;
        Show();
    }
}
