using Gradus.Runs;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>One run, as it is and, while it trains, as it goes on.</summary>
public sealed partial class RunPage
{
    private int _revision;

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    [Inject] internal TimeProvider Time { get; set; } = null!;

    private string Status => Tail?.Status ?? "";

    private EpochRecord? Best => Tail is { Info: { } info, Records: { IsEmpty: false } records }
        ? records.FirstOrDefault(r => r.Epoch == Selection.Rank(records, info.Experiment.Select)[0])
        : null;

    // A run of another version is shown as far as its log of epochs goes.
    private IReadOnlyList<string> Grades => Tail?.Info is { } info ? info.Experiment.Scale.Names
        : Tail is { Records: [var first, ..] } ? [.. first.Validation.Default.PredictedCounts.Select((_, k) => $"grade {k}")] : [];

    private protected override Task<bool> ReadAsync()
    {
        bool changed = Tail?.Refresh() == true;
        _revision += changed ? 1 : 0;
        return Task.FromResult(changed);
    }
}
