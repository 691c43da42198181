using System.Collections.Immutable;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>The sheet that asks: is your validation trustworthy?</summary>
internal static class TrustSheet
{
    /// <summary>A row a run with its validation figures and scores; below, how they correlate.</summary>
    public static Worksheet Create(RunHistory history)
    {
        List<(string, Func<LoggedRun, WorksheetCell?>)> columns =
        [
            ("run", r => WorksheetCell.Of(r.Name)),
            ("started (UTC)", r => new DateCell(r.Info.CreatedUtc)),
            ("validation images", r => WorksheetCell.Of(r.Info.Counts.Validation.Sum(), NumberFormat.Count)),
            .. LeaderboardTrust.Figures.Select(f => (f.Name, (Func<LoggedRun, WorksheetCell?>)(r => WorksheetCell.Of(r.Best is { } best ? f.Of(best) : null, NumberFormat.Metric)))),
            ("public", r => WorksheetCell.Of(r.Notes.Public, NumberFormat.Metric)),
            ("private", r => WorksheetCell.Of(r.Notes.Private, NumberFormat.Metric)),
        ];
        Worksheet sheet = Worksheet.Of("validation vs leaderboard", columns, history.Chosen, history.Chosen.Length);
        var foot = new List<ImmutableArray<WorksheetCell?>> { Words("Is your validation trustworthy?") };
        foreach (IGrouping<string, LoggedRun> group in LeaderboardTrust.Groups(history.Chosen))
        {
            foot.Add(Words($"Runs that grade {group.Key}"));
            foot.Add(Words("validation figure", "leaderboard", "runs", "Pearson", "low", "high", "Spearman", "low", "high", "in words"));
            foot.AddRange(LeaderboardTrust.Of([.. group]).Select(t => (ImmutableArray<WorksheetCell?>)[
                WorksheetCell.Of(t.Figure), WorksheetCell.Of(t.Board), WorksheetCell.Of(t.Runs, NumberFormat.Count), .. Cells(t.Pearson), .. Cells(t.Spearman), WorksheetCell.Of(t.Sentence)]));
            foot.Add(Words(LeaderboardTrust.Caution([.. group])));
            foot.Add([]);
        }
        return sheet with { Foot = [.. foot] };
    }

    private static ImmutableArray<WorksheetCell?> Words(params string[] words) => [.. words.Select(WorksheetCell.Of)];

    private static IEnumerable<WorksheetCell?> Cells(Estimate e) => [WorksheetCell.Of(e.Value, NumberFormat.Metric), WorksheetCell.Of(e.Low, NumberFormat.Metric), WorksheetCell.Of(e.High, NumberFormat.Metric)];
}
