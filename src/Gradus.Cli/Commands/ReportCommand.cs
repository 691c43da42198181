using System.Collections.Immutable;
using System.CommandLine;
using Gradus.Cli.Terminal;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Runs.Index;

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
        Option<bool> noEpochs = new("--no-epochs") { Description = "Leave the row an epoch out of the workbook." };
        var choice = new RunChoice();
        Option<string?> html = new("--html") { Description = "Write a page: runs, validation against leaderboard, logbook.", HelpName = "FILE" };
        var verb = new Verb(
            "report",
            "Writes all runs side by side: a workbook, a table, a logbook, a page.",
            "gradus report --xlsx runs.xlsx --md logbook.md",
            "gradus report --where \"qwk>=0.8\" --where backbone=densenet121 --csv best.csv",
            "gradus report 24-11_mobilenet_v2_f0 24-11_mobilenet_v2_f1 --html runs.html")
        {
            runs, xlsx, csv, md, html, noEpochs, choice.Where, choice.Tag, choice.Status,
        };
        verb.Does((parse, session) =>
        {
            string[] names = parse.GetValue(runs) ?? [];
            if (names.Length > 0 && choice.IsMade(parse))
                throw new GradusException("runs are named or chosen, not both", remedy: "Leave the names out, or --where, --tag and --status", fault: Fault.Request);
            bool without = parse.GetValue(noEpochs);
            if (without && parse.GetValue(xlsx) is null)
                throw new GradusException("--no-epochs is about the workbook", remedy: "Give --xlsx too, or leave it out", fault: Fault.Request);
            Files files = Files.Of(parse.GetValue(xlsx), parse.GetValue(csv), parse.GetValue(md), parse.GetValue(html), !without);
            RunQuery? query = choice.IsMade(parse) ? choice.Query(parse) : null;
            return () => Run(session, files, query is null ? [.. names.Select(session.Run)] : Chosen(session, query));
        });
        return verb;
    }

    private static RunFolder[] Chosen(Session session, RunQuery query)
    {
        using RunIndex index = RunsCommand.Index(session);
        // On a shared server there are runs of other machines, whose folders are not here.
        RunFolder[] chosen = [.. RunsCommand.Rows(session, index, query).Where(r => r.Root == index.Root).Select(r => new RunsFolder(session.Runs).Find(r.Name))];
        return chosen.Length > 0 ? chosen : throw new GradusException("no run is like that", session.Runs, remedy: "gradus runs shows what there is", fault: Fault.Request);
    }

    private static int Run(Session session, Files files, RunFolder[] chosen)
    {
        RunHistory history = session.During(progress =>
        {
            RunHistory read = RunHistory.Read(session.Runs, chosen, progress, session.Cancel);
            foreach ((_, string file, Writer write) in files.Asked)
            {
                session.Cancel.ThrowIfCancellationRequested();
                write(file, read, progress);
            }
            return read;
        });
        foreach (string problem in history.Problems)
            session.Output.Note(Harmless.Of($"left out: {problem}"));
        string[] damaged = RunsText.Damage(session.Output, history.Chosen);
        foreach ((string kind, string file, _) in files.Asked)
            session.Output.Line($"{kind,-5} {file}");
        LeaderboardTrust[] trust = [.. LeaderboardTrust.Groups(history.Chosen).SelectMany(g => LeaderboardTrust.Of([.. g]))];
        session.Output.Line($"{history.Chosen.Length} run{(history.Chosen.Length == 1 ? "" : "s")}, {history.Chosen.Sum(r => r.Records.Count)} epochs. {trust[0].Sentence}");
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                runs = history.Chosen.Select(r => r.Name),
                files = files.Asked.ToDictionary(f => f.Kind, f => Path.GetFullPath(f.File)),
                leftOut = history.Problems,
                damaged,
                trust = trust.Select(t => new { t.Figure, t.Board, t.Runs, t.Pearson, t.Spearman, t.Sentence }),
            });
        }
        return 0;
    }

    private delegate void Writer(string file, RunHistory history, IProgress<WorkProgress> progress);

    /// <summary>What is to be written, looked at before the first file is.</summary>
    private sealed record Files(ImmutableArray<(string Kind, string File, Writer Write)> Asked)
    {
        public static Files Of(string? xlsx, string? csv, string? md, string? html, bool epochs)
        {
            (string Kind, string? File, Writer Write, string[] Endings, string Start)[] kinds =
            [
                ("xlsx", xlsx, (file, history, progress) => HistoryReport.WriteXlsx(file, history, epochs, progress), [".xlsx"], ""),
                ("csv", csv, (file, history, _) => HistoryReport.WriteCsv(file, history), [".csv"], HistoryReport.CsvStart),
                ("md", md, (file, history, _) => HistoryReport.WriteMarkdown(file, history), [".md", ".markdown"], HistoryReport.MarkdownStart),
                ("html", html, (file, history, _) => HistoryReport.WriteHtml(file, history), [".html", ".htm"], PageStart),
            ];
            var asked = kinds.Where(k => k.File is not null).Select(k => (k.Kind, File: k.File!, k.Write, k.Endings, k.Start)).ToArray();
            if (asked.Length == 0)
                throw new GradusException("nothing to write", remedy: "Give one or more of --xlsx, --csv, --md and --html with a file", fault: Fault.Request);
            if (asked.GroupBy(a => Path.GetFullPath(a.File)).FirstOrDefault(g => g.Count() > 1) is { } twice)
                throw new GradusException("one file cannot be two things", twice.Key, remedy: "Give each option a file of its own", fault: Fault.Request);
            foreach ((string kind, string file, _, string[] endings, string start) in asked)
            {
                if (kinds.Any(k => k.Kind != kind && k.Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)))
                    throw new GradusException($"--{kind} is no file that ends with {Path.GetExtension(file)}", file, remedy: $"Name it {Path.GetFileNameWithoutExtension(file)}{endings[0]}", fault: Fault.Request);
                if (start.Length > 0)
                    SharedOptions.KeepOthers(file, start);
            }
            if (xlsx is not null && Directory.Exists(xlsx))
                throw new GradusException("is a folder", xlsx, remedy: "Name a file", fault: Fault.Request);
            if (xlsx is not null && File.Exists(xlsx) && new FileInfo(xlsx).Length > 0 && !HistoryReport.IsOwnXlsx(xlsx))
                throw new GradusException("is there already and was not written by gradus report, or was saved by another program since", xlsx, remedy: "Choose another name, or remove the file", fault: Fault.Request);
            return new Files([.. asked.Select(a => (a.Kind, a.File, a.Write))]);
        }
    }
}
