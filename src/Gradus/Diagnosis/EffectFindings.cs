using System.Collections.Immutable;
using System.Globalization;

namespace Gradus.Diagnosis;

/// <summary>Whether predicted counts move because of the thresholds or because of the scores.</summary>
internal static class EffectFindings
{
    private const double Visible = 0.03; // of the images, between neighbouring epochs on average
    private const double Large = 0.10;
    private const double Adds = 1.25; // thresholds that follow the scores keep the counts steady; these must make them less so

    /// <summary>The sentences, of swept images where there are any and of validation images.</summary>
    public static IEnumerable<Finding> Of(DiagnosisInput input, ImmutableArray<CountChange> changes, ImmutableArray<ThresholdPoint> path)
    {
        int first = RunDiagnosis.Settled(input.Records)[0].Epoch;
        foreach (DiagnosedSet set in (DiagnosedSet[])[DiagnosedSet.Test, DiagnosedSet.Validation])
        {
            CountChange[] own = [.. changes.Where(c => c.Set == set && c.From >= first)];
            if (own.Length == 0)
                continue;
            double thresholds = own.Average(c => c.MovedByThresholds / c.Images), scores = own.Average(c => c.MovedByScores / c.Images);
            double moved = own.Average(c => c.Moved / c.Images), usual = own.Average(c => c.MovedAtDefault / c.Images);
            string images = set == DiagnosedSet.Test ? "swept" : "validation";
            string evidence = $"Between neighbouring epochs from {first} on, {Share(moved)} of the {own[0].Images} {images} images change their grade's count on average: {Share(thresholds)} by thresholds and {Share(scores)} by scores{(thresholds + scores > 1.1 * moved ? ", which cancel in part" : "")}; at default thresholds {Share(usual)} do.";
            string follows = moved < usual ? "The tuned thresholds follow them and take some of it back." : "No choice of thresholds would steady them.";
            if (thresholds >= Visible && thresholds > scores && moved > Adds * usual)
            {
                yield return new Finding(
                    DiagnosisKind.ThresholdEffect,
                    Severity.Warning,
                    $"The counts predicted for {images} images jump between epochs because the tuned thresholds jump, not because the network changes its mind. Grade by the stabilised or the default thresholds.",
                    $"{evidence} {Worst(own.MaxBy(c => c.MovedByThresholds)!, path)}{Plateau(path, first)}");
            }
            if (scores >= Visible && (scores >= thresholds || scores >= Large))
            {
                yield return new Finding(
                    DiagnosisKind.ScoreEffect,
                    scores >= Large ? Severity.Warning : Severity.Info,
                    $"The counts predicted for {images} images move between epochs because the network's scores move. {follows} A lower learning rate at the end, averaged checkpoints or test-time augmentation may calm them.",
                    $"{evidence} {Worst(own.MaxBy(c => c.MovedByScores)!, path)}");
            }
        }
    }

    private static string Worst(CountChange change, ImmutableArray<ThresholdPoint> path)
    {
        string from = Values(change.From), to = Values(change.To);
        string moved = from.Length == 0 ? "" : $" (tuned at {from}, then at {to})";
        return FormattableString.Invariant($"Most between epochs {change.From} and {change.To}: {change.MovedByThresholds:0} images by thresholds{moved}, {change.MovedByScores:0} by scores; the counts {string.Join(", ", change.Before)} became {string.Join(", ", change.After)}.");

        string Values(int epoch) => string.Join(" · ", path.First(p => p.Epoch == epoch).Tuned.Select(Number));
    }

    private static string Plateau(ImmutableArray<ThresholdPoint> path, int first)
    {
        ThresholdPoint[] settled = [.. path.Where(p => p.Epoch >= first && p.Plateaus.Length > 0 && p.Stabilised.Length == p.Tuned.Length && p.Tuned.Length > 0)];
        if (settled.Length < 2)
            return "";
        double wander = settled.Zip(settled.Skip(1)).Average(p => Step(p.First.Tuned, p.Second.Tuned)), steadier = settled.Zip(settled.Skip(1)).Average(p => Step(p.First.Stabilised, p.Second.Stabilised));
        double width = settled.Average(p => p.Plateaus.Average(b => b.High - b.Low));
        return $" A threshold moves by {Number(wander)} an epoch on average, its bootstrap median by {Number(steadier)}; within a band of {Number(width)} it makes hardly any difference to validation QWK (at most {Number(Thresholds.CutPointReport.Tolerance)}), which is why the optimum wanders.";
    }

    private static double Step(ImmutableArray<double> from, ImmutableArray<double> to) => from.Length == to.Length ? from.Zip(to, (a, b) => Math.Abs(a - b)).Average() : 0;

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Share(double value) => value.ToString("0.0 %", CultureInfo.InvariantCulture);
}
