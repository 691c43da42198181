using System.Collections.Immutable;
using Gradus.Dashboard.Charts;
using Gradus.Dashboard.Live;
using Gradus.Dashboard.Tables;
using Gradus.Experiments;
using Gradus.Runs.Index;
using Gradus.Runs.Notes;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>The diary: what was tried, what differed, what came of it, and what a person says of it.</summary>
public sealed partial class LogbookPage
{
    private const int Step = 25;
    private const int MostDifferences = 8;
    private const string Weights = "model.weights"; // the parent's checkpoint, which is told already
    private CatalogueState _state = CatalogueState.None;
    private Dictionary<(string, string), RunRow> _byName = [];
    private static readonly TimeSpan Typing = TimeSpan.FromMilliseconds(250);

    private int _keys;
    private RowFilter _filter = RowFilter.Parse("", _ => null);
    private RunRow[] _found = [];
    private ChartSpec _scores = new([], "");
    private string? _problem;
    private bool _scoredOnly;
    private int _shown = Step;

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(2);

    [Inject] internal RunCatalogue Catalogue { get; set; } = null!;

    [Inject] internal NavigationManager Address { get; set; } = null!;

    /// <summary>What was typed to see fewer.</summary>
    [SupplyParameterFromQuery(Name = "q")] public string? FilterText { get; set; }

    protected override async Task OnInitializedAsync() => await ReadAsync(now: false);

    protected override void OnParametersSet() => Find();

    private protected override Task<bool> LookAgainAsync() => ReadAsync(now: false);

    private async Task<bool> ReadAsync(bool now)
    {
        try
        {
            CatalogueState state = await Catalogue.ReadAsync(now);
            if (state.Version == _state.Version && _problem is null)
                return false;
            (_state, _problem) = (state, null);
            _byName = state.Rows.ToDictionary(r => (r.Run.Root, r.Name));
        }
        catch (GradusException e)
        {
            _problem = e.Message;
        }
        Find();
        return true;
    }

    private void Find()
    {
        _filter = RowFilter.Parse(FilterText, _state.Table.Column);
        _found = [.. _state.Rows.Where(r => _filter.Holds(r) && (!_scoredOnly || Scored(r.Run)))];
        RunRow[] scored = [.. _found.Where(r => Scored(r.Run) && r.Run.QwkTuned is not null)];
        _scores = new([.. Series(scored, "public score", r => r.Run.PublicScore, 0), .. Series(scored, "private score", r => r.Run.PrivateScore, 1)], "leaderboard score") { XTitle = "validation QWK at tuned thresholds", WholeX = false };
    }

    private static bool Scored(IndexedRun run) => run.PublicScore is not null || run.PrivateScore is not null;

    private static IEnumerable<ChartSeries> Series(RunRow[] rows, string name, Func<RunRow, double?> score, int colour)
    {
        RunRow[] with = [.. rows.Where(r => score(r) is not null)];
        if (with.Length > 0)
            yield return new ChartSeries(name, [.. with.Select(r => (object)r.Run.QwkTuned!.Value)], [.. with.Select(score)], colour) { Kind = SeriesKind.Points, Notes = [.. with.Select(r => r.Name)] };
    }

    private async Task FilterAsync(ChangeEventArgs e)
    {
        int key = ++_keys;
        await Task.Delay(Typing);
        if (key == _keys) // else another came
            Address.NavigateTo((string?)e.Value is { Length: > 0 } text ? $"logbook?q={Uri.EscapeDataString(text)}" : "logbook", replace: true);
    }

    private ImmutableArray<(string Setting, string Before, string After)> Differences(RunRow row)
    {
        if (row.Run.Parent is not { } name || !_byName.TryGetValue((row.Run.Root, name), out RunRow? parent))
            return [];
        return
        [
            .. row.Settings.Keys.Union(parent.Settings.Keys).Order(StringComparer.Ordinal)
                .Select(key => (key, parent.Settings.GetValueOrDefault(key, ExperimentDifference.Absent), row.Settings.GetValueOrDefault(key, ExperimentDifference.Absent)))
                .Where(d => d.Item2 != d.Item3 && d.key != Weights).Take(MostDifferences),
        ];
    }

    // From the run's folder and not from the index: it also has the notes before.
    private RunNotes NotesOf(RunRow row) => Reader.Find(row.Name) is { } folder ? RunNotes.ReadOrNone(folder.Root) : RunNotes.None;
}
