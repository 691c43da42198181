using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Sampling;

namespace Gradus.Splitting;

/// <summary>What was taken of a source that is sampled.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Shares">(K), of sum 1, to which it was matched; null where it was taken at random.</param>
/// <param name="Counts">By grade; taken at random, what is wanted of a grade is what came.</param>
/// <param name="Requested">How many images the experiment asks for; null where as many as the shares allow.</param>
public sealed record SourceSample(string Source, ImmutableArray<double>? Shares, MatchCounts Counts, int? Requested)
{
    /// <summary>Images taken.</summary>
    public int Taken => Counts.Taken.Sum();

    /// <summary>
    /// Samples a source's images that may train.
    /// </summary>
    /// <param name="source">Says how.</param>
    /// <param name="records">Its images that may train.</param>
    /// <param name="main">The images whose distribution "main" means.</param>
    /// <param name="scale">The experiment's.</param>
    /// <param name="seed">Decides which.</param>
    internal static (SourceSample Sample, ImmutableArray<ImageRecord> Taken) Of(SourceSpec source, ImmutableArray<ImageRecord> records, ImmutableArray<ImageRecord> main, GradeScale scale, long seed)
    {
        string purpose = $"sample/{source.Name}";
        ImmutableArray<int> available = Count(records, scale);
        if (source.Match is not { } match)
        {
            ImmutableArray<ImageRecord> any = DistributionMatch.PickAny(records, source.Take!.Value, seed, purpose);
            return (new SourceSample(source.Name, null, new MatchCounts(available, Count(any, scale)), source.Take), any);
        }
        double[] target = [.. match.Shares ?? [.. Count(main, scale).Select(c => (double)c)]];
        double sum = target.Sum();
        MatchCounts counts = DistributionMatch.Plan(available, target, source.Take);
        return (new SourceSample(source.Name, [.. target.Select(t => t / sum)], counts, source.Take), DistributionMatch.Pick(records, counts.Taken, seed, purpose));
    }

    /// <summary>What it could not fill; empty where it could.</summary>
    internal IEnumerable<AuditFinding> Findings(GradeScale scale)
    {
        string remedy = "Take fewer, or add images of the grade; the other grades are not raised for it";
        if (Shares is null && Requested is { } requested && requested > Taken)
        {
            yield return new AuditFinding(FindingKind.SampleFallsShort, Source, [], $"'{Source}' was to give {requested} images and has {Taken} that may train: all are taken, {requested - Taken} missing.");
        }
        foreach (int k in Enumerable.Range(0, scale.Count).Where(k => Counts.Missing[k] > 0))
        {
            yield return new AuditFinding(FindingKind.SampleFallsShort, Source, [],
                $"'{Source}' ran out of grade {k} ({scale.Names[k]}): {Counts.Wanted[k]} wanted, {Counts.Available[k]} there, {Counts.Missing[k]} missing. {remedy}.")
            {
                Grades = [k],
            };
        }
        if (Taken == 0)
        {
            yield return new AuditFinding(FindingKind.SampleFallsShort, Source, [],
                $"Nothing is taken of '{Source}': of the grades {string.Join(", ", Enumerable.Range(0, scale.Count).Where(k => Shares?[k] > 0 && Counts.Available[k] == 0).Select(k => $"{k} ({scale.Names[k]})"))}, which the target asks for, it has no image. " +
                "Say how many to take, or give shares that it can fulfil.");
        }
    }

    private static ImmutableArray<int> Count(IEnumerable<ImageRecord> records, GradeScale scale)
    {
        var counts = new int[scale.Count];
        foreach (ImageRecord record in records)
            counts[record.Grade!.Value]++;
        return [.. counts];
    }
}
