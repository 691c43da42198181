using Gradus.Dashboard.Charts;
using Gradus.Dashboard.Components;
using Gradus.Runs;
using Gradus.Runs.Comparison;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>Runs held against the first of them. Which ones stands in the address.</summary>
public sealed partial class ComparePage
{
    private RunComparison? _comparison;
    private ChartSpec _spec = new([], "");
    private string _figure = ComparedFigures.Names[0], _of = "";
    private string? _problem;

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(3);

    /// <summary>The names of the runs.</summary>
    [SupplyParameterFromQuery(Name = "run")] public string[]? Runs { get; set; }

    private string[] Names => [.. (Runs ?? []).Where(n => n.Length > 0).Distinct()];

    protected override Task OnParametersSetAsync() => ReadAsync();

    private protected override Task<bool> LookAgainAsync() => ReadAsync();

    // Comparing resamples images, so it is done again only where a run has another epoch, or other runs are asked for.
    private async Task<bool> ReadAsync()
    {
        string[] names = Names;
        RunFolder?[] folders = [.. names.Select(Reader.Find)];
        string stamp = string.Join('\n', names.Zip(folders, (name, folder) => folder is null ? $"{name} -" : $"{name} {File.GetLastWriteTimeUtc(folder.Metrics.FilePath).Ticks} {File.GetLastWriteTimeUtc(folder.InfoFile).Ticks}"));
        if (stamp == _of)
            return false;
        _of = stamp;
        (_comparison, _problem) = (null, null);
        if (Array.IndexOf(folders, null) is >= 0 and var missing)
            _problem = $"There is no run named '{names[missing]}'.";
        else if (folders.Length > 1)
            await CompareAsync([.. folders.OfType<RunFolder>()]);
        Draw();
        return true;
    }

    private async Task CompareAsync(IReadOnlyList<RunFolder> folders)
    {
        try
        {
            _comparison = await Task.Run(() => RunComparison.Of(folders));
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            _problem = e.Message;
        }
    }

    private void Choose(string figure)
    {
        _figure = figure;
        Draw();
    }

    private void Draw() => _spec = _comparison is null
        ? new([], "")
        : new([.. _comparison.Runs.Select((run, i) => ChartSeries.Over(run.Folder.Name, run.Records, r => r.Epoch, ComparedFigures.Value(_figure), i) with { Dashed = i >= Palette.Colours.Length })], _figure) { Format = _figure == "learning rate" ? ".3~e" : ".3f" };
}
