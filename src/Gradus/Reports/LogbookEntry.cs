using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Metrics;
using Gradus.Runs;
using Gradus.Runs.Notes;

namespace Gradus.Reports;

/// <summary>What the logbook says about a run.</summary>
/// <param name="At">When the run was started.</param>
/// <param name="Name">The run.</param>
/// <param name="Lines">What it was, on which images, what came of it, what was odd: a line each.</param>
/// <param name="Remarks">What a person wrote, a remark each.</param>
public sealed record LogbookEntry(DateTimeOffset At, string Name, ImmutableArray<string> Lines, ImmutableArray<string> Remarks)
{
    // Above this share of the training time, loading is what a run waited for.
    private const double LongWait = 0.3;
    private const double ManyContradictions = 0.1;

    /// <summary>The entry of a run.</summary>
    public static LogbookEntry Of(RunHistory history, LoggedRun run) => new(
        run.Info.CreatedUtc,
        run.Name,
        [Progress(run), Difference(history, run), Data(run.Info.Counts, run.Description.Grades), .. Result(history, run), .. Odd(run), .. Noted(run.Notes)],
        [.. run.Notes.Remarks.Select(n => $"{n.At.UtcDateTime:yyyy-MM-dd HH:mm}: {n.Remark}")]);

    private static string Progress(LoggedRun run)
    {
        string status = run.Info.Status switch
        {
            RunStatus.Finished => "Finished",
            RunStatus.Failed => "Failed",
            RunStatus.Stopped => "Stopped by its user",
            RunStatus.Died => "Died",
            _ => "Under way",
        };
        string rate = run.ImagesPerSecond is { } images ? $", {images:0.0} images/s" : "";
        string damaged = run.Damage.IsEmpty ? "" : "Damaged. ";
        return $"{damaged}{status}: {run.Records.Count} of {run.Description.Setting("train.epochs") ?? "an unknown number of"} epochs{(run.Seconds is { } seconds ? $" in {Duration(seconds)}{rate}" : "")}. Gradus {CodeVersion.Brief(run.Info.CodeVersion)}.";
    }

    private static string Difference(RunHistory history, LoggedRun run)
    {
        if (run.Info.Parent is { } parent)
        {
            string from = $"Continued from epoch {parent.Epoch} of {parent.Run}";
            return history.Find(parent.Run) is { } known
                ? $"{from}: {Same("its parent", known, run)}"
                : $"{from}, which is not in the folder of runs, with a learning rate of {parent.TopLr:0.######}.";
        }
        string backbone = run.Backbone ?? "a backbone that is not known";
        if (history.Before(run) is { } before)
            return $"Beside {before.Name}, the run before with {backbone}: {Same("it", before, run)}";
        if (run.Experiment is not { } now)
            return $"The first run with {backbone}.";
        return $"The first run with {backbone}: {InWords.Of(now.Model)}; {InWords.Of(now.Target)}; {InWords.Of(now.Train.Optimizer)}; learning rate {now.Train.TopLr:0.######}, {InWords.Of(now.Train.Schedule)}; {InWords.Of(now.Sampling)}.";
    }

    private static string Same(string asWhat, LoggedRun before, LoggedRun now)
    {
        ImmutableArray<SettingDifference> differences = ExperimentDifference.Between(before.Description.Settings, now.Description.Settings);
        return differences.IsEmpty
            ? $"the same as {asWhat} in every setting."
            : $"the same as {asWhat}, but {string.Join("; ", differences.Select(d => $"{d.Setting} {d.After} instead of {d.Before}"))}.";
    }

    private static string Data(RunCounts counts, ImmutableArray<string> grades)
    {
        string beside = (counts.External, counts.Pseudo) switch
        {
            (0, 0) => "",
            (var external, 0) => $", {external} of them external",
            (var external, var pseudo) => $", {external} of them external and {pseudo} graded by a model",
        };
        string leftOut = counts.Conflicting + counts.Unreadable == 0 ? "" : $" Left out: {counts.Conflicting} with conflicting grades, {counts.Unreadable} unreadable.";
        return $"Images: {counts.Train.Sum()} to train on ({Grades(counts.Train)}){beside}, {counts.Validation.Sum()} to validate on ({Grades(counts.Validation)}).{leftOut}";

        string Grades(ImmutableArray<int> images) => string.Join(", ", images.Select((n, k) => $"{(k < grades.Length ? grades[k] : $"{k}")} {n}"));
    }

    private static IEnumerable<string> Result(RunHistory history, LoggedRun run)
    {
        if (run.Best is not { } best)
            return [run.Records.Count == 0 ? "No epoch ended, so there is no result." : "No epoch was selected, so there is no result."];
        string cross = best.CrossFittedQwk is { } figure ? $"; cross-fitted {figure:0.000}" : "";
        string auc = best.Validation.Default.Auc is { } area ? $"; AUC {area:0.000}" : "";
        string line = $"Result: epoch {best.Epoch}, {(run.Experiment is { } experiment ? Selection.Taken(experiment.Select.By) : "as it was selected then")}: validation QWK {Figure(best.Validation.Default)} at default and {Figure(best.Validation.Tuned)} at tuned thresholds{cross}{auc}.";
        if (run.Info.Parent is { } parent && history.Find(parent.Run)?.Best is { } old)
            line += $" Its parent's selected epoch: {Figure(old.Validation.Default)} at default and {Figure(old.Validation.Tuned)} at tuned thresholds.";
        return [line];
    }

    private static IEnumerable<string> Odd(LoggedRun run)
    {
        var odd = new List<string>();
        if (run.Info.Failure is { } failure)
            odd.Add(run.Info.Status == RunStatus.Died ? failure : $"it failed: {failure.TrimEnd('.')}");
        odd.AddRange(run.Problems);
        if (run.Records.Where(r => r.Train.Loss is null || r.Validation.Loss is null).Select(r => r.Epoch).ToArray() is { Length: > 0 } diverged)
            odd.Add($"it diverged: the loss was not finite in {(diverged.Length == 1 ? "epoch" : "epochs")} {string.Join(", ", diverged)}");
        if (run.Info.Parent is { SeenInValidation: > 0 } parent)
            odd.Add($"{parent.SeenInValidation} of the validation images were among those that its parent learnt, which flatters every figure");
        if (run.Best is { } best && run.Records.Count > 1 && run.Info.Status == RunStatus.Finished && best.Epoch == run.Records[^1].Epoch)
            odd.Add("the last epoch was the best, so that more of them may be better");
        if (run.DataWaitFraction > LongWait)
            odd.Add($"{run.DataWaitFraction:0%} of the training time was spent waiting for images");
        if (run.Best?.NonMonotoneRate > ManyContradictions)
            odd.Add($"the outputs of {run.Best.NonMonotoneRate:0%} of the validation images contradict each other");
        return odd.Count == 0 ? [] : [$"Odd: {string.Join("; ", odd)}."];
    }

    private static IEnumerable<string> Noted(RunNotes notes)
    {
        string[] scores = [.. new[] { ("public", notes.Public), ("private", notes.Private) }.Where(s => s.Item2 is not null).Select(s => $"{s.Item1} {s.Item2:0.0####}")];
        if (scores.Length > 0)
            yield return $"Leaderboard: {string.Join(", ", scores)}.";
        if (notes.Tags.Count > 0)
            yield return $"Tags: {string.Join(", ", notes.Tags)}.";
    }

    private static string Figure(MetricSet m) => m is { QwkLow: { } low, QwkHigh: { } high } ? $"{m.Qwk:0.000} (95 % interval {low:0.000} to {high:0.000})" : m.Qwk is { } qwk ? $"{qwk:0.000}" : "–";

    private static string Duration(double seconds) => TimeSpan.FromSeconds(Math.Round(seconds)) switch
    {
        { TotalHours: >= 1 } t => $"{(int)t.TotalHours} h {t.Minutes} min",
        { TotalMinutes: >= 1 } t => $"{t.Minutes} min {t.Seconds} s",
        _ => $"{seconds:0.0} s",
    };
}
