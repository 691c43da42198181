using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Dashboard.Auditing;
using Gradus.Dashboard.Components;
using Gradus.Dashboard.Live;
using Gradus.Experiments;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Gradus.Dashboard.Pages;

/// <summary>What is wrong with the data of a run, once somebody has asked for it.</summary>
public sealed partial class DataPage : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);
    private readonly CancellationTokenSource _end = new();
    private RunTail? _tail;
    private AuditProgress? _progress;
    private (DataAudit? Found, string? Problem) _result;
    private DataAudit? _arranged;
    private ImmutableArray<(string, long)> _counts = [];
    private ImmutableArray<PictureSet> _exact = [], _near = [], _leaks = [];
    private IGrouping<FindingKind, AuditFinding>[] _findings = [];

    [Inject] internal RunReader Reader { get; set; } = null!;

    [Inject] internal AuditDesk Desk { get; set; } = null!;

    /// <summary>The run's name; null to choose one.</summary>
    [Parameter] public string? Name { get; set; }

    [CascadingParameter] private HttpContext? Http { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    protected override void OnParametersSet()
    {
        if (_tail?.Folder.Name != Name)
        {
            _tail = Name is not null && Reader.Find(Name) is { } folder ? new RunTail(folder) : null;
            _tail?.Refresh();
            if (Name is not null && _tail is null && Http is not null)
                Http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        Look();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = Following.EveryAsync(Interval, LookAgain, _end.Token);
    }

    private Task LookAgain()
    {
        if (_tail is { } tail && (tail.Refresh() | Look()))
            StateHasChanged();
        return Task.CompletedTask;
    }

    private bool Look()
    {
        if (_tail is null)
            return false;
        (AuditProgress? progress, (DataAudit?, string?) result) = (Desk.Current, Desk.ResultOf(_tail.Folder));
        bool changed = progress != _progress || result != _result;
        (_progress, _result) = (progress, result);
        if (!ReferenceEquals(_arranged, _result.Found))
            Arrange(_result.Found);
        return changed;
    }

    private void Arrange(DataAudit? found)
    {
        _arranged = found;
        if (found is null)
            return;
        AuditReport report = found.Report;
        (_exact, _near, _leaks) = (PictureSets.Exact(report), PictureSets.Near(report), PictureSets.Leaks(report));
        _findings = [.. report.Findings.Concat(found.Partition?.Findings ?? []).GroupBy(f => f.Kind).OrderBy(g => g.Key)];
        _counts =
        [
            ("Images", report.Images), ("Unreadable", report.Unreadable.Length), ("Conflicts", report.Conflicts.Length), ("Quarantined", report.Quarantined.Length),
            ("Test leaks", report.TestLeaks.Length), ("Groups of identical", _exact.Length), ("Near duplicates", report.NearDuplicates.Length),
            .. found.Partition is { } partition ? ((string, long)[])[("Training", partition.Training.Records.Length), ("Validation", partition.Validation.Count)] : [],
            ("Test", report.Test.Length),
        ];
    }

    private void Start(Experiment experiment)
    {
        if (_tail is { } tail)
            Desk.Start(tail.Folder, experiment);
        Look();
    }

    private static string Words(AuditProgress progress) => progress.Work is not { } work ? "reading the lists" : string.Join(", ", ((string?[])
    [
        $"{work.Stage}: {Figures.Count(work.Done)} of {Figures.Count(work.Total)} {work.Unit}",
        progress.PerSecond is { } rate ? $"{Figures.Number(Math.Round(rate, rate < 10 ? 1 : 0))} a second" : null,
        progress.Remaining is { } left ? $"{Figures.Duration(left)} left" : null,
    ]).OfType<string>());
}
