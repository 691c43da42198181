using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Sampling;

namespace Gradus.Splitting;

/// <summary>Training images chosen to validate instead, distributed over the grades as is wanted: like a test set, for example.</summary>
/// <param name="Records">The chosen images, by source and id. Whole groups: what is the same picture or one patient comes along or stays.</param>
/// <param name="Wanted">(K) images of each grade.</param>
/// <param name="Achieved">(K) images chosen, never more than wanted.</param>
/// <param name="Available">(K) images that there were to choose from.</param>
public sealed record ValidationSubset(ImmutableArray<ImageRecord> Records, ImmutableArray<int> Wanted, ImmutableArray<int> Achieved, ImmutableArray<int> Available)
{
    /// <summary>Chooses among the main images of the training fold; external ones never validate.</summary>
    /// <param name="partition">Whose training fold is meant.</param>
    /// <param name="report">The audit that the partition was made from.</param>
    /// <param name="distribution">(K) shares, 0 or more, in proportion.</param>
    /// <param name="count">Images wanted, at least 1.</param>
    /// <param name="seed">Decides among images that serve alike.</param>
    /// <exception cref="GradusException">No share above 0, or nothing could be chosen.</exception>
    public static ValidationSubset Choose(DataPartition partition, AuditReport report, ImmutableArray<double> distribution, int count, long seed)
    {
        if (!(distribution.Sum() > 0) || distribution.Any(d => !double.IsFinite(d) || d < 0))
            throw new GradusException("a distribution is shares of 0 or more, not all 0", found: string.Join(", ", distribution), fault: Fault.Request);
        HashSet<ImageKey> main = [.. report.Main.Select(ImageKey.Of)];
        ImmutableArray<ImageRecord> records = [.. partition.Training.Records.OrderBy(ImageKey.Of)];
        ImmutableArray<int> wanted = DistributionMatch.Divide(distribution, count);
        var achieved = new int[wanted.Length];
        var chosen = new List<ImageRecord>();

        // In random order, so that an image's company does not make it likelier. A group that no longer fits never will again.
        ImmutableArray<int>[] groups = [.. ImageGroups.Of(records, DataPartition.Alike(report))];
        RandomStream.Create(seed, "subset").Shuffle(groups);
        foreach (ImmutableArray<int> group in groups)
        {
            ImageRecord[] members = [.. group.Select(i => records[i]).Where(r => main.Contains(ImageKey.Of(r)))];
            int[] counts = [.. wanted.Select((_, k) => members.Count(r => r.Grade == k))];
            if (members.Length == 0 || counts.Where((n, k) => achieved[k] + n > wanted[k]).Any())
                continue;
            chosen.AddRange(members);
            for (int k = 0; k < counts.Length; k++)
                achieved[k] += counts[k];
        }
        if (chosen.Count == 0)
            throw new GradusException("no training image fits the distribution", found: $"wanted {string.Join(", ", wanted)} of each grade", remedy: "Ask for more images or for other shares", fault: Fault.Request);
        return new ValidationSubset(
            [.. chosen.OrderBy(ImageKey.Of)],
            wanted,
            [.. achieved],
            [.. wanted.Select((_, k) => records.Count(r => r.Grade == k && main.Contains(ImageKey.Of(r))))]);
    }
}
