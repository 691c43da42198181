using System.Collections.Immutable;
using Gradus.Dashboard.Charts;
using Gradus.Dashboard.Components;
using Gradus.Dashboard.Live;
using Gradus.Diagnosis;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Gradus.Dashboard.Pages;

/// <summary>The checkpoints of a run: which are kept and why, and what they make of the same images.</summary>
public sealed partial class CheckpointsPage : IDisposable
{
    private const int Newest = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _end = new();
    private ImmutableArray<RunRow> _newest = [];
    private RunTail? _tail;
    private CheckpointRow[] _rows = [];
    private ChartSpec _countsDefault = new([], ""), _countsTuned = new([], "");
    private SweepTable? _sweep;
    private DateTime _sweepOf;
    private string? _problem;
    private bool _busy;

    [Inject] internal RunReader Reader { get; set; } = null!;

    [Inject] internal RunCatalogue Catalogue { get; set; } = null!;

    /// <summary>The run's name; null to choose one.</summary>
    [Parameter] public string? Name { get; set; }

    [CascadingParameter] private HttpContext? Http { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Name is null)
        {
            _tail = null;
            _newest = [.. (await Catalogue.ReadAsync()).Rows.Take(Newest)];
            return;
        }
        if (_tail?.Folder.Name == Name)
            return;
        _tail = Reader.Find(Name) is { } folder ? new RunTail(folder) : null;
        (_sweep, _sweepOf) = (null, default);
        if (_tail is null && Http is not null)
            Http.Response.StatusCode = StatusCodes.Status404NotFound;
        await ReadAsync();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = Following.EveryAsync(Interval, LookAgainAsync, _end.Token);
    }

    private async Task LookAgainAsync()
    {
        if (await ReadAsync())
            StateHasChanged();
    }

    private async Task<bool> ReadAsync()
    {
        if (_tail is not { } tail)
            return false;
        bool changed = tail.Refresh();
        if (changed && tail.Info is { } info)
        {
            _rows = CheckpointRow.Of(tail.Folder, info, tail.Records);
            IReadOnlyList<string> grades = info.Experiment.Scale.Names;
            _countsDefault = SweepKind.Stacked(grades, tail.Records, r => r.Epoch, r => r.Validation.Default.PredictedCounts);
            _countsTuned = SweepKind.Stacked(grades, tail.Records, r => r.Epoch, r => r.Validation.Tuned.PredictedCounts);
        }
        DateTime swept = Directory.GetLastWriteTimeUtc(Path.Combine(tail.Folder.SweepFolder, "scores"));
        if (swept == _sweepOf || _busy)
            return changed;
        _sweepOf = swept;
        await SweepAsync(stabilised: false);
        return true;
    }

    private async Task SweepAsync(bool stabilised)
    {
        if (_tail is not { Info: { } info } tail)
            return;
        _busy = true;
        try
        {
            _sweep = await Task.Run(() => SweepReader.Read(tail.Folder, info, tail.Records, stabilised));
            _problem = null;
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            _problem = e.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}
