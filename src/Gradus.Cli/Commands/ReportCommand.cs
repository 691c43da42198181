using System.CommandLine;
using Gradus.Cli.Terminal;
using Gradus.Reports;

namespace Gradus.Cli.Commands;

internal static class ReportCommand
{
    private const string PageStart = "<!doctype html>";

    public static Verb Create()
    {
        Argument<string[]> runs = new("RUN") { Description = "Only these runs: their folders, or their names in the folder of runs.", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> xlsx = new("--xlsx") { Description = "Write a workbook: a row a run, a row an epoch, validation against leaderboard.", HelpName = "FILE" };
        Option<string?> csv = new("--csv") { Description = "Write the row a run as CSV.", HelpName = "FILE" };
        Option<string?> md = new("--md") { Description = "Write the logbook, an entry a run in words.", HelpName = "FILE" };
        Option<string?> html = new("--html") { Description = "Write a page: runs, validation against leaderboard, logbook.", HelpName = "FILE" };
        var verb = new Verb(
            "report",
            "Writes all runs side by side: a workbook, a table, a logbook, a page.",
            "gradus report --xlsx runs.xlsx --md logbook.md",
            "gradus report 24-11_mobilenet_v2_f0 24-11_mobilenet_v2_f1 --html runs.html")
        {
            runs, xlsx, csv, md, html,
        };
        verb.Does((parse, session) => Run(session, parse.GetValue(runs) ?? [], parse.GetValue(xlsx), parse.GetValue(csv), parse.GetValue(md), parse.GetValue(html)));
        return verb;
    }

    private static int Run(Session session, string[] runs, string? xlsx, string? csv, string? md, string? html)
    {
        (string Kind, string? File, Action<string, RunHistory> Write)[] asked =
        [
            ("xlsx", xlsx, HistoryReport.WriteXlsx), ("csv", csv, HistoryReport.WriteCsv), ("md", md, HistoryReport.WriteMarkdown), ("html", html, HistoryReport.WriteHtml),
        ];
        (string Kind, string File, Action<string, RunHistory> Write)[] files = [.. asked.Where(a => a.File is not null).Select(a => (a.Kind, a.File!, a.Write))];
        Check(files, xlsx, csv, md, html);
        RunHistory history = RunHistory.Read(session.Runs, [.. runs.Select(r => session.Run(r))]);
        foreach ((_, string file, Action<string, RunHistory> write) in files)
            write(file, history);
        foreach (string problem in history.Problems)
            session.Output.Note(Harmless.Of($"left out: {problem}"));
        foreach ((string kind, string file, _) in files)
            session.Output.Line($"{kind,-5} {file}");
        LeaderboardTrust[] trust = [.. LeaderboardTrust.Groups(history.Chosen).SelectMany(g => LeaderboardTrust.Of([.. g]))];
        session.Output.Line($"{history.Chosen.Length} runs, {history.Chosen.Sum(r => r.Records.Count)} epochs. {trust[0].Sentence}");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                runs = history.Chosen.Select(r => r.Name),
                files = files.ToDictionary(f => f.Kind, f => Path.GetFullPath(f.File)),
                leftOut = history.Problems,
                trust = trust.Select(t => new { t.Figure, t.Board, t.Runs, t.Pearson, t.Spearman, t.Sentence }),
            });
        }
        return 0;
    }

    // All files are looked at before the first is written.
    private static void Check((string Kind, string File, Action<string, RunHistory> Write)[] files, string? xlsx, string? csv, string? md, string? html)
    {
        if (files.Length == 0)
            throw new GradusException("nothing to write", remedy: "Give one or more of --xlsx, --csv, --md and --html with a file", fault: Fault.Request);
        if (files.GroupBy(f => Path.GetFullPath(f.File)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException("one file cannot be two things", twice.Key, remedy: "Give each option a file of its own", fault: Fault.Request);
        foreach ((string? file, string start) in new[] { (csv, HistoryReport.CsvStart), (md, HistoryReport.MarkdownStart), (html, PageStart) })
        {
            if (file is not null)
                SharedOptions.KeepOthers(file, start);
        }
        if (xlsx is null)
            return;
        if (Directory.Exists(xlsx))
            throw new GradusException("is a folder", xlsx, remedy: "Name a file", fault: Fault.Request);
        if (File.Exists(xlsx) && new FileInfo(xlsx).Length > 0 && !HistoryReport.IsOwnXlsx(xlsx))
            throw new GradusException("is there already and was not written by gradus report, or was saved by another program since", xlsx, remedy: "Choose another name, or remove the file", fault: Fault.Request);
    }
}
