using System.Collections.Immutable;
using System.Globalization;
using Gradus.Shift;

namespace Gradus.Reports;

/// <summary>A part of a shift report as a table, for the terminal and the page alike.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Columns">Titles of the columns.</param>
/// <param name="Rows">A text a column.</param>
/// <param name="Note">A line below it; null for none.</param>
public sealed record ShiftTable(string Title, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows, string? Note = null)
{
    /// <summary>Title of the table of sources.</summary>
    public const string SourcesTitle = "Grades of each source";

    /// <summary>Title of the table of properties.</summary>
    public const string PropertiesTitle = "Images of the test set beside the training images";

    /// <summary>Title of the table of estimates.</summary>
    public const string EstimatesTitle = "Estimated grades of the test set";

    /// <summary>Title of the table of predictions.</summary>
    public const string CountsTitle = "Test images of each grade, by thresholds";

    /// <summary>All tables that a report has something for, in reading order.</summary>
    public static ImmutableArray<ShiftTable> Of(ShiftReport report) =>
        [Sources(report), Properties(report), .. Adversarial(report), .. Estimates(report), .. Counts(report)];

    private static ShiftTable Sources(ShiftReport report) => new(SourcesTitle,
        ["grade", .. report.Sources.Select(s => $"{s.Name} ({s.Role.ToString().ToLowerInvariant()})")],
        [
            .. report.Scale.Names.Select((name, k) => (ImmutableArray<string>)[$"{k} {name}", .. report.Sources.Select(s => $"{s.Counts[k]} ({ShiftWords.Percent(s.Shares[k])})")]),
            ["L1 to the first source", .. report.Sources.Select(s => ShiftWords.Number(s.Distance))],
        ]);

    private static ShiftTable Properties(ShiftReport report) => new(PropertiesTitle,
        ["property", "KS", .. report.Labels is null ? (string[])[] : ["KS, same grades"], "p", "difference, SD", .. report.ExternalProperties.IsEmpty ? (string[])[] : ["external: KS"], ""],
        [
            .. report.Properties.Select((p, i) => (ImmutableArray<string>)
            [
                p.Property.Words, ShiftWords.Number(p.Distance.Distance), .. p.SameGrades is { } same ? (string[])[ShiftWords.Number(same.Distance)] : [], Small(p.Decisive.P), p.Difference.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture),
                .. report.ExternalProperties.IsEmpty ? (string[])[] : [ShiftWords.Number(report.ExternalProperties[i].Distance.Distance)], p.Drifted ? "drifted" : "",
            ]),
        ],
        report.Labels is null ? null : "Same grades: the training images are weighted to the estimated grades of the test set, so that other shares of the grades alone give no distance.");

    private static IEnumerable<ShiftTable> Adversarial(ShiftReport report)
    {
        if (report.Adversarial is not { } a)
            yield break;
        yield return new ShiftTable("Can a classifier tell test images from labelled ones?",
            ["images", "AUC [95 %]"],
            [["as they are", ShiftWords.Auc(a.All)], .. a.SameGrades is { } same ? (ImmutableArray<ImmutableArray<string>>)[["weighted to the same grades", ShiftWords.Auc(same)]] : []],
            $"0.5 is guessing. {a.Labelled} labelled and {a.Test} test images, by {a.Features}.");
    }

    private static IEnumerable<ShiftTable> Estimates(ShiftReport report)
    {
        if (report.Labels is not { } labels)
            yield break;
        double[]? truth = report.Truth is { } counts ? [.. SourceShares.Of(counts)] : null;
        ImmutableArray<string> L1(string what, IReadOnlyList<double> to) => [what, "", ShiftWords.Number(labels.Bbse.DistanceTo(to)), ShiftWords.Number(labels.Em.DistanceTo(to)), .. truth is null ? (string[])[] : [""]];
        yield return new ShiftTable(EstimatesTitle,
            ["grade", "validation", "black box [95 %]", "EM [95 %]", .. truth is null ? (string[])[] : ["truth"]],
            [
                .. report.Scale.Names.Select((name, k) => (ImmutableArray<string>)[$"{k} {name}", Share(labels.Validation[k]), Interval(labels.Bbse, k), Interval(labels.Em, k), .. truth is null ? (string[])[] : [Share(truth[k])]]),
                L1("L1 to validation", labels.Validation),
                .. truth is null ? (ImmutableArray<ImmutableArray<string>>)[] : [L1("L1 to the truth", truth)],
                ["trusted", "", Trusted(labels.Bbse), Trusted(labels.Em), .. truth is null ? (string[])[] : [""]],
            ],
            $"Condition number of the confusion matrix: {labels.Condition:0.0}. The estimates do not look at the truth.");
    }

    private static IEnumerable<ShiftTable> Counts(ShiftReport report)
    {
        if (report.Thresholds is not { } t)
            yield break;
        string[] Truth(string cell) => report.Truth is null ? [] : [cell];
        yield return new ShiftTable(CountsTitle,
            ["grade", "default", "tuned", "corrected", .. Truth("truth")],
            [
                .. report.Scale.Names.Select((name, k) => (ImmutableArray<string>)[$"{k} {name}", $"{t.Default.Counts[k]}", $"{t.Tuned.Counts[k]}", $"{t.Corrected.Counts[k]}", .. Truth($"{report.Truth?[k]}")]),
                ["expected QWK", Three(t.Default.ExpectedQwk), Three(t.Tuned.ExpectedQwk), Three(t.Corrected.ExpectedQwk), .. Truth("")],
                ["thresholds", Thresholds(t.Default), Thresholds(t.Tuned), Thresholds(t.Corrected), .. Truth("")],
            ]);
    }

    private static string Thresholds(ThresholdOutcome outcome) => outcome.Rule.Values.Distinct().Count() switch
    {
        0 => "–",
        1 => Three(outcome.Rule.Values[0]),
        _ => string.Join(" ", outcome.Rule.Values.Select(ShiftWords.Number)),
    };

    private static string Interval(ShiftEstimate estimate, int k) => $"{Share(estimate.Distribution[k])} [{Share(estimate.Low[k])}, {Share(estimate.High[k])}]";

    private static string Trusted(ShiftEstimate estimate) => estimate.Trusted ? "yes" : "no";

    private static string Share(double share) => share.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Three(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Small(double p) => p < 0.001 ? "< 0.001" : Three(p);
}
