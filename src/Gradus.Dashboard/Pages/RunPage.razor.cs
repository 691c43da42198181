using System.Text.Json;
using Gradus.Dashboard.Live;
using Gradus.Runs;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Gradus.Dashboard.Pages;

/// <summary>One run, as it is and, while it trains, as it goes on.</summary>
public sealed partial class RunPage : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private CancellationTokenSource? _end;
    private RunTail? _tail;
    private int _revision;

    [Inject] internal RunReader Reader { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    /// <summary>The run's name.</summary>
    [Parameter] public string Name { get; set; } = "";

    [CascadingParameter] private HttpContext? Http { get; set; }

    private string Status => _tail?.Info is { } info ? JsonNamingPolicy.SnakeCaseLower.ConvertName(info.Status.ToString()) : "damaged";

    private EpochRecord? Best => _tail is { Info: { } info, Records: { IsEmpty: false } records }
        ? records.FirstOrDefault(r => r.Epoch == Selection.Rank(records, info.Experiment.Select)[0])
        : null;

    // A run of another version is shown as far as its log of epochs goes.
    private IReadOnlyList<string> Grades => _tail?.Info is { } info ? info.Experiment.Scale.Names
        : _tail is { Records: [var first, ..] } ? [.. first.Validation.Default.PredictedCounts.Select((_, k) => $"grade {k}")] : [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _end?.Cancel();
        _end?.Dispose();
    }

    protected override void OnParametersSet()
    {
        if (_tail is not null && _tail.Folder.Name == Name)
            return;
        _tail = Reader.Find(Name) is { } folder ? new RunTail(folder) : null;
        _tail?.Refresh();
        if (_tail is null && Http is not null)
            Http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender)
            return;
        _end = new CancellationTokenSource();
        // While nothing changes a tick asks for three times and lengths, and draws nothing.
        _ = Following.EveryAsync(Interval, () =>
        {
            Reread();
            return Task.CompletedTask;
        }, _end.Token);
    }

    private void Reread()
    {
        // A run whose folder was just made, or came back from the trash, is found at a later tick.
        if (_tail is null && Reader.Find(Name) is { } folder)
            _tail = new RunTail(folder);
        if (_tail?.Refresh() != true)
            return;
        _revision++;
        StateHasChanged();
    }
}
