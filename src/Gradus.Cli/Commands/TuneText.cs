using System.Globalization;
using System.Text.Json;
using Gradus.Grading;
using Gradus.Thresholds;

namespace Gradus.Cli.Commands;

/// <summary>What tune says of thresholds.</summary>
internal static class TuneText
{
    public static void Print(Session session, CutPointReport report, TuneSource source)
    {
        (string name, CutPointOptions options) = (report.Options.Metric.Name(), report.Options);
        bool cumulative = report.Rule is LeadingOnes, optimum = options.Choice == CutPointChoice.Optimum;
        string what = report.IsShared ? "One threshold for all outputs" : cumulative ? "A threshold for each output" : "Cut points";
        string choice = options.Choice switch
        {
            CutPointChoice.Shrunk => $"shrunk by {Number(options.Shrink, "0.##")}",
            CutPointChoice.Bootstrap => "median of resamples",
            _ => cumulative && !report.IsShared ? $"the best found from many starts" : "optimum",
        };
        string limits = (options.Ordered ? ", ordered" : "") + (options.Bounds is { } b ? $", within {Number(b.Low, "0.##")} to {Number(b.High, "0.##")}{(cumulative ? "" : " of a step")}" : "");
        session.Output.Line(source.Words);
        session.Output.Heading($"{what}, {report.Images} images of {report.Grades} grades: {choice}{limits}");
        session.Output.Table(
            [cumulative ? "output" : "grades", "default", .. optimum ? (string[])[] : ["optimum"], "chosen", $"{name} within {Number(CutPointReport.Tolerance, "0.###")} of the best"],
            report.Plateaus.Select((plateau, k) => (string[])[
                report.IsShared ? "all" : cumulative ? $"at least {k + 1}" : $"{k} | {k + 1}",
                Number(report.Defaults[k], "0.0"),
                .. optimum ? (string[])[] : [Number(report.Optimum[k])],
                Number(report.Thresholds[k]),
                $"{Number(plateau.Low)} to {Number(plateau.High)}"]),
            numbers: true);
        session.Output.Table(
            [name, "", "95 % interval"],
            [
                [$"default: {report.DefaultOrigin}", Number(report.DefaultValue), ""],
                ["chosen, on the same images (flatters)", Number(report.InSampleValue), ""],
                [$"chosen, on other images ({options.Folds} folds)", Number(report.CrossFitted.Mean), $"{Number(report.CrossFitted.Low)} to {Number(report.CrossFitted.High)}"],
            ],
            numbers: true);
        if (report.Groups is { } groups)
            session.Output.Line($"95 % intervals by resampling {groups} {EvaluationText.Plural(source.GroupedBy ?? "group")}, each with all its images, not {report.Images} images.");
        EffectText.Figures(session.Output, source.Names, ("default", report.Default), ("tuned, same images", report.Tuned), ("tuned, other images", report.CrossFittedFigures));
        EffectText.Warn(session.Output, report.Effect, source.Names, source.Images);
        session.Output.Line(Verdict(report));
        if (report.InSampleValue == 1)
            session.Output.Note($"These scores give every grade exactly. Are these the true grades, or the ones that were predicted from the scores? True grades of another file: --labels.");
    }

    /// <summary>What there is to say where all images have one true grade.</summary>
    public static void PrintOneGrade(Session session, TuneSource source, int grade)
    {
        session.Output.Line(source.Words);
        EffectText.Figures(session.Output, source.Names, ($"default: {source.DefaultOrigin}", source.Default));
        session.Output.Line(NothingToTune(grade));
    }

    /// <summary>The same for --json: no QWK, and the thresholds that there were.</summary>
    public static Dictionary<string, object?> OneGradeDocument(TuneSource source, CutPointOptions options, int grade) => new()
    {
        ["source"] = source.Words,
        ["images"] = source.Count,
        ["metric"] = options.Metric,
        ["thresholds"] = source.DefaultThresholds,
        ["qwk"] = new { @default = (double?)null, inSample = (double?)null, crossFitted = (double?)null },
        ["defaultThresholds"] = source.DefaultThresholds,
        ["defaultBy"] = source.DefaultOrigin,
        ["default"] = source.Default,
        ["tuned"] = source.Default,
        ["verdict"] = NothingToTune(grade),
    };

    /// <summary>What --json prints; the metric stands under its own name.</summary>
    public static Dictionary<string, object?> Document(CutPointReport report, TuneSource source) => new()
    {
        ["source"] = source.Words,
        ["images"] = report.Images,
        ["kind"] = report.IsShared ? "shared" : report.Rule is LeadingOnes ? "per_output" : "cut_points",
        ["choice"] = report.Options.Choice,
        ["metric"] = report.Options.Metric,
        ["thresholds"] = report.Thresholds,
        [JsonNamingPolicy.CamelCase.ConvertName($"{report.Options.Metric}")] = new { @default = report.DefaultValue, inSample = report.InSampleValue, crossFitted = report.CrossFitted },
        ["plateau"] = report.Plateaus,
        ["defaultThresholds"] = report.Defaults,
        ["optimum"] = report.Optimum,
        ["gain"] = new { mean = report.CrossFitted.Mean - report.DefaultValue, low = report.Gain.Low, high = report.Gain.High },
        ["verdict"] = Verdict(report),
        ["folds"] = report.Options.Folds,
        ["seed"] = report.Options.Seed,
        ["defaultBy"] = report.DefaultOrigin,
        ["default"] = report.Default,
        ["tuned"] = report.Tuned,
        ["crossFitted"] = report.CrossFittedFigures,
        ["resampled"] = new { by = report.Groups is null ? "image" : source.GroupedBy ?? "group", units = report.Groups ?? report.Images },
        ["warning"] = report.Effect.Warning(source.Names, source.Images),
    };

    public static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);

    private static string NothingToTune(int grade) =>
        $"All images have grade {grade}, so there is nothing to tune and QWK is undefined; the thresholds stay at the default.";

    private static string Noun(CutPointReport report) => report.Rule is LeadingOnes ? "thresholds" : "cut points";

    private static string Verdict(CutPointReport report)
    {
        double gain = report.CrossFitted.Mean - report.DefaultValue;
        string figures = $"on images that they were not fitted on, {Noun(report)} chosen like this change {report.Options.Metric.Name()} by {Signed(gain)} against the default (95 % interval {Signed(report.Gain.Low)} to {Signed(report.Gain.High)}).";
        if (report.DefaultValue < 0 && report.Options.Metric != ThresholdMetric.Accuracy)
            return $"The scores fall where the grades rise ({report.Options.Metric.Name()} {Number(report.DefaultValue)} at the default): is the sign turned, or the column another one? Thresholds cannot mend that.";
        if (report.Gain.Low > 0)
            return $"Tuning is worth it: {figures}";
        return report.Gain.High < 0
            ? $"Tuning does harm: {figures} Keep the default."
            : $"Whether tuning helps cannot be told from these images: {figures} The default is the safer choice.";
    }

    private static string Signed(double value) => Number(value, "+0.000;-0.000;0.000");
}
