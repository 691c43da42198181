using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Gradus.Cli.Terminal;
using Gradus.Runs;
using Gradus.Runs.Index;
using Gradus.Runs.Notes;
using Gradus.Synthetic;

namespace Gradus.Cli.Commands;

/// <summary>The verbs over the folder of runs.</summary>
internal static class RunsCommand
{
    /// <summary>The environment variable with the connection string of a shared index.</summary>
    public const string Database = "GRADUS_RUNS_DB";

    private const int MostRows = 50;

    public static Verb Create()
    {
        Option<string[]> where = new("--where") { Description = "Only runs for which this holds: a column or a setting, = != >= <= > <, a value; may be given several times.", HelpName = "CONDITION" };
        Option<string?> tag = new("--tag") { Description = "Only runs with this tag.", HelpName = "TAG" };
        Option<string?> status = new("--status") { Description = "Only runs that are running, finished, failed, stopped or damaged.", HelpName = "STATUS" };
        Option<string> sort = new("--sort") { Description = "The column to sort by: figures best first, times newest first.", HelpName = "COLUMN", DefaultValueFactory = _ => "created" };
        Option<int?> limit = new("--limit") { Description = $"Runs shown; {MostRows} by default, with --json all.", HelpName = "N" };
        var verb = new Verb(
            "runs",
            "Lists the runs of a folder, and keeps their notes, their descent and their trash.",
            "gradus runs --sort qwk",
            "gradus runs --where backbone=densenet121 --where \"qwk>=0.8\" --where train.top_lr=1e-3",
            "gradus runs note 10-7_densenet121_f0 --public 0.704 --private 0.828 --remark \"larger images\" --tag best")
        {
            Show(), Note(), Tree(), Trash(), Restore(), Reindex(), Generate(), where, tag, status, sort, limit,
        };
        verb.Does((parse, session) => parse.GetValue(status) is { } word && !Enum.GetNames<RunStatus>().Append("damaged").Contains(word, StringComparer.OrdinalIgnoreCase)
            ? throw new GradusException("--status is running, finished, failed, stopped or damaged", found: $"'{word}'", fault: Fault.Request)
            : List(
            session,
            new RunQuery { Where = parse.GetValue(where) ?? [], Tag = parse.GetValue(tag), Status = parse.GetValue(status), Sort = parse.GetRequiredValue(sort) },
            parse.GetValue(limit)));
        return verb;
    }

    /// <summary>The index of the session's folder of runs.</summary>
    public static RunIndex Index(Session session)
    {
        RunIndex index = RunIndex.Open(session.Runs, Environment.GetEnvironmentVariable(Database));
        if (index.Note is { } note)
            session.Output.Note(Harmless.Of(note));
        return index;
    }

    private static int List(Session session, RunQuery query, int? limit)
    {
        if (limit is < 1)
            throw new GradusException("--limit is at least 1", found: $"{limit}", fault: Fault.Request);
        using RunIndex index = Index(session);
        ImmutableArray<IndexedRun> runs = index.List(query);
        IndexedRun[] shown = [.. runs.Take(limit ?? (session.Output.Json ? int.MaxValue : MostRows))];
        if (session.Output.Json)
        {
            session.Output.Document(new { runs = shown.Select(RunsText.Document), total = runs.Length });
            return 0;
        }
        RunsText.Table(session.Output, shown);
        RunsText.Problems(session.Output, shown);
        session.Output.Line(runs.Length > shown.Length ? $"{shown.Length} of {runs.Length} runs; --limit shows more." : runs.Length == 1 ? "1 run." : $"{runs.Length} runs.");
        return 0;
    }

    private static Argument<string> Run() => new("RUN") { Description = "The name of a run in the folder of runs." };

    private static Verb Show()
    {
        Argument<string> run = Run();
        var verb = new Verb("show", "Shows what a run is, what came of it, and what was noted about it.", "gradus runs show 10-7_densenet121_f0") { run };
        verb.Does((parse, session) =>
        {
            RunFolder folder = new RunsFolder(session.Runs).Find(parse.GetRequiredValue(run));
            using RunIndex index = Index(session);
            ImmutableArray<IndexedRun> all = index.List(new RunQuery());
            IndexedRun row = all.First(r => r.Name == folder.Name && r.Root == index.Root);
            string[] children = [.. all.Where(r => r.Root == row.Root && r.Parent == row.Name).Select(r => r.Name)];
            RunNotes notes = RunNotes.Read(folder.Root);
            RunsText.Show(session.Output, folder, row, children, notes);
            if (session.Output.Json)
                session.Output.Document(new { run = RunsText.Document(row), directory = folder.Root, children, notes = notes.Notes });
            return 0;
        });
        return verb;
    }

    private static Verb Note()
    {
        Argument<string> run = Run();
        Option<double?> publicScore = SharedOptions.Number("--public", "The public score of the leaderboard.", "SCORE");
        Option<double?> privateScore = SharedOptions.Number("--private", "The private score of the leaderboard.", "SCORE");
        Option<string?> remark = new("--remark") { Description = "A remark.", HelpName = "TEXT" };
        Option<string[]> tag = new("--tag") { Description = "A tag to add; may be given several times.", HelpName = "TAG" };
        Option<string[]> untag = new("--untag") { Description = "A tag to take away.", HelpName = "TAG" };
        var verb = new Verb("note", "Writes down scores, remarks and tags with a run. Earlier notes stay.", "gradus runs note 10-7_densenet121_f0 --public 0.704 --remark \"larger images\" --tag best") { run, publicScore, privateScore, remark, tag, untag };
        verb.Does((parse, session) =>
        {
            RunFolder folder = new RunsFolder(session.Runs).Find(parse.GetRequiredValue(run));
            RunNotes notes = RunNotes.Add(folder, new RunNote
            {
                At = TimeProvider.System.GetUtcNow(),
                Public = parse.GetValue(publicScore),
                Private = parse.GetValue(privateScore),
                Remark = parse.GetValue(remark),
                Tags = [.. parse.GetValue(tag) ?? []],
                Untags = [.. parse.GetValue(untag) ?? []],
            });
            RunsText.Notes(session.Output, notes);
            if (session.Output.Json)
                session.Output.Document(new { run = folder.Name, @public = notes.Public, @private = notes.Private, remark = notes.Remark, tags = notes.Tags, notes = notes.Notes });
            return 0;
        });
        return verb;
    }

    private static Verb Tree()
    {
        var verb = new Verb("tree", "Shows which run was started from which.", "gradus runs tree");
        verb.Does((_, session) =>
        {
            using RunIndex index = Index(session);
            ImmutableArray<RunTreeLine> lines = RunTree.Of(index.List(new RunQuery()));
            if (session.Output.Json)
                session.Output.Document(lines.Select(l => new { run = l.Run.Name, depth = l.Depth, parent = l.Run.Parent, parentEpoch = l.Run.ParentEpoch, qwk = l.Run.Qwk }));
            else
                RunsText.Tree(session.Output, lines);
            return 0;
        });
        return verb;
    }

    private static Verb Trash()
    {
        Argument<string> run = Run();
        var verb = new Verb("trash", $"Moves a run into {RunsFolder.TrashName} in the folder of runs; nothing is deleted.", "gradus runs trash 10-7_densenet121_f0") { run };
        verb.Does((parse, session) =>
        {
            string to = new RunsFolder(session.Runs).Discard(parse.GetRequiredValue(run));
            session.Output.Line($"Moved to {Harmless.Of(to)}; gradus runs restore {Harmless.Of(Path.GetFileName(to))} brings it back.");
            if (session.Output.Json)
                session.Output.Document(new { run = Path.GetFileName(to), directory = to });
            return 0;
        });
        return verb;
    }

    private static Verb Restore()
    {
        Argument<string> run = new("NAME") { Description = "The name of a run in the trash." };
        var verb = new Verb("restore", "Brings a run back from the trash.", "gradus runs restore 10-7_densenet121_f0") { run };
        verb.Does((parse, session) =>
        {
            RunFolder back = new RunsFolder(session.Runs).Restore(parse.GetRequiredValue(run));
            session.Output.Line($"Back as {Harmless.Of(back.Name)}.");
            if (session.Output.Json)
                session.Output.Document(new { run = back.Name, directory = back.Root });
            return 0;
        });
        return verb;
    }

    private static Verb Reindex()
    {
        var verb = new Verb("reindex", "Makes the index anew from the folders. It is never needed for a right answer; listing notices changes by itself.", "gradus runs reindex");
        verb.Does((_, session) =>
        {
            long start = TimeProvider.System.GetTimestamp();
            using RunIndex index = Index(session);
            (int written, int removed) = session.During(progress => index.Rebuild(progress, session.Cancel));
            double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            session.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{written} runs read in {seconds:0.0} s; {removed} that are gone were taken out."));
            if (session.Output.Json)
                session.Output.Document(new { written, removed, seconds });
            return 0;
        });
        return verb;
    }

    private static Verb Generate()
    {
        Option<int> count = new("--count") { Description = "Runs.", HelpName = "N", Required = true };
        Option<string> target = new("--out") { Description = "The folder, absent or empty.", HelpName = "DIR", Required = true };
        Option<int> epochs = new("--epochs") { Description = "Epochs a run.", HelpName = "N", DefaultValueFactory = _ => 50 };
        Option<long> seed = new("--seed") { Description = "Fixes everything.", HelpName = "N" };
        var verb = new Verb("generate", "Writes a history of runs that never took place, to measure with.", "gradus runs generate --count 10000 --out history") { count, target, epochs, seed };
        verb.Hidden = true;
        verb.Does((parse, session) =>
        {
            (int runs, int each) = (parse.GetRequiredValue(count), parse.GetRequiredValue(epochs));
            if (runs < 1 || each < 1)
                throw new GradusException("--count and --epochs are at least 1", found: $"{runs} and {each}", fault: Fault.Request);
            string folder = parse.GetRequiredValue(target);
            session.During(progress =>
            {
                SyntheticRuns.Write(folder, runs, each, parse.GetValue(seed), progress, session.Cancel);
                return runs;
            });
            session.Output.Line($"{runs} runs of {each} epochs in {folder}");
            if (session.Output.Json)
                session.Output.Document(new { runs, epochs = each, directory = Path.GetFullPath(folder) });
            return 0;
        });
        return verb;
    }
}
