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

    private const int MostRows = 50, MostStrangers = 5;
    private const string Withdrawn = "none";

    public static Verb Create()
    {
        var choice = new RunChoice();
        Option<string> sort = new("--sort") { Description = "The column or setting to sort by: figures best first, times newest first.", HelpName = "COLUMN", DefaultValueFactory = _ => "created" };
        Option<int?> limit = new("--limit") { Description = $"Runs shown; {MostRows} by default, with --json all.", HelpName = "N" };
        var verb = new Verb(
            "runs",
            "Lists the runs of a folder, and keeps their notes, their descent and their trash.",
            "gradus runs --sort qwk",
            "gradus runs --where backbone=densenet121 --where \"qwk>=0.8\" --where train.top_lr=1e-3",
            "gradus runs note 10-7_densenet121_f0 --public 0.704 --private 0.828 --remark \"larger images\" --tag best")
        {
            Show(), Note(), Tree(), Trash(), Restore(), Reindex(), Generate(), choice.Where, choice.Tag, choice.Status, sort, limit,
        };
        verb.Does((parse, session) =>
        {
            RunQuery query = choice.Query(parse) with { Sort = parse.GetRequiredValue(sort) };
            int? most = parse.GetValue(limit);
            return () => List(session, query, most);
        });
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
        ImmutableArray<IndexedRun> runs = Rows(session, index, query);
        IndexedRun[] shown = [.. runs.Take(limit ?? (session.Output.Json ? int.MaxValue : MostRows))];
        if (session.Output.Json)
        {
            session.Output.Document(new { runs = shown.Select(RunsText.Document), total = runs.Length });
            return 0;
        }
        RunsText.Table(session.Output, shown);
        RunsText.Problems(session.Output, shown);
        if (runs.IsEmpty && query.Tag is { } tag && RunsText.Tags(index.List(new RunQuery())) is { Count: > 0 } tags && !tags.Contains(tag))
            session.Output.Note(Harmless.Of($"No run has the tag '{tag}'; there are {string.Join(", ", tags)}."));
        if (new RunsFolder(session.Runs).Strangers() is { Length: > 0 } strangers)
            session.Output.Note(Harmless.Of($"No run, for want of a run.json: {string.Join(", ", strangers.Take(MostStrangers).Select(Path.GetFileName))}{(strangers.Length > MostStrangers ? $" and {strangers.Length - MostStrangers} more" : "")}."));
        session.Output.Line(runs.Length > shown.Length ? $"{shown.Length} of {runs.Length} runs; --limit shows more." : runs.Length == 1 ? "1 run." : $"{runs.Length} runs.");
        return 0;
    }

    /// <summary>The runs that a query asks for. The first answer after a new version of Gradus, or over many new folders, takes a while.</summary>
    public static ImmutableArray<IndexedRun> Rows(Session session, RunIndex index, RunQuery query) => session.During(progress => index.List(query, progress, session.Cancel));

    private static Argument<string> Run() => new("RUN") { Description = "The name of a run in the folder of runs." };

    private static Verb Show()
    {
        Argument<string> run = Run();
        var verb = new Verb("show", "Shows what a run is, what came of it, and what was noted about it.", "gradus runs show 10-7_densenet121_f0") { run };
        verb.Does((parse, session) =>
        {
            string named = parse.GetRequiredValue(run);
            return () => ShowRun(session, named);
        });
        return verb;
    }

    private static int ShowRun(Session session, string named)
    {
        var runs = new RunsFolder(session.Runs);
        RunFolder folder = runs.Find(named);
        using RunIndex index = Index(session);
        ImmutableArray<IndexedRun> all = Rows(session, index, new RunQuery());
        IndexedRun row = all.First(r => r.Name == folder.Name && r.Root == index.Root);
        string[] children = [.. all.Where(r => r.Root == row.Root && r.Parent == row.Name).Select(r => r.Name)];
        string? parentIs = row.Parent is not { } parent || all.Any(r => r.Root == row.Root && r.Name == parent) ? null : runs.Discarded().Contains(parent) ? "in the trash" : "not here";
        // The row says which file is damaged; what else there is is shown all the same.
        RunNotes notes = RunNotes.ReadOrNone(folder.Root);
        IndexedRun? from = all.FirstOrDefault(r => r.Root == row.Root && r.Name == row.Parent);
        string[] differences = from is null ? [] : [.. row.DifferencesFrom(from).Select(d => $"{d.Setting} {d.After} instead of {d.Before}").DefaultIfEmpty("the same as its parent in every setting")];
        RunsText.Show(session.Output, folder, row, parentIs, differences, children, notes);
        foreach (string sentence in RunProcess.Story(folder).Skip(1))
            session.Output.Line(Harmless.Of($"{sentence}."));
        ComputedBy? by = ComputedBy.Of(folder);
        if (by is not null)
            session.Output.Line(Harmless.Of($"Computed by: {by}"));
        if (session.Output.Json)
        {
            object[] died = [.. RunProcess.AllOf(folder)];
            session.Output.Document(new
            {
                run = RunsText.Document(row), directory = folder.Root, parentIs, differences, children, notes = notes.Notes, died, computedBy = by,
            });
        }
        return 0;
    }

    private static Verb Note()
    {
        Argument<string> run = Run();
        Option<string?> publicScore = new("--public") { Description = "The public score of the leaderboard; none withdraws it.", HelpName = "SCORE" };
        Option<string?> privateScore = new("--private") { Description = "The private score of the leaderboard; none withdraws it.", HelpName = "SCORE" };
        Option<string?> remark = new("--remark") { Description = "A remark; an empty one withdraws those before.", HelpName = "TEXT" };
        Option<string[]> tag = new("--tag") { Description = "A tag to add; may be given several times.", HelpName = "TAG" };
        Option<string[]> untag = new("--untag") { Description = "A tag to take away.", HelpName = "TAG" };
        var verb = new Verb("note", "Writes down scores, remarks and tags with a run. Earlier notes stay.", "gradus runs note 10-7_densenet121_f0 --public 0.704 --remark \"larger images\" --tag best") { run, publicScore, privateScore, remark, tag, untag };
        verb.Does((parse, session) =>
        {
            string named = parse.GetRequiredValue(run);
            (string? open, string? closed, string? text) =
                (parse.GetValue(publicScore), parse.GetValue(privateScore), parse.GetValue(remark));
            (string[] tags, string[] untags) = (parse.GetValue(tag) ?? [], parse.GetValue(untag) ?? []);
            return () => WriteNote(session, named, open, closed, text, tags, untags);
        });
        return verb;
    }

    private static int WriteNote(Session session, string named, string? open, string? closed, string? text, string[] tags, string[] untags)
    {
        RunFolder folder = new RunsFolder(session.Runs).Find(named);
        var note = new RunNote
        {
            At = TimeProvider.System.GetUtcNow(),
            Public = Score("--public", open),
            Private = Score("--private", closed),
            Remark = text,
            Withdraws = [.. new (NoteField Field, bool Off)[] { (NoteField.Public, IsNone(open)), (NoteField.Private, IsNone(closed)), (NoteField.Remark, text?.Trim() is "") }.Where(f => f.Off).Select(f => f.Field)],
            Tags = [.. tags],
            Untags = [.. untags],
        };
        RunNotes notes = RunNotes.Add(folder, note);
        if (RunNotes.Doubt(note) is { } doubt)
            session.Output.Note(doubt);
        RunsText.Notes(session.Output, notes);
        if (session.Output.Json)
            session.Output.Document(new { run = folder.Name, @public = notes.Public, @private = notes.Private, remark = notes.Remark, tags = notes.Tags, notes = notes.Notes });
        return 0;

        static bool IsNone(string? score) => score?.Trim() is "" || Withdrawn.Equals(score, StringComparison.OrdinalIgnoreCase);

        static double? Score(string option, string? stated) => stated is null || IsNone(stated) ? null : SharedOptions.Decimal(option, stated);
    }

    private static Verb Tree()
    {
        var verb = new Verb("tree", "Shows which run was started from which.", "gradus runs tree");
        verb.Does((_, session) => () => ShowTree(session));
        return verb;
    }

    private static int ShowTree(Session session)
    {
        using RunIndex index = Index(session);
        ImmutableArray<RunTreeLine> lines = RunTree.Of(Rows(session, index, new RunQuery()));
        if (session.Output.Json)
            session.Output.Document(lines.Select(l => new { run = l.Run.Name, depth = l.Depth, parent = l.Run.Parent, status = l.Run.Status, parentEpoch = l.Run.ParentEpoch, qwk = l.Run.Qwk }));
        else
            RunsText.Tree(session.Output, lines);
        return 0;
    }

    private static Verb Trash()
    {
        Argument<string[]> names = new("RUN") { Description = "Names of runs in the folder of runs; without any, what is in the trash is listed.", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Verb("trash", $"Moves runs into {RunsFolder.TrashName} in the folder of runs, or lists what is there; nothing is deleted.", "gradus runs trash 10-7_densenet121_f0", "gradus runs trash") { names };
        verb.Does((parse, session) =>
        {
            string[] named = parse.GetValue(names) ?? [];
            return () => Discard(session, named);
        });
        return verb;
    }

    private static int Discard(Session session, string[] named)
    {
        var runs = new RunsFolder(session.Runs);
        if (named.Length == 0)
            return InTrash(session, runs.Discarded());
        // All are looked for before the first is moved.
        string[] found = [.. named.Select(n => runs.Find(n).Name).Distinct()];
        string[] to = [.. found.Select(runs.Discard)];
        foreach (string moved in to)
            session.Output.Line($"Moved to {Harmless.Of(moved)}; gradus runs restore {Harmless.Of(Path.GetFileName(moved))} brings it back.");
        if (session.Output.Json)
            session.Output.Document(new { runs = to.Select(t => new { run = Path.GetFileName(t), directory = t }) });
        return 0;
    }

    private static int InTrash(Session session, ImmutableArray<string> names)
    {
        foreach (string name in names)
            session.Output.Line(Harmless.Of(name));
        session.Output.Line(names.IsEmpty ? "The trash is empty." : $"{names.Length} in the trash; gradus runs restore NAME brings one back.");
        if (session.Output.Json)
            session.Output.Document(new { trash = names });
        return 0;
    }

    private static Verb Restore()
    {
        Argument<string[]> names = new("NAME") { Description = "Names of runs in the trash.", Arity = ArgumentArity.OneOrMore };
        var verb = new Verb("restore", "Brings runs back from the trash.", "gradus runs restore 10-7_densenet121_f0") { names };
        verb.Does((parse, session) =>
        {
            string[] named = parse.GetValue(names) ?? [];
            return () => Return(session, named);
        });
        return verb;
    }

    private static int Return(Session session, string[] named)
    {
        var runs = new RunsFolder(session.Runs);
        RunFolder[] back = [.. named.Distinct().Select(runs.Restore)];
        foreach (RunFolder run in back)
            session.Output.Line($"Back as {Harmless.Of(run.Name)}.");
        if (session.Output.Json)
            session.Output.Document(new { runs = back.Select(b => new { run = b.Name, directory = b.Root }) });
        return 0;
    }

    private static Verb Reindex()
    {
        var verb = new Verb("reindex", "Makes the index anew from the folders. It is never needed for a right answer; listing notices changes by itself.", "gradus runs reindex");
        verb.Does((_, session) => () => Rebuild(session));
        return verb;
    }

    private static int Rebuild(Session session)
    {
        long start = TimeProvider.System.GetTimestamp();
        using RunIndex index = Index(session);
        (int written, int removed) = session.During(progress => index.Rebuild(progress, session.Cancel));
        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        session.Output.Line(string.Create(CultureInfo.InvariantCulture, $"{written} runs read in {seconds:0.0} s; {removed} that are gone were taken out."));
        if (session.Output.Json)
            session.Output.Document(new { written, removed, seconds });
        return 0;
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
            (string folder, long fixes) = (parse.GetRequiredValue(target), parse.GetValue(seed));
            if (runs < 1 || each < 1)
                throw new GradusException("--count and --epochs are at least 1", found: $"{runs} and {each}", fault: Fault.Request);
            return () => Write(session, runs, each, folder, fixes);
        });
        return verb;
    }

    private static int Write(Session session, int runs, int each, string folder, long seed)
    {
        session.During(progress =>
        {
            SyntheticRuns.Write(folder, runs, each, seed, progress, session.Cancel);
            return runs;
        });
        session.Output.Line($"{runs} runs of {each} epochs in {folder}");
        if (session.Output.Json)
            session.Output.Document(new { runs, epochs = each, directory = Path.GetFullPath(folder) });
        return 0;
    }
}
