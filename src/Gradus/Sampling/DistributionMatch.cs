using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Sampling;

/// <summary>How many images of each grade are taken, and how many that is short of what was wanted.</summary>
/// <param name="Available">(K) images that are there.</param>
/// <param name="Wanted">(K) images that fulfil the target.</param>
public sealed record MatchCounts(ImmutableArray<int> Available, ImmutableArray<int> Wanted)
{
    /// <summary>(K) images that are taken: what is wanted, or all there are. What a grade lacks is not made up for by another.</summary>
    public ImmutableArray<int> Taken => [.. Wanted.Zip(Available, Math.Min)];

    /// <summary>(K) images that are wanted and not there.</summary>
    public ImmutableArray<int> Missing => [.. Wanted.Zip(Available, (wanted, there) => Math.Max(0, wanted - there))];
}

/// <summary>Samples images without replacement so that their grades are distributed as others are. Pure: equal images and seeds give equal samples, in whatever order they come.</summary>
public static class DistributionMatch
{
    /// <summary>
    /// Divides a total in proportion, by the method of largest remainders (Hamilton's): each grade gets its share rounded down, and what is left
    /// goes one each to the largest fractions, of equal ones to the lowest grade.
    /// </summary>
    /// <param name="shares">(K), each at least 0 and not all 0, of any sum.</param>
    /// <param name="total">At least 0.</param>
    /// <returns>(K), of sum <paramref name="total"/>.</returns>
    /// <exception cref="ArgumentException">Shares that divide nothing.</exception>
    public static ImmutableArray<int> Divide(IReadOnlyList<double> shares, int total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        double sum = shares.Sum();
        if (!shares.All(s => s >= 0 && double.IsFinite(s)) || !(sum > 0) || !double.IsFinite(sum))
            throw new ArgumentException("shares are at least 0 and not all 0", nameof(shares));
        double[] quotas = [.. shares.Select(s => s / sum * total)];
        int[] counts = [.. quotas.Select(q => (int)Math.Min(Math.Floor(q), total))];
        // A share of 0 gets nothing, though rounding errors may leave it the last remainder.
        int[] order = [.. Enumerable.Range(0, counts.Length).Where(k => shares[k] > 0).OrderByDescending(k => quotas[k] - counts[k])];
        for (int left = total - counts.Sum(), i = 0; left > 0; left--, i++)
            counts[order[i % order.Length]]++;
        return [.. counts];
    }

    /// <summary>What to take of each grade.</summary>
    /// <param name="available">(K) images that are there.</param>
    /// <param name="shares">(K), each at least 0 and not all 0, of any sum.</param>
    /// <param name="take">How many to take; null takes the largest number that misses no image.</param>
    public static MatchCounts Plan(IReadOnlyList<int> available, IReadOnlyList<double> shares, int? take = null)
    {
        if (available.Count != shares.Count)
            throw new ArgumentException("there is a share for each grade", nameof(shares));
        return new MatchCounts([.. available], Divide(shares, take ?? Largest(available, shares)));
    }

    /// <summary>The images taken, in order of their keys: of each grade as many as planned, at random.</summary>
    /// <param name="records">Graded images, each once.</param>
    /// <param name="counts">(K), at most what is there of each grade.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="purpose">Names the stream of random numbers, so that two samples are independent.</param>
    /// <exception cref="ArgumentException">An image is there twice, or fewer of a grade than planned.</exception>
    public static ImmutableArray<ImageRecord> Pick(IReadOnlyCollection<ImageRecord> records, IReadOnlyList<int> counts, long seed, string purpose)
    {
        var picked = new List<ImageRecord>(counts.Sum());
        // A stream a grade: images of another grade that come or go change nothing here.
        foreach (IGrouping<int, ImageRecord> grade in Sorted(records).GroupBy(r => r.Grade!.Value))
        {
            ImageRecord[] images = [.. grade];
            RandomStream.Create(seed, purpose, grade.Key).Shuffle(images);
            picked.AddRange(images.Take(counts[grade.Key]));
        }
        if (picked.Count != counts.Sum())
            throw new ArgumentException($"{picked.Count} images for {counts.Sum()} planned", nameof(counts));
        return [.. picked.OrderBy(ImageKey.Of)];
    }

    /// <summary>So many images at random, whatever their grades; all where there are fewer. In order of their keys.</summary>
    /// <exception cref="ArgumentException">An image is there twice.</exception>
    public static ImmutableArray<ImageRecord> PickAny(IReadOnlyCollection<ImageRecord> records, int count, long seed, string purpose)
    {
        ImageRecord[] images = Sorted(records);
        RandomStream.Create(seed, purpose).Shuffle(images);
        return [.. images.Take(count).OrderBy(ImageKey.Of)];
    }

    private static ImageRecord[] Sorted(IReadOnlyCollection<ImageRecord> records)
    {
        ImageRecord[] sorted = [.. records.OrderBy(ImageKey.Of)];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (ImageKey.Of(sorted[i]) == ImageKey.Of(sorted[i - 1]))
                throw new ArgumentException($"{ImageKey.Of(sorted[i])} is there twice", nameof(records));
        }
        return sorted;
    }

    /// <summary>The largest total whose division misses no image. Not found by halving: with one image more in all, a grade can be due one less.</summary>
    private static int Largest(IReadOnlyList<int> available, IReadOnlyList<double> shares)
    {
        double sum = shares.Sum();
        // So few images that the shares of a grade round to none would miss none of it, and fulfil nothing.
        if (Enumerable.Range(0, shares.Count).Any(k => shares[k] > 0 && available[k] == 0))
            return 0;
        // A grade is due at least its share rounded down.
        double most = Enumerable.Range(0, shares.Count).Where(k => shares[k] > 0).Min(k => (available[k] + 1) / (shares[k] / sum));
        for (int total = (int)Math.Min(most + 1, available.Sum(a => (long)a)); total > 0; total--)
        {
            if (Divide(shares, total).Zip(available).All(p => p.First <= p.Second))
                return total;
        }
        return 0;
    }
}
