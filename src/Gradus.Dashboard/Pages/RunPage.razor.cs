using System.Text.Json;
using Gradus.Dashboard.Live;
using Gradus.Runs;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>One run, as it is and, while it trains, as it goes on.</summary>
public sealed partial class RunPage
{
    private RunTail? _tail;
    private int _revision;

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    [Inject] internal TimeProvider Time { get; set; } = null!;

    /// <summary>The run's name.</summary>
    [Parameter] public string Name { get; set; } = "";

    private string Status => _tail?.Info is { } info ? JsonNamingPolicy.SnakeCaseLower.ConvertName(info.Status.ToString()) : "damaged";

    private EpochRecord? Best => _tail is { Info: { } info, Records: { IsEmpty: false } records }
        ? records.FirstOrDefault(r => r.Epoch == Selection.Rank(records, info.Experiment.Select)[0])
        : null;

    // A run of another version is shown as far as its log of epochs goes.
    private IReadOnlyList<string> Grades => _tail?.Info is { } info ? info.Experiment.Scale.Names
        : _tail is { Records: [var first, ..] } ? [.. first.Validation.Default.PredictedCounts.Select((_, k) => $"grade {k}")] : [];

    protected override void OnParametersSet()
    {
        if (_tail is not null && _tail.Folder.Name == Name)
            return;
        _tail = TailOf(Name);
        _tail?.Refresh();
    }

    // While nothing changes a tick asks for three times and lengths, and draws nothing.
    private protected override Task<bool> LookAgainAsync()
    {
        // A run whose folder was just made, or came back from the trash, is found at a later tick.
        if (_tail is null && Reader.Find(Name) is { } folder)
            _tail = new RunTail(folder);
        bool changed = _tail?.Refresh() == true;
        _revision += changed ? 1 : 0;
        return Task.FromResult(changed);
    }
}
