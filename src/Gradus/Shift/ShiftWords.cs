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

    /// <summary>How the images differ: "brightness KS 0.43, blue cast KS 0.30, AUC 0.98".</summary>
    public static string Drift(ShiftReport report) => string.Join(", ",
    [
        .. report.DriftedAppearance.Select(p => $"{p.Property.Words} KS {Number(p.Decisive.Distance)}"),
        .. report.Adversarial is { } a && a.Decisive.Low > AdversarialValidation.Apart ? (string[])[$"told apart with an AUC of {Number(a.Decisive.Auc)}"] : [],
    ]);

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

    private static ShiftVerdict Images(ShiftReport report)
    {
        if (report.ImagesDrifted)
        {
            return new ShiftVerdict(ShiftVerdictKind.ImageDrift, report.Labels is null
                ? $"The test images look different from the training images: {Drift(report)}. Other shares of the grades may be a part of it; --checkpoint tells the two apart."
                : $"The images drifted: {Drift(report)}. The grades do not explain it. Estimates of the grades assume that images of a grade look alike in both sets, so do not trust them here; normalise the images in the recipe, or train on images like these.");
        }
        string auc = report.Adversarial is { } a ? $" A classifier tells the sets apart with an AUC of {Auc(a.Decisive)}; 0.5 is guessing." : "";
        return new ShiftVerdict(ShiftVerdictKind.NoImageDrift, (report.Labels is null ? "The test images look like the training images." : "The images did not drift by more than their grades explain.") + auc);
    }

    private static ShiftVerdict Labels(ShiftReport report)
    {
        if (report.Labels is not { } labels)
            return new ShiftVerdict(ShiftVerdictKind.LabelShiftUnknown, "How the test set's grades are distributed cannot be told without a network: give a checkpoint with --checkpoint.");
        if (!labels.Em.Trusted && !labels.Bbse.Trusted)
            return new ShiftVerdict(ShiftVerdictKind.LabelShiftUnknown, "How the test set's grades are distributed cannot be told: neither estimate can be trusted.");
        if (!labels.IsShifted)
            return new ShiftVerdict(ShiftVerdictKind.NoLabelShift, "No label shift can be seen: the validation's shares of the grades lie within the intervals of the estimates.");
        string[] grades =
        [
            .. Enumerable.Range(0, report.Scale.Count).Where(k => Outside(labels.Em, labels.Validation[k], k)).Select(k =>
                $"{report.Scale.Names[k]} {Percent(labels.Em.Distribution[k])} ({Percent(labels.Em.Low[k])} to {Percent(labels.Em.High[k])}) instead of {Percent(labels.Validation[k])}"),
        ];
        return new ShiftVerdict(ShiftVerdictKind.LabelShift, $"Label shift is likely. Estimated for the test set: {string.Join(", ", grades)}.");
    }

    private static IEnumerable<ShiftVerdict> Untrusted(ShiftReport report) => report.Labels is not { } labels ? [] :
        ((string, ShiftEstimate)[])[("black-box", labels.Bbse), ("expectation-maximisation", labels.Em)] is var both && both[0].Item2.Reason == both[1].Item2.Reason
            ? labels.Em.Reason is { } common ? [new ShiftVerdict(ShiftVerdictKind.Untrusted, $"Neither estimate can be trusted: {common}.")] : []
            : both.Where(e => !e.Item2.Trusted).Select(e => new ShiftVerdict(ShiftVerdictKind.Untrusted, $"The {e.Item1} estimate cannot be trusted: {e.Item2.Reason}."));

    private static IEnumerable<ShiftVerdict> Thresholds(ShiftReport report)
    {
        if (report.Thresholds is not { } thresholds || report.Labels is not { } labels)
            yield break;
        double gain = thresholds.Corrected.ExpectedQwk - Math.Max(thresholds.Tuned.ExpectedQwk, thresholds.Default.ExpectedQwk);
        string figures = $"QWK {thresholds.Default.ExpectedQwk:0.000} at default, {thresholds.Tuned.ExpectedQwk:0.000} at tuned and {thresholds.Corrected.ExpectedQwk:0.000} at corrected thresholds";
        if (!labels.Em.Trusted)
            yield return new ShiftVerdict(ShiftVerdictKind.Thresholds, "The corrected thresholds rest on an estimate that cannot be trusted: do not use them.");
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
