using System.Collections.Immutable;
using Gradus.Dashboard.Charts;
using Gradus.Dashboard.Components;
using Gradus.Runs;
using Gradus.Runs.Comparison;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>Runs held against the first of them. Which ones stands in the address.</summary>
public sealed partial class ComparePage
{
    /// <summary>The most runs that are compared at once: nobody tells more curves apart.</summary>
    internal const int Most = 24;

    private RunComparison? _comparison;
    private ChartSpec _spec = new([], "");
    private string _figure = ComparedFigures.Names[0], _of = "";
    private ImmutableArray<string> _problems = [];
    private bool _reading;

    private protected override TimeSpan Interval => TimeSpan.FromSeconds(3);

    /// <summary>The names of the runs.</summary>
    [SupplyParameterFromQuery(Name = "run")] public string[]? Runs { get; set; }

    private string[] Named => [.. (Runs ?? []).Where(n => n.Length > 0).Distinct()];

    private string[] Names => [.. Named.Take(Most)];

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
        (_of, _reading) = (stamp, true);
        (_comparison, _problems) = await Task.Run(() => Compare(names, folders));
        if (Named.Length > Most)
            _problems = _problems.Insert(0, $"Of {Named.Length} runs the first {Most} are compared.");
        _reading = false;
        Draw();
        return true;
    }

    // Those that are there and can be read are compared, and the others named.
    private static (RunComparison?, ImmutableArray<string>) Compare(string[] names, RunFolder?[] folders)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        var readable = new List<RunFolder>();
        foreach ((string name, RunFolder? folder) in names.Zip(folders))
        {
            if (folder is null)
                problems.Add($"There is no run named '{name}'.");
            else if (Try(folder.ReadInfo) is { } damage)
                problems.Add($"'{name}' cannot be compared: {damage}");
            else
                readable.Add(folder);
        }
        RunComparison? comparison = null;
        if (readable.Count > 1 && Try(() => comparison = RunComparison.Of(readable)) is { } problem)
            problems.Add(problem);
        return (comparison, problems.ToImmutable());
    }

    private static string? Try<T>(Func<T> read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    // The colour of its curve; none where it is not compared.
    private string? Mark(string name) => _comparison?.Runs.Index().FirstOrDefault(r => r.Item.Folder.Name == name) is { Item: not null } found ? $"--mark:{Palette.Of(found.Index)}" : null;

    // What is said of several runs in the same words is said once.
    private static IEnumerable<string> Grouped(RunComparison comparison) => comparison.Warnings
        .Select(w => (Words: w, About: comparison.Runs.Skip(1).Append(comparison.Runs[0]).Select(r => r.Folder.Name).FirstOrDefault(n => w.Contains($" {n} ", StringComparison.Ordinal) || w.StartsWith($"{n} ", StringComparison.Ordinal))))
        .GroupBy(w => w.About is null ? w.Words : w.Words.Replace(w.About, "…", StringComparison.Ordinal))
        .Select(same => same.First().Words + (same.Count() > 1 ? $" The same holds of {string.Join(", ", same.Skip(1).Select(w => w.About))}." : ""));

    private void Choose(string figure)
    {
        _figure = figure;
        Draw();
    }

    private void Draw() => _spec = _comparison is null
        ? new([], "")
        : new([.. _comparison.Runs.Select((run, i) => ChartSeries.Over(run.Folder.Name, run.Records, r => r.Epoch, ComparedFigures.Value(_figure), i) with { Dashed = i >= Palette.Colours.Length })], _figure) { Format = _figure == "learning rate" ? ".3~e" : ".3f" };
}
