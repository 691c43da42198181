using System.Collections.Immutable;
using System.Globalization;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>The sheets of a history: a row a run, and a row an epoch of a run.</summary>
internal static class RunSheet
{
    /// <summary>How the CSV file of <see cref="Runs"/> begins.</summary>
    public const string FirstTitles = "run,started (UTC),status";

    /// <summary>A row a run with everything that decided it and everything that came of it.</summary>
    public static Worksheet Runs(RunHistory history)
    {
        List<(string, Func<LoggedRun, WorksheetCell?>)> columns =
        [
            ("run", r => WorksheetCell.Of(r.Name)),
            ("started (UTC)", r => new DateCell(r.Info.CreatedUtc)),
            ("status", r => WorksheetCell.Of(r.Status)),
            ("failure", r => WorksheetCell.Of(r.Info.Failure)),
            ("cannot be read", r => WorksheetCell.Of(string.Join("; ", r.Problems))),
            ("parent", r => WorksheetCell.Of(r.Info.Parent?.Run)),
            ("parent's epoch", r => WorksheetCell.Of(r.Info.Parent?.Epoch, NumberFormat.Count)),
            ("lineage", r => WorksheetCell.Of(history.Lineage(r))),
            ("parent saw of validation", r => WorksheetCell.Of(r.Info.Parent?.SeenInValidation, NumberFormat.Count)),
            ("remark", r => WorksheetCell.Of(r.Notes.Remark)),
            ("remarks before", r => WorksheetCell.Of(string.Join("; ", r.Notes.Remarks.SkipLast(1).Select(n => n.Remark)))),
            ("tags", r => WorksheetCell.Of(string.Join(", ", r.Notes.Tags))),
            .. Settings(history.Chosen),
            ("device", r => WorksheetCell.Of(r.Experiment?.Train.Device)),
            .. Counts(history.Chosen),
            ("epochs done", r => WorksheetCell.Of(r.Records.Count, NumberFormat.Count)),
            ("selected epoch", r => WorksheetCell.Of(r.Best?.Epoch, NumberFormat.Count)),
            ("training loss", r => WorksheetCell.Of(r.Best?.Train.Loss, NumberFormat.Metric)),
            ("validation loss", r => WorksheetCell.Of(r.Best?.Validation.Loss, NumberFormat.Metric)),
            .. Metrics("default", b => b.Default),
            .. Metrics("tuned", b => b.Tuned),
            ("cross-fitted QWK", r => WorksheetCell.Of(r.Best?.CrossFittedQwk, NumberFormat.Metric)),
            ("AUC", r => WorksheetCell.Of(r.Best?.Validation.Default.Auc, NumberFormat.Metric)),
            ("tuned thresholds", r => WorksheetCell.Of(r.Best is { } best ? Rule(best.Thresholds) : null)),
            ("public", r => WorksheetCell.Of(r.Notes.Public, NumberFormat.Metric)),
            ("private", r => WorksheetCell.Of(r.Notes.Private, NumberFormat.Metric)),
            ("seconds in epochs", r => WorksheetCell.Of(r.Seconds, NumberFormat.Tenth)),
            ("images/s", r => WorksheetCell.Of(r.ImagesPerSecond, NumberFormat.Tenth)),
            ("data wait", r => WorksheetCell.Of(r.DataWaitFraction, NumberFormat.Percent)),
            ("Gradus", r => WorksheetCell.Of(r.Info.CodeVersion)),
        ];
        return Worksheet.Of("runs", columns, history.Chosen, history.Chosen.Length);
    }

    /// <summary>A row an epoch of a run.</summary>
    public static Worksheet Epochs(RunHistory history)
    {
        List<(string, Func<(LoggedRun Run, EpochRecord Epoch), WorksheetCell?>)> columns =
        [
            ("run", r => WorksheetCell.Of(r.Run.Name)),
            ("epoch", r => WorksheetCell.Of(r.Epoch.Epoch, NumberFormat.Count)),
            ("selected", r => WorksheetCell.Of(r.Epoch == r.Run.Best ? "yes" : null)),
            ("step", r => WorksheetCell.Of(r.Epoch.Step, NumberFormat.Count)),
            ("rate, head", r => WorksheetCell.Of(r.Epoch.LearningRates.Head, NumberFormat.General)),
            ("rate, backbone", r => WorksheetCell.Of(r.Epoch.LearningRates.Backbone, NumberFormat.General)),
            ("training loss", r => WorksheetCell.Of(r.Epoch.Train.Loss, NumberFormat.Metric)),
            ("validation loss", r => WorksheetCell.Of(r.Epoch.Validation.Loss, NumberFormat.Metric)),
            .. Both("training", e => e.Train),
            .. Both("validation", e => e.Validation),
            ("cross-fitted QWK", r => WorksheetCell.Of(r.Epoch.CrossFittedQwk, NumberFormat.Metric)),
            ("validation AUC", r => WorksheetCell.Of(r.Epoch.Validation.Default.Auc, NumberFormat.Metric)),
            ("tuned thresholds", r => WorksheetCell.Of(Rule(r.Epoch.Thresholds))),
            ("outputs that contradict", r => WorksheetCell.Of(r.Epoch.NonMonotoneRate, NumberFormat.Percent)),
            ("drawn a grade", r => WorksheetCell.Of(string.Join(" · ", r.Epoch.Draw.Realised))),
            ("seconds", r => WorksheetCell.Of(r.Epoch.Seconds, NumberFormat.Tenth)),
            ("images/s", r => WorksheetCell.Of(r.Epoch.ImagesPerSecond, NumberFormat.Tenth)),
            ("data wait", r => WorksheetCell.Of(r.Epoch.DataWaitFraction, NumberFormat.Percent)),
        ];
        return Worksheet.Of("epochs", columns, history.Chosen.SelectMany(r => r.Records.Select(e => (r, e))), history.Chosen.Sum(r => r.Records.Count));

        static IEnumerable<(string, Func<(LoggedRun Run, EpochRecord Epoch), WorksheetCell?>)> Both(string name, Func<EpochRecord, SplitRecord> split) =>
        [
            ($"{name} QWK, default", r => WorksheetCell.Of(split(r.Epoch).Default.Qwk, NumberFormat.Metric)),
            ($"{name} QWK, tuned", r => WorksheetCell.Of(split(r.Epoch).Tuned.Qwk, NumberFormat.Metric)),
            ($"{name} accuracy, default", r => WorksheetCell.Of(split(r.Epoch).Default.Accuracy, NumberFormat.Metric)),
            ($"{name} accuracy, tuned", r => WorksheetCell.Of(split(r.Epoch).Tuned.Accuracy, NumberFormat.Metric)),
        ];
    }

    // A column for each setting that some run has; those in which runs differ come first, since they are what one looks for.
    private static IEnumerable<(string, Func<LoggedRun, WorksheetCell?>)> Settings(ImmutableArray<LoggedRun> runs)
    {
        var cells = new Dictionary<LoggedRun, Dictionary<string, WorksheetCell>>(ReferenceEqualityComparer.Instance);
        foreach (LoggedRun run in runs)
        {
            cells[run] = run.Description.Settings
                .Where(s => s.Value != ExperimentDifference.Absent)
                .ToDictionary(s => s.Setting, s => s.IsNumber ? new NumberCell(double.Parse(s.Value, CultureInfo.InvariantCulture), NumberFormat.General) : (WorksheetCell)new TextCell(s.Value));
        }
        return runs.SelectMany(r => cells[r].Keys).Distinct()
            .OrderBy(s => runs.Select(r => cells[r].GetValueOrDefault(s)).Distinct().Count() == 1)
            .Select(s => (s, (Func<LoggedRun, WorksheetCell?>)(r => cells[r].GetValueOrDefault(s))));
    }

    private static IEnumerable<(string, Func<LoggedRun, WorksheetCell?>)> Counts(ImmutableArray<LoggedRun> runs)
    {
        string[] names = [.. runs.SelectMany(r => r.Description.Grades).Distinct()];
        return
        [
            ("training images", r => WorksheetCell.Of(r.Info.Counts.Train.Sum(), NumberFormat.Count)),
            .. names.Select(n => ($"training: {n}", (Func<LoggedRun, WorksheetCell?>)(r => Of(r, r.Info.Counts.Train, n)))),
            ("of them external", r => WorksheetCell.Of(r.Info.Counts.External, NumberFormat.Count)),
            ("of them graded by a model", r => WorksheetCell.Of(r.Info.Counts.Pseudo, NumberFormat.Count)),
            ("validation images", r => WorksheetCell.Of(r.Info.Counts.Validation.Sum(), NumberFormat.Count)),
            .. names.Select(n => ($"validation: {n}", (Func<LoggedRun, WorksheetCell?>)(r => Of(r, r.Info.Counts.Validation, n)))),
            ("left out: conflicting", r => WorksheetCell.Of(r.Info.Counts.Conflicting, NumberFormat.Count)),
            ("left out: unreadable", r => WorksheetCell.Of(r.Info.Counts.Unreadable, NumberFormat.Count)),
        ];

        static WorksheetCell? Of(LoggedRun run, ImmutableArray<int> counts, string name) =>
            run.Description.Grades.IndexOf(name) is var k && k >= 0 && k < counts.Length ? WorksheetCell.Of(counts[k], NumberFormat.Count) : null;
    }

    private static IEnumerable<(string, Func<LoggedRun, WorksheetCell?>)> Metrics(string thresholds, Func<SplitRecord, MetricSet> at)
    {
        return
        [
            Column("QWK", m => m.Qwk),
            Column("QWK, low", m => m.QwkLow),
            Column("QWK, high", m => m.QwkHigh),
            Column("accuracy", m => m.Accuracy),
            Column("mean absolute error", m => m.Mae),
            ($"training QWK, {thresholds}", r => WorksheetCell.Of(r.Best is { } best ? at(best.Train).Qwk : null, NumberFormat.Metric)),
        ];

        (string, Func<LoggedRun, WorksheetCell?>) Column(string name, Func<MetricSet, double?> figure) =>
            ($"{name}, {thresholds}", r => WorksheetCell.Of(r.Best is { } best ? figure(at(best.Validation)) : null, NumberFormat.Metric));
    }

    private static string Rule(DecodingRule rule) => rule.Values.IsEmpty ? "most probable grade" : string.Join(" · ", rule.Values.Select(v => v.ToString("0.000", CultureInfo.InvariantCulture)));
}
