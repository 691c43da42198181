using System.Collections.Immutable;
using Gradus.Diagnosis;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Thresholds;

namespace Gradus.Reports;

/// <summary>The tables of a report.</summary>
internal static class ReportTables
{
    private const string Undefined = "–";

    /// <summary>The selected epoch at a glance.</summary>
    public static void KeyFigures(HtmlText page, RunInfo info, EpochRecord best)
    {
        MetricSet tuned = best.Validation.Tuned;
        page.Raw("<div class=\"figures\">");
        Figure($"{best.Epoch}", $"selected epoch: {Selection.Describe(info.Experiment.Select.By)}");
        Figure(Share(tuned.Qwk), $"validation QWK, tuned thresholds{Interval(tuned, ", 95 % interval ")}");
        Figure(Share(best.Validation.Default.Qwk), $"validation QWK, default thresholds{Interval(best.Validation.Default, ", 95 % interval ")}");
        if (tuned.Auc is not null)
            Figure(Share(tuned.Auc), "validation AUC");
        Figure(Share(tuned.Accuracy), "validation accuracy, tuned thresholds");
        page.Raw("</div>\n");
        page.Element("p", $"Tuned thresholds: {Rule(best.Thresholds)}. They were fitted to these very validation images, which flatters the figures at tuned thresholds a little.");
        if (ThresholdEffect.Of(best.Validation.Default, tuned).Warning(info.Experiment.Scale.Names) is { } warning)
            page.Element("p", $"Warning: {warning}.", "failure");

        void Figure(string value, string label) => page.Raw("<div>").Element("b", value).Element("span", label).Raw("</div>");
    }

    /// <summary>What the experiment's rule chose, and what each other rule would have chosen; with the counts on swept images where there was a sweep.</summary>
    public static void Choices(HtmlText page, RunFolder run, RunInfo info, IReadOnlyList<EpochRecord> records)
    {
        page.Element("h2", "Selection");
        SelectSpec select = info.Experiment.Select;
        page.Element("p", $"The experiment takes {Selection.Taken(select.By)} and keeps {Selection.KeptInWords(select)}. Other rules would have chosen:");
        RuleChoices(page, info.Experiment, RunDiagnosis.ChoicesOf(new DiagnosisInput(info, records, ImmutableDictionary<int, ScoredImages>.Empty, DiagnosisInput.ReadSweep(info, records, run.SweepFolder), null)));
    }

    /// <summary>The choices of all rules, the experiment's own marked.</summary>
    public static void RuleChoices(HtmlText page, Experiment experiment, ImmutableArray<RuleChoice> choices)
    {
        int own = choices.ToList().FindIndex(c => c.By == experiment.Select.By);
        bool swept = choices.Any(c => c.TestCounts is not null);
        page.Table(
            ["rule", "epoch", "figure", .. swept ? experiment.Scale.Names.Select(n => $"swept: {n}") : []],
            [.. choices.Select(c => (string[])[
                Selection.Describe(c.By), $"{c.Epoch}", Share(c.Value), .. swept ? experiment.Scale.Names.Select((_, k) => c.TestCounts is { } counts ? Chart.Count(counts[k]) : Undefined) : []])],
            own);
        if (swept)
            page.Element("p", "Counts of the last sweep, at each epoch's tuned thresholds; a dash where the epoch's checkpoint was not kept.");
    }

    /// <summary>All metrics of the selected epoch, both splits at both kinds of threshold.</summary>
    public static void Metrics(HtmlText page, EpochRecord best)
    {
        page.Element("h2", $"Metrics, epoch {best.Epoch}");
        page.Table(["split and thresholds", "QWK", "95 % interval", "accuracy", "macro F1", "mean absolute error", "AUC", "loss"],
        [
            Row("validation, default", best.Validation, best.Validation.Default),
            Row("validation, tuned", best.Validation, best.Validation.Tuned),
            Row("training as drawn, default", best.Train, best.Train.Default),
            Row("training as drawn, tuned", best.Train, best.Train.Tuned),
        ]);

        static string[] Row(string name, SplitRecord split, MetricSet m) =>
            [name, Share(m.Qwk), Interval(m), Share(m.Accuracy), Share(m.MacroF1), Share(m.Mae), Share(m.Auc), Share(split.Loss)];
    }

    /// <summary>Each grade of the validation images, at both kinds of threshold.</summary>
    public static void Classes(HtmlText page, EpochRecord best, GradeScale scale)
    {
        page.Element("h2", $"Grades, validation, epoch {best.Epoch}");
        foreach ((string thresholds, MetricSet m) in new[] { ("default", best.Validation.Default), ("tuned", best.Validation.Tuned) })
        {
            page.Element("p", $"At {thresholds} thresholds:");
            page.Table(["grade", "images", "predicted", "sensitivity", "specificity", "precision", "F1"],
            [
                .. m.PerClass.Select((c, k) => (string[])[$"{k} {scale.Names[k]}", Chart.Count(c.Support), Chart.Count(m.PredictedCounts[k]), Share(c.Sensitivity), Share(c.Specificity), Share(c.Precision), Share(c.F1)]),
            ]);
        }
    }

    /// <summary>The images of the run.</summary>
    public static void Counts(HtmlText page, RunInfo info)
    {
        RunCounts counts = info.Counts;
        page.Element("h2", "Images");
        page.Table(["grade", "training", "validation"],
        [
            .. info.Experiment.Scale.Names.Select((name, k) => (string[])[$"{k} {name}", Of(counts.Train, k), Of(counts.Validation, k)]),
            ["all", Chart.Count(counts.Train.Sum()), Chart.Count(counts.Validation.Sum())],
        ]);
        page.Element("p", $"{Chart.Count(counts.External)} of the training images are external{(counts.Pseudo > 0 ? $" and {Chart.Count(counts.Pseudo)} graded by a model" : "")}. Left out: {Chart.Count(counts.Conflicting)} with conflicting grades, {Chart.Count(counts.Unreadable)} unreadable.");

        static string Of(IReadOnlyList<int> perGrade, int k) => k < perGrade.Count ? Chart.Count(perGrade[k]) : Undefined;
    }

    /// <summary>A row an epoch.</summary>
    public static void Epochs(HtmlText page, IReadOnlyList<EpochRecord> records, int selected)
    {
        page.Element("h2", "Epochs");
        page.Table(
            ["epoch", "loss, training", "loss, validation", "QWK default, training", "QWK default, validation", "QWK tuned, training", "QWK tuned, validation", "AUC, validation", "thresholds", "rate, head", "rate, backbone", "seconds"],
            [
                .. records.Select(r => (string[])
                [
                    $"{r.Epoch}", Share(r.Train.Loss), Share(r.Validation.Loss), Share(r.Train.Default.Qwk), Share(r.Validation.Default.Qwk), Share(r.Train.Tuned.Qwk), Share(r.Validation.Tuned.Qwk),
                    Share(r.Validation.Default.Auc), Rule(r.Thresholds), $"{r.LearningRates.Head:0.##e-0}", $"{r.LearningRates.Backbone:0.##e-0}", $"{r.Seconds:0.0}",
                ]),
            ],
            records.ToList().FindIndex(r => r.Epoch == selected));
    }

    private static string Rule(DecodingRule rule)
    {
        if (rule.Values.IsEmpty)
            return "most probable grade";
        bool shared = rule is LeadingOnes && rule.Values.Distinct().Count() == 1;
        return shared ? $"{rule.Values[0]:0.000}" : string.Join(" · ", rule.Values.Select(v => $"{v:0.000}"));
    }

    private static string Share(double? value) => value is { } number ? $"{number:0.0000}" : Undefined;

    private static string Interval(MetricSet m, string before = "") =>
        m is { QwkLow: { } low, QwkHigh: { } high } ? $"{before}{low:0.000} to {high:0.000}" : before.Length == 0 ? Undefined : "";
}
