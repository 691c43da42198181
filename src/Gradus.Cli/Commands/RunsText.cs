using System.Globalization;
using Gradus.Cli.Terminal;
using Gradus.Runs;
using Gradus.Runs.Index;
using Gradus.Runs.Notes;

namespace Gradus.Cli.Commands;

/// <summary>Runs as tables. Names and remarks can be anything and are shown as <see cref="Harmless"/> text.</summary>
internal static class RunsText
{
    private const int LongestRemark = 40, MostNames = 3;

    public static void Table(Output output, IReadOnlyList<IndexedRun> runs)
    {
        bool machines = runs.Select(r => r.Root).Distinct().Skip(1).Any();
        output.Table(
            ["run", .. machines ? (string[])["where"] : [], "started", "status", "epochs", "best", "QWK [95 %]", "tuned", "AUC", "loss", "public", "private", "tags", "remark"],
            runs.Select(r => (string[])[
                Harmless.Of(r.Name), .. machines ? (string[])[Harmless.Of(r.Root)] : [], Day(r.Created), r.Status, $"{r.Epochs}", r.BestEpoch is { } best ? $"{best}" : "–", Interval(r),
                MetricsText.Number(r.QwkTuned), MetricsText.Number(r.Auc), MetricsText.Number(r.Loss), MetricsText.Number(r.PublicScore), MetricsText.Number(r.PrivateScore),
                Harmless.Of(string.Join(", ", Tags(r))), Short(r.Remark)]));
    }

    /// <summary>Why runs failed, or what of them cannot be read; what is the same for several once.</summary>
    public static void Problems(Output output, IEnumerable<IndexedRun> runs)
    {
        foreach (IGrouping<string?, IndexedRun> alike in runs.Where(r => r.Problem is not null).GroupBy(r => r.Problem))
        {
            string[] names = [.. alike.Select(r => r.Name)];
            output.Line(Harmless.Of($"{string.Join(", ", names.Take(MostNames))}{(names.Length > MostNames ? $" and {names.Length - MostNames} more" : "")}: {alike.Key}"));
        }
    }

    /// <summary>
    /// Says of what the process of a run died, and how often that has happened; nothing of a run that did not.
    /// </summary>
    public static void Deaths(Output output, RunFolder run)
    {
        foreach (string sentence in RunProcess.Story(run))
            output.Note(Harmless.Of($"{sentence}."));
    }

    /// <summary>Says which runs are there only in part, and why.</summary>
    public static string[] Damage(Output output, IEnumerable<LoggedRun> runs)
    {
        string[] damaged = [.. runs.SelectMany(r => r.Damage.Select(d => $"{r.Name}: {d}"))];
        foreach (string damage in damaged)
            output.Note(Harmless.Of($"only in part: {damage}"));
        return damaged;
    }

    public static void Show(Output output, RunFolder folder, IndexedRun run, string? parentIs, IReadOnlyList<string> differences, IReadOnlyList<string> children, RunNotes notes)
    {
        output.Heading(Harmless.Of(run.Name));
        output.Line($"Status: {run.Status}   started {Day(run.Created)}{(run.Seconds is { } s ? $", {TimeSpan.FromSeconds(Math.Round(s))} to its end" : "")}");
        if (run.Problem is { } problem)
            output.Line($"  {Harmless.Of(problem)}");
        output.Line($"Network: {Harmless.Of(run.Backbone ?? "–")}   target {run.Target ?? "–"}   fold {(run.Fold is { } fold ? $"{fold}" : "–")}   seed {(run.Seed is { } seed ? $"{seed}" : "–")}");
        output.Line($"Parent: {(run.Parent is { } parent ? $"{Harmless.Of(parent)}, epoch {run.ParentEpoch}{(parentIs is null ? "" : $" ({parentIs})")}" : "–")}   children: {(children.Count == 0 ? "–" : Harmless.Of(string.Join(", ", children)))}");
        foreach (string difference in differences)
            output.Line(Harmless.Of($"  {difference}"));
        output.Line($"Validation, epoch {(run.BestEpoch is { } best ? $"{best}" : "–")}, {run.Epochs} recorded: QWK {Interval(run)}, tuned {MetricsText.Number(run.QwkTuned)}, AUC {MetricsText.Number(run.Auc)}, accuracy {MetricsText.Number(run.Accuracy)}, loss {MetricsText.Number(run.Loss)}");
        Notes(output, notes);
        output.Line($"Folder: {Harmless.Of(folder.Root)}");
    }

    public static void Notes(Output output, RunNotes notes)
    {
        output.Line($"Leaderboard: public {MetricsText.Number(notes.Public)}, private {MetricsText.Number(notes.Private)}   tags: {(notes.Tags.Count == 0 ? "–" : Harmless.Of(string.Join(", ", notes.Tags)))}");
        foreach (RunNote note in notes.Notes)
        {
            string[] parts =
            [
                .. note.Public is { } a ? (string[])[string.Create(CultureInfo.InvariantCulture, $"public {a}")] : [],
                .. note.Private is { } b ? (string[])[string.Create(CultureInfo.InvariantCulture, $"private {b}")] : [],
                .. note.Withdraws.Select(w => $"{w.ToString().ToLowerInvariant()} withdrawn"),
                .. note.Tags.Select(t => $"+{t}"),
                .. note.Untags.Select(t => $"-{t}"),
                .. note.Remark is { } remark ? (string[])[remark] : [],
            ];
            output.Line($"  {note.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}  {Harmless.Of(string.Join("; ", parts))}");
        }
    }

    public static void Tree(Output output, IEnumerable<RunTreeLine> lines)
    {
        foreach (RunTreeLine line in lines)
        {
            string from = line.Run.Parent is { } parent ? line.Depth == 0 ? $"  from {parent}, which is not here" : $"  from epoch {line.Run.ParentEpoch}" : "";
            output.Line($"{new string(' ', 2 * line.Depth)}{(line.Depth > 0 ? "└ " : "")}{Harmless.Of(line.Run.Name)}  {line.Run.Status}  QWK {Interval(line.Run)}{Harmless.Of(from)}");
        }
    }

    public static object Document(IndexedRun r) => new
    {
        name = r.Name, r.Root, r.Created, r.Ended, r.Status, r.Problem, r.Backbone, r.Fold, r.Seed, r.Target, r.Parent, r.ParentEpoch, r.Epochs, r.BestEpoch,
        r.Qwk, r.QwkLow, r.QwkHigh, r.QwkTuned, r.Auc, r.Accuracy, r.Loss, r.ImagesPerSecond, r.Seconds, tags = Tags(r), r.Remark, r.PublicScore, r.PrivateScore,
    };

    /// <summary>Every tag that some run has.</summary>
    public static IReadOnlyCollection<string> Tags(IEnumerable<IndexedRun> runs) => new SortedSet<string>(runs.SelectMany(Tags), StringComparer.Ordinal);

    private static string[] Tags(IndexedRun run) => run.Tags.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static string Interval(IndexedRun r) => r is { QwkLow: { } low, QwkHigh: { } high } ? $"{MetricsText.Number(r.Qwk)} [{low:0.000}, {high:0.000}]" : MetricsText.Number(r.Qwk);

    private static string Day(string? iso) => iso is { Length: >= 16 } ? iso[..16].Replace('T', ' ') : "–";

    private static string Short(string? text)
    {
        string plain = Harmless.Of(text ?? "");
        return plain.Length <= LongestRemark ? plain : plain[..(LongestRemark - 1)] + "…";
    }
}
