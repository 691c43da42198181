using System.Globalization;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>A history as one page of HTML that needs nothing beside it.</summary>
internal static class HistoryPage
{
    private const string Absent = "–";

    /// <summary>The page.</summary>
    public static string Of(RunHistory history)
    {
        var page = new HtmlText();
        int runs = history.Chosen.Length;
        page.Raw("<header>").Element("h1", "Runs");
        page.Element("p", $"{runs} {(runs == 1 ? "run" : "runs")}, {history.Chosen.Sum(r => r.Records.Count)} epochs. Figures are of each run's selected epoch, on its validation images; all times are UTC.").Raw("</header>\n");
        page.Table(
            ["run", "started", "status", "epoch", "QWK, default [95 %]", "QWK, tuned [95 %]", "AUC", "public", "private", "images/s"],
            [.. history.Chosen.Reverse().Select(Row)]);
        page.Element("h2", "Is your validation trustworthy?");
        foreach (IGrouping<string, LoggedRun> group in LeaderboardTrust.Groups(history.Chosen))
            Trust(page, [.. group], group.Key);
        page.Element("h2", "Logbook");
        foreach (IGrouping<DateTime, LogbookEntry> day in Logbook.Days(history))
        {
            foreach (LogbookEntry entry in day)
            {
                page.Element("h3", $"{entry.At.UtcDateTime:yyyy-MM-dd HH:mm} · {entry.Name}").Raw("<ul>");
                foreach (string line in entry.Lines.Concat(entry.Remarks.Select(r => $"Remark, {r}")))
                    page.Element("li", TextCell.Clean(line));
                page.Raw("</ul>\n");
            }
        }
        if (!history.Problems.IsEmpty)
            page.Element("h2", "Could not be read");
        foreach (string problem in history.Problems)
            page.Element("p", problem, "failure");
        return page.Document("Runs");
    }

    private static string[] Row(LoggedRun run)
    {
        MetricSet? usual = run.Best?.Validation.Default, tuned = run.Best?.Validation.Tuned;
        return
        [
            TextCell.Clean(run.Name), $"{run.Info.CreatedUtc.UtcDateTime:yyyy-MM-dd HH:mm}", run.Status, run.Best is { } best ? $"{best.Epoch} of {run.Records.Count}" : Absent,
            Judged(usual), Judged(tuned), Share(usual?.Auc),
            Share(run.Notes.Public), Share(run.Notes.Private), run.ImagesPerSecond is { } rate ? rate.ToString("0.0", CultureInfo.InvariantCulture) : Absent,
        ];
    }

    private static void Trust(HtmlText page, LoggedRun[] runs, string grades)
    {
        LeaderboardTrust[] all = [.. LeaderboardTrust.Of(runs)];
        page.Element("p", $"Runs that grade {grades}:");
        foreach (LeaderboardTrust first in all.Where(t => t.Figure == all[0].Figure))
            page.Element("p", first.Sentence);
        LeaderboardTrust[] measured = [.. all.Where(t => t.Spearman.Value is not null)];
        if (measured.Length == 0)
            return;
        page.Table(
            ["validation figure", "leaderboard", "runs", "Pearson", "95 % interval", "Spearman", "95 % interval"],
            [.. measured.Select(t => (string[])[t.Figure, t.Board, $"{t.Runs}", Share(t.Pearson.Value), Interval(t.Pearson.Low, t.Pearson.High), Share(t.Spearman.Value), Interval(t.Spearman.Low, t.Spearman.High)])]);
        page.Element("p", LeaderboardTrust.Caution(runs));
    }

    private static string Share(double? value) => value is { } number ? number.ToString("0.0000", CultureInfo.InvariantCulture) : Absent;

    private static string Judged(MetricSet? at) => at is { Qwk: { } qwk, QwkLow: { } low, QwkHigh: { } high } ? $"{qwk:0.000} [{low:0.000}, {high:0.000}]" : Share(at?.Qwk);

    private static string Interval(double? low, double? high) => low is { } l && high is { } h ? $"{l:0.000} to {h:0.000}" : Absent;
}
