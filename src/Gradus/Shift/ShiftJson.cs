using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Shift;

/// <summary>A shift report as the one document that <c>gradus shift --json</c> writes.</summary>
/// <param name="Scale">The grades.</param>
/// <param name="Checkpoint">Run and epoch; null without one.</param>
/// <param name="Sources">Each source with grades.</param>
/// <param name="Properties">Test against training.</param>
/// <param name="Adversarial">Null where a side has too few images.</param>
/// <param name="LabelShift">Null without a checkpoint.</param>
/// <param name="Counts">Test images of each grade; null without a checkpoint.</param>
/// <param name="Truth">(K) true grades of the test images, where they are known.</param>
/// <param name="Verdicts">In words.</param>
public sealed record ShiftJson(
    ImmutableArray<string> Scale,
    string? Checkpoint,
    ImmutableArray<ShiftJson.SourceEntry> Sources,
    ImmutableArray<ShiftJson.PropertyEntry> Properties,
    ShiftJson.AdversarialEntry? Adversarial,
    ShiftJson.LabelEntry? LabelShift,
    ShiftJson.CountsEntry? Counts,
    ImmutableArray<int>? Truth,
    ImmutableArray<ShiftVerdict> Verdicts)
{
    /// <summary>The JSON view of a report.</summary>
    public static ShiftJson Of(ShiftReport report) => new(
        report.Scale.Names,
        report.Checkpoint,
        [.. report.Sources.Select(s => new SourceEntry(s.Name, s.Role, s.Counts, s.Distance))],
        [.. report.Properties.Select((p, i) => new PropertyEntry(
            p.Property.Name, p.Distance.Distance, p.Distance.P, p.SameGrades?.Distance, p.SameGrades?.P, p.Difference, p.Drifted, p.Property.IsAppearance,
            report.ExternalProperties.IsEmpty ? null : new ExternalEntry(report.ExternalProperties[i].Distance.Distance, report.ExternalProperties[i].Distance.P, report.ExternalProperties[i].Difference, report.ExternalProperties[i].Drifted)))],
        report.Adversarial is { } a
            ? new AdversarialEntry(a.All.Auc, a.All.Low, a.All.High, a.SameGrades, a.Features, a.Labelled, a.Test, Telling(a, true), Telling(a, false))
            : null,
        report.Labels is { } labels
            ? new LabelEntry(labels.IsShifted, labels.Validation, Entry(labels.Bbse), Entry(labels.Em), labels.Condition, labels.Fit)
            : null,
        report.Thresholds is { } t
            ? new CountsEntry(t.Default.Counts, t.Tuned.Counts, t.Corrected.Counts, new QwkEntry(t.Default.ExpectedQwk, t.Tuned.ExpectedQwk, t.Corrected.ExpectedQwk), t.Corrected.Rule)
            : null,
        report.Truth,
        report.Verdicts);

    private static ImmutableArray<TellingEntry> Telling(AdversarialValidation adversarial, bool test) =>
        [.. adversarial.Telling.Where(t => t.IsTest == test).Select(t => new TellingEntry(t.Image.Id.Value, t.Image.Source, t.Probability))];

    private static EstimateEntry Entry(ShiftEstimate estimate) => new(estimate.Distribution, estimate.Low, estimate.High, estimate.Trusted, estimate.Reason);

    /// <summary>A source with grades.</summary>
    /// <param name="Name">The source.</param>
    /// <param name="Role">What it is for.</param>
    /// <param name="Counts">(K) images.</param>
    /// <param name="Distance">L1 to the first main source, 0 to 2.</param>
    public sealed record SourceEntry(string Name, SourceRole Role, ImmutableArray<int> Counts, double Distance);

    /// <summary>A property of the test images beside the training images'.</summary>
    /// <param name="Name">In snake_case.</param>
    /// <param name="Distance">Kolmogorov-Smirnov.</param>
    /// <param name="P">Of chance.</param>
    /// <param name="SameGradesDistance">To the training images weighted to the estimated grades; null without an estimate.</param>
    /// <param name="SameGradesP">Of chance.</param>
    /// <param name="Difference">Of the means, in standard deviations.</param>
    /// <param name="Drifted">More than grades and chance explain.</param>
    /// <param name="Appearance">False for sizes, which a recipe evens out.</param>
    /// <param name="External">The external images; null without any.</param>
    public sealed record PropertyEntry(string Name, double Distance, double P, double? SameGradesDistance, double? SameGradesP, double Difference, bool Drifted, bool Appearance, ExternalEntry? External);

    /// <summary>A property of the external images beside the training images'.</summary>
    /// <param name="Distance">Kolmogorov-Smirnov.</param>
    /// <param name="P">Of chance.</param>
    /// <param name="Difference">Of the means, in standard deviations.</param>
    /// <param name="Drifted">More than chance explains.</param>
    public sealed record ExternalEntry(double Distance, double P, double Difference, bool Drifted);

    /// <summary>How well a classifier tells the sets apart.</summary>
    /// <param name="Auc">Of the images as they are.</param>
    /// <param name="Low">Lower end of the 95 % interval.</param>
    /// <param name="High">Upper end.</param>
    /// <param name="SameGrades">With the labelled images weighted to the estimated grades; null without an estimate.</param>
    /// <param name="Features">Where the features come from.</param>
    /// <param name="Labelled">Images compared.</param>
    /// <param name="Test">With how many.</param>
    /// <param name="TellingTest">Test images that look least like labelled ones.</param>
    /// <param name="TellingTraining">Labelled images that look most like test images.</param>
    public sealed record AdversarialEntry(
        double Auc, double Low, double High, AucInterval? SameGrades, string Features, int Labelled, int Test, ImmutableArray<TellingEntry> TellingTest, ImmutableArray<TellingEntry> TellingTraining);

    /// <summary>An image and how much it looks like one of the test set.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Source">Its source.</param>
    /// <param name="Probability">0 to 1.</param>
    public sealed record TellingEntry(string Id, string Source, double Probability);

    /// <summary>Both estimates of the test set's grades.</summary>
    /// <param name="Likely">The validation's shares lie outside both.</param>
    /// <param name="Validation">(K) its shares.</param>
    /// <param name="Bbse">Black-box shift estimation.</param>
    /// <param name="Em">Expectation maximisation.</param>
    /// <param name="Condition">Of the confusion matrix.</param>
    /// <param name="Fit">What the estimate leaves unexplained.</param>
    public sealed record LabelEntry(bool Likely, ImmutableArray<double> Validation, EstimateEntry Bbse, EstimateEntry Em, double Condition, KsTest Fit);

    /// <summary>An estimate.</summary>
    /// <param name="Distribution">(K) shares.</param>
    /// <param name="Low">(K) lower ends of 95 % intervals.</param>
    /// <param name="High">(K) upper ends.</param>
    /// <param name="Trusted">Nothing speaks against it.</param>
    /// <param name="Reason">What speaks against it, or null.</param>
    public sealed record EstimateEntry(ImmutableArray<double> Distribution, ImmutableArray<double> Low, ImmutableArray<double> High, bool Trusted, string? Reason);

    /// <summary>Test images of each predicted grade, (K) each.</summary>
    /// <param name="Default">At default thresholds.</param>
    /// <param name="Tuned">At thresholds tuned on validation.</param>
    /// <param name="Corrected">At thresholds tuned on validation weighted to the estimated grades.</param>
    /// <param name="ExpectedQwk">If only the grades' shares changed.</param>
    /// <param name="CorrectedRule">The corrected thresholds.</param>
    public sealed record CountsEntry([property: JsonPropertyName("default")] ImmutableArray<int> Default, ImmutableArray<int> Tuned, ImmutableArray<int> Corrected, QwkEntry ExpectedQwk, DecodingRule CorrectedRule);

    /// <summary>QWK at each choice.</summary>
    /// <param name="Default">At default thresholds.</param>
    /// <param name="Tuned">At tuned ones.</param>
    /// <param name="Corrected">At corrected ones.</param>
    public sealed record QwkEntry(double Default, double Tuned, double Corrected);
}
