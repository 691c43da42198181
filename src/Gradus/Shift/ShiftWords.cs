using System.Collections.Immutable;
using System.Globalization;

namespace Gradus.Shift;

/// <summary>Says what the numbers mean.</summary>
internal static class ShiftWords
{
    private const double WorthTuning = 0.005;

    /// <summary>A share as a whole number of percent.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");

    /// <summary>A number with two decimals.</summary>
    public static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>An AUC with its interval.</summary>
    public static string Auc(AucInterval auc) => $"{Number(auc.Auc)} [{Number(auc.Low)}, {Number(auc.High)}]";

    /// <summary>What an AUC that does not reach 0.5 means; empty for others.</summary>
    public static string Below(AucInterval auc) => auc.Auc < 0.5 ? " Below 0.5 is no better than guessing; it is below by chance." : "";

    /// <summary>All verdicts, the most important first.</summary>
    public static ImmutableArray<ShiftVerdict> Verdicts(ShiftReport report) =>
    [
        Images(report),
        Labels(report),
        .. Untrusted(report),
        .. Thresholds(report),
        .. Sizes(report),
        .. External(report),
    ];

    // What differs, what the classifier says of it, and what follows from both.
    private static ShiftVerdict Images(ShiftReport report)
    {
        PropertyDrift[] drifted = [.. report.DriftedAppearance];
        bool apart = report.Adversarial?.Decisive.Low > AdversarialValidation.Apart, explained = report.Labels?.Em.Trusted == true;
        string beyond = explained ? " by more than the grades explain" : "";
        string properties = drifted.Length > 0
            ? $"The test images differ from the labelled ones{beyond} in {string.Join(", ", drifted.Select(p => $"{p.Property.Words} (KS {Number(p.Decisive.Distance)})"))}."
            : $"No property of the images' looks differs{beyond}.";
        string classifier = report.Adversarial is not { } a ? "" : $" By {a.Features}, a classifier {(apart ? "tells" : a.Decisive.BeatsGuessing ? "hardly tells" : "does not tell")} the sets apart: AUC {Auc(a.Decisive)}, and 0.5 is guessing.{Below(a.Decisive)}";
        if (!report.ImagesDrifted)
            return new ShiftVerdict(ShiftVerdictKind.NoImageDrift, $"{properties}{classifier} So no drift of the images can be seen.");
        string follows = (drifted.Length > 0, apart) switch
        {
            (true, false) when report.Adversarial is not null => "So single properties drifted, and the images as a whole did not drift so far that the sets could be told apart.",
            (false, _) => "So the images drifted in something that none of these properties measures.",
            _ => "So the images drifted.",
        };
        string grades = report.Labels is null
            ? "Other shares of the grades may be a part of it; --checkpoint tells the two apart."
            : "Estimates of the grades assume that images of a grade look alike in both sets, so do not trust them here; normalise the images in the recipe, or train on images like these.";
        return new ShiftVerdict(ShiftVerdictKind.ImageDrift, $"{properties}{classifier} {follows} {grades}");
    }

    private static ShiftVerdict Labels(ShiftReport report)
    {
        if (report.Labels is not { } labels)
            return new ShiftVerdict(ShiftVerdictKind.LabelShiftUnknown, "How the test set's grades are distributed cannot be told without a network: give a checkpoint with --checkpoint.");
        if (!labels.Em.Trusted && !labels.Bbse.Trusted)
            return new ShiftVerdict(ShiftVerdictKind.LabelShiftUnknown, $"How the test set's grades are distributed cannot be told, since neither estimate can be trusted: {Doubts(labels)}.");
        if (!labels.IsShifted)
            return new ShiftVerdict(ShiftVerdictKind.NoLabelShift, "No label shift can be seen: the validation's shares of the grades lie within the intervals of the estimates.");
        string[] grades =
        [
            .. Enumerable.Range(0, report.Scale.Count).Where(k => Outside(labels.Em, labels.Validation[k], k)).Select(k =>
                $"{report.Scale.Names[k]} {Percent(labels.Em.Distribution[k])} ({Percent(labels.Em.Low[k])} to {Percent(labels.Em.High[k])}) instead of {Percent(labels.Validation[k])}"),
        ];
        return new ShiftVerdict(ShiftVerdictKind.LabelShift, $"Label shift is likely. Estimated for the test set: {string.Join(", ", grades)}.");
    }

    private static string Doubts(LabelShift labels) => string.Join("; ",
    [
        .. labels.Em.Doubts.Intersect(labels.Bbse.Doubts),
        .. labels.Bbse.Doubts.Except(labels.Em.Doubts).Select(d => $"black box: {d}"),
        .. labels.Em.Doubts.Except(labels.Bbse.Doubts).Select(d => $"expectation maximisation: {d}"),
    ]);

    // Where neither can be trusted, the verdict on the grades says so.
    private static IEnumerable<ShiftVerdict> Untrusted(ShiftReport report) => report.Labels is not { } labels || labels.Em.Trusted == labels.Bbse.Trusted ? [] :
        [new ShiftVerdict(ShiftVerdictKind.Untrusted, $"The {(labels.Em.Trusted ? "black-box" : "expectation-maximisation")} estimate cannot be trusted: {labels.Em.Reason ?? labels.Bbse.Reason}.")];

    private static IEnumerable<ShiftVerdict> Thresholds(ShiftReport report)
    {
        if (report.Thresholds is not { } thresholds || report.Labels is not { } labels)
            yield break;
        double gain = thresholds.Corrected.ExpectedQwk - Math.Max(thresholds.Tuned.ExpectedQwk, thresholds.Default.ExpectedQwk);
        string figures = $"QWK {thresholds.Default.ExpectedQwk:0.000} at default, {thresholds.Tuned.ExpectedQwk:0.000} at tuned and {thresholds.Corrected.ExpectedQwk:0.000} at corrected thresholds";
        if (!labels.Em.Trusted)
            yield return new ShiftVerdict(ShiftVerdictKind.Thresholds, "Thresholds corrected for other shares of the grades would rest on an estimate that cannot be trusted: do not use them.");
        else if (gain >= WorthTuning)
            yield return new ShiftVerdict(ShiftVerdictKind.Thresholds, $"If only the grades' shares changed, the test set would give {figures} (fitted on the same images, so the gain is flattered).");
        else
            yield return new ShiftVerdict(ShiftVerdictKind.Thresholds, $"Correcting the thresholds gains nothing worth having: expected are {figures}.");
    }

    private static IEnumerable<ShiftVerdict> Sizes(ShiftReport report)
    {
        PropertyDrift[] sizes = [.. report.Properties.Where(p => p.Drifted && !p.Property.IsAppearance)];
        if (sizes.Length > 0)
            yield return new ShiftVerdict(ShiftVerdictKind.SizeDrift, $"The pictures' geometry differs: {string.Join(", ", sizes.Select(p => $"{p.Property.Words} KS {Number(p.Decisive.Distance)}"))}. Cropping and resizing even it out, but it hints at other cameras.");
    }

    private static IEnumerable<ShiftVerdict> External(ShiftReport report)
    {
        PropertyDrift[] drifted = [.. report.ExternalProperties.Where(p => p.Drifted && p.Property.IsAppearance)];
        if (drifted.Length > 0)
            yield return new ShiftVerdict(ShiftVerdictKind.External, $"The external images look different from the main ones: {string.Join(", ", drifted.Select(p => $"{p.Property.Words} KS {Number(p.Distance.Distance)}"))}. Other shares of the grades may be a part of it.");
    }

    private static bool Outside(ShiftEstimate estimate, double share, int k) => share < estimate.Low[k] || share > estimate.High[k];
}
