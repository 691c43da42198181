using Gradus.Dashboard.Charts;
using Gradus.Dashboard.Components;
using Gradus.Dashboard.Live;
using Gradus.Diagnosis;

namespace Gradus.Dashboard.Pages;

/// <summary>The checkpoints of a run: which are kept and why, and what they make of the same images.</summary>
public sealed partial class CheckpointsPage
{
    private CheckpointRow[] _rows = [];
    private ChartSpec _countsDefault = new([], ""), _countsTuned = new([], "");
    private SweepTable? _sweep;
    private DateTime _sweepOf;
    private string? _problem;
    private bool _busy;

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(2);

    private protected override void Forget() => (_rows, _sweep, _sweepOf, _problem) = ([], null, default, null);

    private protected override async Task<bool> ReadAsync()
    {
        if (Tail is not { } tail)
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
        if (Tail is not { Info: { } info } tail)
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
