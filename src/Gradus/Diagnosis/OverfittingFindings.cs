using System.Globalization;
using Gradus.Runs;

namespace Gradus.Diagnosis;

/// <summary>Whether training went on improving what validation no longer confirmed.</summary>
internal static class OverfittingFindings
{
    private const int Late = 3; // epochs whose mean stands for the end
    private const double Relative = 0.05;

    /// <summary>A sentence where the validation loss rose at the end while the training loss fell.</summary>
    public static IEnumerable<Finding> Of(DiagnosisInput input)
    {
        EpochRecord[] known = [.. input.Records.Where(r => r.Validation.Loss is not null && r.Train.Loss is not null)];
        if (known.Length <= Late)
            yield break;
        EpochRecord best = known.MinBy(r => r.Validation.Loss)!;
        EpochRecord[] end = known[^Late..];
        double validation = end.Average(r => r.Validation.Loss!.Value), train = end.Average(r => r.Train.Loss!.Value);
        if (end[0].Epoch <= best.Epoch || validation < best.Validation.Loss * (1 + Relative) || train > best.Train.Loss * (1 - Relative))
            yield break;
        // Null, and then neither fallen nor apart, where all images have one grade.
        double? gap = end.Average(r => r.Train.Default.Qwk - r.Validation.Default.Qwk);
        double? lost = best.Validation.Default.Qwk - end.Average(r => r.Validation.Default.Qwk);
        string apart = gap is null ? "" : string.Create(CultureInfo.InvariantCulture, $" At default thresholds training QWK lies {gap:+0.000;-0.000} above validation at the end.");
        string qwk = lost > 0.01 ? "and QWK fell with it" : lost is null ? "and QWK cannot be told" : "while QWK held: the network grows too sure of itself before it grows wrong";
        yield return new Finding(
            DiagnosisKind.Overfitting,
            Severity.Warning,
            $"The network over-fits after epoch {best.Epoch}: the training loss went on falling, the validation loss rose, {qwk}. Take an earlier epoch, or train with more augmentation, dropout or weight decay.",
            string.Create(CultureInfo.InvariantCulture, $"Validation loss {best.Validation.Loss:0.0000} in epoch {best.Epoch}, {validation:0.0000} over the last {Late}; training loss {best.Train.Loss:0.0000}, then {train:0.0000}.{apart}"));
    }
}
