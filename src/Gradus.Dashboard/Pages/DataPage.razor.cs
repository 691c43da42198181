using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Dashboard.Auditing;
using Gradus.Dashboard.Components;
using Gradus.Experiments;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>What is wrong with the data of a run, once somebody has asked for it.</summary>
public sealed partial class DataPage
{
    private AuditProgress? _progress;
    private (DataAudit? Found, string? Problem) _result;
    private DataAudit? _arranged;
    private ImmutableArray<(string, long)> _counts = [];
    private ImmutableArray<PictureSet> _exact = [], _near = [], _leaks = [];
    private IGrouping<FindingKind, AuditFinding>[] _findings = [];

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(0.5);

    [Inject] internal AuditDesk Desk { get; set; } = null!;

    private protected override Task<bool> ReadAsync() => Task.FromResult(Tail is { } tail && (tail.Refresh() | Look()));

    private bool Look()
    {
        if (Tail is null)
            return false;
        (AuditProgress? progress, (DataAudit?, string?) result) = (Desk.Current, Desk.ResultOf(Tail.Folder));
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
        if (Tail is { } tail)
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
