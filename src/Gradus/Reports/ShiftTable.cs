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
    private const string L1 = "L1: the sum of the absolute differences between two distributions, 0 where they are equal, 2 where they have nothing in common.";

    /// <summary>Title of the table of sources.</summary>
    public const string SourcesTitle = "Grades of each source";

    /// <summary>Title of the table of properties.</summary>
    public const string PropertiesTitle = "Images of the test set beside the training images";

    /// <summary>Title of the table of estimates.</summary>
    public const string EstimatesTitle = "Estimated grades of the test set";

    /// <summary>Title of the table of predictions.</summary>
    public const string CountsTitle = "Test images of each grade, by thresholds";

    /// <summary>What its words mean, a sentence or two a line.</summary>
    public ImmutableArray<string> Legend { get; init; } = [];

    /// <summary>All tables that a report has something for, in reading order.</summary>
    public static ImmutableArray<ShiftTable> Of(ShiftReport report) =>
        [Sources(report), Properties(report), .. Adversarial(report), .. Estimates(report), .. Counts(report)];

    private static ShiftTable Sources(ShiftReport report) => new(SourcesTitle,
        ["grade", .. report.Sources.Select(s => $"{s.Name} ({s.Role.ToString().ToLowerInvariant()})")],
        [
            .. report.Scale.Names.Select((name, k) => (ImmutableArray<string>)[$"{k} {name}", .. report.Sources.Select(s => $"{s.Counts[k]} ({ShiftWords.Percent(s.Shares[k])})")]),
            .. IsComparison(report) ? (ImmutableArray<ImmutableArray<string>>)[["L1 to the first source", .. report.Sources.Select(s => ShiftWords.Number(s.Distance))]] : [],
        ])
    {
        Legend = IsComparison(report) ? [L1] : [],
    };

    /// <summary>Whether there is more than one source to compare.</summary>
    internal static bool IsComparison(ShiftReport report) => report.Sources.Length > 1;

    private static ShiftTable Properties(ShiftReport report) => new(PropertiesTitle,
        ["property", "KS", .. Weighted(report) ? (string[])["KS, same grades"] : [], "p", "difference, SD", .. report.ExternalProperties.IsEmpty ? (string[])[] : ["external: KS"], ""],
        [
            .. report.Properties.Select((p, i) => (ImmutableArray<string>)
            [
                p.Property.Words, ShiftWords.Number(p.Distance.Distance), .. p.SameGrades is { } same ? (string[])[ShiftWords.Number(same.Distance)] : [], Small(p.Decisive.P), p.Difference.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture),
                .. report.ExternalProperties.IsEmpty ? (string[])[] : [ShiftWords.Number(report.ExternalProperties[i].Distance.Distance)], p.Drifted ? "drifted" : "",
            ]),
        ],
        Weighted(report) ? "Same grades: the training images are weighted to the estimated grades of the test set, so that other shares of the grades alone give no distance." : null)
    {
        Legend =
        [
            "KS (Kolmogorov-Smirnov): the largest gap between the two sets' cumulative shares of a property, 0 where they are distributed alike, 1 where they do not overlap. p: how likely chance alone makes such a gap between sets that are alike.",
            "Difference, SD: how far the mean of the test images lies above that of the labelled ones, in standard deviations.",
            FormattableString.Invariant($"Drifted: the KS is {PropertyDrift.Smallest:0.00} or more and p is below {PropertyDrift.Chance:0.0000}, which is 0.01 shared by {ImageProperty.All.Length} properties: of many comparisons one looks rare by chance alone."),
        ],
    };

    private static bool Weighted(ShiftReport report) => report.Properties.Any(p => p.SameGrades is not null);

    private static IEnumerable<ShiftTable> Adversarial(ShiftReport report)
    {
        if (report.Adversarial is not { } a)
            yield break;
        yield return new ShiftTable($"Can a classifier tell {a.Test} test images from {a.Labelled} labelled ones by {a.Features}?",
            ["images", "AUC [95 %]"],
            [["as they are", ShiftWords.Auc(a.All)], .. a.SameGrades is { } same ? (ImmutableArray<ImmutableArray<string>>)[["weighted to the same grades", ShiftWords.Auc(same)]] : []],
            $"0.5 is guessing.{ShiftWords.Below(a.Decisive)}")
        {
            Legend =
            [
                FormattableString.Invariant($"AUC: how often the classifier finds a test image more like the test set than a labelled one; 1 is always, 0.5 is guessing; in brackets its 95 % interval. It is judged on images that it has not learnt from, and the sets count as different where the interval lies above {AdversarialValidation.Apart:0.00}."),
                .. a.SameGrades is null ? (string[])[] : ["Weighted to the same grades: labelled images count as often as their grade is estimated to occur in the test set."],
            ],
        };
    }

    private static IEnumerable<ShiftTable> Estimates(ShiftReport report)
    {
        if (report.Labels is not { } labels)
            yield break;
        double[]? truth = report.Truth is { } counts ? [.. SourceShares.Of(counts)] : null;
        ImmutableArray<string> Distance(string what, IReadOnlyList<double> to) => [what, "", ShiftWords.Number(labels.Bbse.DistanceTo(to)), ShiftWords.Number(labels.Em.DistanceTo(to)), .. truth is null ? (string[])[] : [""]];
        yield return new ShiftTable(EstimatesTitle,
            ["grade", "validation", "black box [95 %]", "EM [95 %]", .. truth is null ? (string[])[] : ["truth"]],
            [
                .. report.Scale.Names.Select((name, k) => (ImmutableArray<string>)[$"{k} {name}", Share(labels.Validation[k]), Interval(labels.Bbse, k), Interval(labels.Em, k), .. truth is null ? (string[])[] : [Share(truth[k])]]),
                Distance("L1 to validation", labels.Validation),
                .. truth is null ? (ImmutableArray<ImmutableArray<string>>)[] : [Distance("L1 to the truth", truth)],
                ["trusted", "", Trusted(labels.Bbse), Trusted(labels.Em), .. truth is null ? (string[])[] : [""]],
            ],
            FormattableString.Invariant($"Condition number of the confusion matrix: {labels.Condition:0.0}. The estimates do not look at the truth."))
        {
            Legend =
            [
                "Black box: the shares of the grades that, seen through the network's confusion matrix on validation, give its predictions on the test set. EM (expectation maximisation): the shares under which the network's probabilities, corrected to them, have these shares themselves. In brackets 95 % intervals. Both assume that images of a grade look alike in both sets.",
                FormattableString.Invariant($"Condition number: how much the confusion matrix enlarges noise; 1 for a perfect network, and above {LabelShift.LargestCondition:0} noise decides the estimate."),
                L1,
            ],
        };
    }

    private static IEnumerable<ShiftTable> Counts(ShiftReport report)
    {
        if (report.Thresholds is not { } t)
            yield break;
        // An estimate that is rejected corrects nothing, and says nothing of what to expect.
        bool trusted = report.Labels?.Em.Trusted == true;
        (string Name, ThresholdOutcome Outcome)[] choices = [("default", t.Default), ("tuned", t.Tuned), .. trusted ? ((string, ThresholdOutcome)[])[("corrected", t.Corrected)] : []];
        string[] Truth(string cell) => report.Truth is null ? [] : [cell];
        yield return new ShiftTable(CountsTitle,
            ["grade", .. choices.Select(c => c.Name), .. Truth("truth")],
            [
                .. report.Scale.Names.Select((name, k) => (ImmutableArray<string>)[$"{k} {name}", .. choices.Select(c => $"{c.Outcome.Counts[k]}"), .. Truth($"{report.Truth?[k]}")]),
                .. trusted ? (ImmutableArray<ImmutableArray<string>>)[["expected QWK", .. choices.Select(c => Three(c.Outcome.ExpectedQwk)), .. Truth("")]] : [],
                ["thresholds", .. choices.Select(c => Thresholds(c.Outcome)), .. Truth("")],
            ])
        {
            Legend =
            [
                "Default: the thresholds before any tuning. Tuned: those that are best on validation." + (trusted ? " Corrected: those that are best on validation weighted to the estimated grades of the test set." : " Thresholds corrected for the estimated grades are left out, since the estimate cannot be trusted."),
                .. trusted ? (string[])["Expected QWK (quadratic weighted kappa, 1 where all agree): on validation so weighted, what the test set would give if only the grades' shares changed."] : [],
            ],
        };
    }

    private static string Thresholds(ThresholdOutcome outcome) => outcome.Rule.Values is { IsEmpty: false } values
        ? values.Length > 1 && values.Distinct().Count() == 1 ? $"{Three(values[0])}, shared" : string.Join(" ", values.Select(v => values.Length == 1 ? Three(v) : ShiftWords.Number(v)))
        : "–";

    private static string Interval(ShiftEstimate estimate, int k) => $"{Share(estimate.Distribution[k])} [{Share(estimate.Low[k])}, {Share(estimate.High[k])}]";

    private static string Trusted(ShiftEstimate estimate) => estimate.Trusted ? "yes" : "no";

    private static string Share(double share) => share.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Three(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Small(double p) => p < 0.001 ? "< 0.001" : Three(p);
}
