using System.Globalization;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Diagnosis;

/// <summary>Whether validation images were trained on: known by their content, or suspected from the figures.</summary>
internal static class LeakFindings
{
    private const double Margin = 0.02; // of QWK, beyond the interval
    private const int FewestEpochs = 3;
    private const int Shown = 5;

    /// <summary>The sentences; none where nothing speaks for a leak.</summary>
    public static IEnumerable<Finding> Of(DiagnosisInput input)
    {
        if (input.SeenInTraining is { IsEmpty: false } seen)
        {
            yield return new Finding(
                DiagnosisKind.Leak,
                Severity.Error,
                $"{seen.Length} of the validation images {(seen.Length == 1 ? "was" : "were")} trained on, so the validation figures flatter the run. Split anew by gradus split and train again.",
                $"The same bytes are among the training images of the checkpoint: {string.Join(", ", seen.Take(Shown))}{(seen.Length > Shown ? $" and {seen.Length - Shown} more" : "")}.");
        }
        if (input.Info.Parent is { SeenInValidation: > 0 } parent)
        {
            yield return new Finding(
                DiagnosisKind.Leak,
                Severity.Error,
                $"The checkpoint that the run started from was trained on {parent.SeenInValidation} of its validation images, so the validation figures flatter it. Train on the parent's fold instead.",
                $"Counted when the run began from epoch {parent.Epoch} of {parent.Run}.");
        }
        if (Suspicion(input) is { } suspicion)
            yield return suspicion;
    }

    /// <summary>
    /// Validation that does better than training at the same thresholds. Training is at a disadvantage: its images are augmented, dropout is
    /// on, and the figures are gathered while the network learns. So validation must beat the epoch's training and that of the
    /// next, by more than its interval; and training's confusion is weighed to the grades of validation, because class weights alone change QWK.
    /// </summary>
    private static Finding? Suspicion(DiagnosisInput input)
    {
        IReadOnlyList<EpochRecord> settled = RunDiagnosis.Settled(input.Records);
        var better = new List<(int Epoch, double Train, MetricSet Validation, double Gap)>();
        for (int i = 0; i < settled.Count; i++)
        {
            EpochRecord[] train = [settled[i], .. settled.Skip(i + 1).Take(1)];
            MetricSet validation = settled[i].Validation.Default;
            double best = train.Max(r => Weighed(r.Train.Default, validation));
            bool lossAgrees = settled[i].Validation.Loss is not { } loss || train.All(r => r.Train.Loss is not { } own || loss < own);
            if (lossAgrees && validation is { Qwk: { } qwk, QwkLow: { } low } && low > best + Margin)
                better.Add((settled[i].Epoch, best, validation, qwk - best));
        }
        if (better.Count < FewestEpochs || better.Count * 2 <= settled.Count)
            return null;
        (int epoch, double trainQwk, MetricSet figures, _) = better.MaxBy(b => b.Gap);
        return new Finding(
            DiagnosisKind.Leak,
            Severity.Warning,
            "Validation does better than training at the same thresholds, beyond chance and epoch after epoch, which is the sign of a leak: look for validation images, or views of the same eye or slide, among the training images (gradus audit --html). Strong augmentation or dropout can do the same; one epoch without them decides it.",
            string.Create(CultureInfo.InvariantCulture, $"In {better.Count} of {settled.Count} settled epochs, at default thresholds, most in epoch {epoch}: validation QWK {figures.Qwk:0.000} (95 % interval {figures.QwkLow:0.000} to {figures.QwkHigh:0.000}) against {trainQwk:0.000} in training, weighed to the grades of validation. {(input.SeenInTraining is { IsEmpty: true } ? "No validation image has the very bytes of a training image." : "")}").TrimEnd());
    }

    /// <summary>QWK of training if its grades were as frequent as those of validation.</summary>
    private static double Weighed(MetricSet train, MetricSet validation)
    {
        int grades = train.Confusion.Length;
        var rows = new double[grades, grades];
        for (int t = 0; t < grades; t++)
        {
            double support = train.Confusion[t].Sum(), weight = support == 0 ? 0 : validation.PerClass[t].Support / support;
            for (int p = 0; p < grades; p++)
                rows[t, p] = weight * train.Confusion[t][p];
        }
        double all = 0, observed = 0, expected = 0;
        double[] truth = new double[grades], predicted = new double[grades];
        for (int t = 0; t < grades; t++)
        {
            for (int p = 0; p < grades; p++)
            {
                all += rows[t, p];
                truth[t] += rows[t, p];
                predicted[p] += rows[t, p];
                observed += (t - p) * (t - p) * rows[t, p];
            }
        }
        for (int t = 0; t < grades; t++)
        {
            for (int p = 0; p < grades; p++)
                expected += (t - p) * (t - p) * truth[t] * predicted[p];
        }
        return expected == 0 ? 0 : 1 - observed * all / expected;
    }
}
