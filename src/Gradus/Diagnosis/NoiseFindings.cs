using System.Collections.Immutable;
using System.Globalization;
using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Diagnosis;

/// <summary>Which differences of QWK the validation images cannot tell.</summary>
internal static class NoiseFindings
{
    /// <summary>The noise floor; from the scores where they are kept, else from the recorded intervals.</summary>
    public static IEnumerable<Finding> Of(DiagnosisInput input, ImmutableArray<QwkDifference> differences)
    {
        int first = RunDiagnosis.Settled(input.Records)[0].Epoch;
        int images = input.Records[0].Validation.Default.PerClass.Sum(c => c.Support);
        QwkDifference[] own = [.. differences.Where(d => d.From >= first)];
        if (own.Length > 0)
        {
            double floor = own.Average(d => (d.High - d.Low) / 2);
            int noise = own.Count(d => d.IsNoise);
            string best = Indistinct(input, first);
            yield return new Finding(
                DiagnosisKind.Noise,
                Severity.Info,
                string.Create(CultureInfo.InvariantCulture, $"With {images} validation images a change of QWK below about {floor:0.000} between two epochs says nothing: {noise} of {own.Length} changes between neighbours are within that noise.{best}"),
                string.Create(CultureInfo.InvariantCulture, $"95 % bootstrap intervals of the differences at default thresholds, both epochs on the same drawn images, from epoch {first} on; the largest change is {own.MaxBy(d => Math.Abs(d.Value))!.Value:+0.000;-0.000}. Another seed moves QWK too, and by how much only another run says."));
            yield break;
        }
        MetricSet[] known = [.. input.Records.Where(r => r.Epoch >= first).Select(r => r.Validation.Default).Where(m => m.QwkHigh is not null)];
        if (known.Length > 0)
        {
            double half = known.Average(m => (m.QwkHigh!.Value - m.QwkLow!.Value) / 2);
            yield return new Finding(
                DiagnosisKind.Noise,
                Severity.Info,
                string.Create(CultureInfo.InvariantCulture, $"The QWK of an epoch is known to about ±{half:0.000} with {images} validation images; how much of a change between epochs is noise would take the scores, which this run did not keep."),
                string.Create(CultureInfo.InvariantCulture, $"Mean half width of the recorded 95 % intervals at default thresholds, from epoch {first} on."));
        }
    }

    private static string Indistinct(DiagnosisInput input, int first)
    {
        EpochRecord[] there = [.. input.Records.Where(r => r.Epoch >= first && input.Validation.ContainsKey(r.Epoch))];
        EpochRecord best = there.MaxBy(r => r.Validation.Default.Qwk)!;
        int same = there.Count(r => r != best && input.Validation[r.Epoch].Hashes.SequenceEqual(input.Validation[best.Epoch].Hashes) && QwkDifference.Between(r.Epoch, best.Epoch, input.Validation, input.Info.Experiment).IsNoise);
        return same == 0 ? $" Epoch {best.Epoch}, the best, stands out from all others." : $" Epoch {best.Epoch}, the best, cannot be told from {same} other{(same == 1 ? "" : "s")}.";
    }
}
