using System.Collections.Immutable;
using CsCheck;
using Gradus.Datasets;
using Gradus.Sampling;
using Gradus.Tests.Splitting;

namespace Gradus.Tests.Sampling;

public sealed class DistributionMatchTests
{
    private static readonly double[] Old = [0.735, 0.070, 0.151, 0.025, 0.020], Current = [0.493, 0.101, 0.273, 0.053, 0.081];

    private static readonly Gen<(int[] Available, double[] Shares, int? Take)> Cases =
        Gen.Int[2, 6].SelectMany(k => Gen.Select(
            Gen.Int[0, 40].Array[k],
            Gen.OneOf(Gen.Double[0, 1], Gen.Const(0.0), Gen.Int[1, 3].Select(i => (double)i)).Array[k].Where(s => s.Sum() > 1e-6),
            Gen.Int[0, 150].Select(t => t < 30 ? (int?)null : t)));

    [Fact]
    public void A_division_differs_from_the_shares_by_less_than_one_image_and_has_the_sum_asked_for() => Cases.Sample(c =>
    {
        int total = c.Take ?? 17;
        ImmutableArray<int> counts = DistributionMatch.Divide(c.Shares, total);
        double sum = c.Shares.Sum();
        return counts.Sum() == total && counts.Zip(c.Shares).All(p => Math.Abs(p.First - p.Second / sum * total) < 1 + 1e-9 && (p.Second > 0 || p.First == 0));
    });

    [Fact]
    public void With_a_number_each_grade_gives_its_share_or_all_it_has_and_none_is_raised_for_another() => Cases.Where(c => c.Take is not null).Sample(c =>
    {
        MatchCounts counts = DistributionMatch.Plan(c.Available, c.Shares, c.Take);
        ImmutableArray<int> share = DistributionMatch.Divide(c.Shares, c.Take!.Value);
        return counts.Wanted.SequenceEqual(share) && counts.Taken.SequenceEqual(share.Zip(c.Available, Math.Min)) && counts.Taken.Sum() + counts.Missing.Sum() == c.Take;
    });

    [Fact]
    public void Without_a_number_the_largest_division_is_taken_that_misses_nothing() => Cases.Sample(c =>
    {
        MatchCounts counts = DistributionMatch.Plan(c.Available, c.Shares);
        int total = counts.Taken.Sum();
        // Without a single image of a grade there is nothing that has its share of it.
        if (c.Shares.Zip(c.Available).Any(p => p.First > 0 && p.Second == 0))
            return total == 0;
        bool larger = Enumerable.Range(total + 1, c.Available.Sum() + 1).Any(t => DistributionMatch.Divide(c.Shares, t).Zip(c.Available).All(p => p.First <= p.Second));
        return counts.Missing.All(m => m == 0) && counts.Wanted.SequenceEqual(counts.Taken) && !larger;
    });

    [Fact]
    public void No_image_is_taken_twice_and_the_order_in_which_they_come_changes_nothing() => Gen.Select(Cases, Gen.Int[0, 1000]).Sample((c, seed) =>
    {
        ImageRecord[] records = Records(c.Available);
        MatchCounts counts = DistributionMatch.Plan(c.Available, c.Shares, c.Take);
        ImmutableArray<ImageRecord> picked = DistributionMatch.Pick(records, counts.Taken, seed, "test");
        Assert.Equal(picked.Length, picked.Select(ImageKey.Of).Distinct().Count());
        Assert.Equal(counts.Taken, Enumerable.Range(0, c.Available.Length).Select(k => picked.Count(r => r.Grade == k)));
        Random random = RandomStream.Create(seed, "order");
        random.Shuffle(records);
        Assert.Equal(picked, DistributionMatch.Pick(records, counts.Taken, seed, "test"));
        int some = records.Length / 2;
        ImmutableArray<ImageRecord> any = DistributionMatch.PickAny(records, some, seed, "test");
        Assert.Equal(some, any.Select(ImageKey.Of).Distinct().Count());
        random.Shuffle(records);
        Assert.Equal(any, DistributionMatch.PickAny(records, some, seed, "test"));
    }, iter: 200);

    [Fact]
    public void Another_seed_takes_others_and_the_same_seed_the_same()
    {
        ImageRecord[] records = Records([200, 100]);
        Assert.NotEqual(DistributionMatch.Pick(records, [50, 50], 1, "a"), DistributionMatch.Pick(records, [50, 50], 2, "a"));
        Assert.NotEqual(DistributionMatch.Pick(records, [50, 50], 1, "a"), DistributionMatch.Pick(records, [50, 50], 1, "b"));
        Assert.Throws<ArgumentException>(() => DistributionMatch.Pick([.. records, records[0]], [1, 1], 1, "a"));
    }

    /// <summary>The diary's own numbers: 35,126 older photographs, sampled to the distribution of the current ones.</summary>
    [Fact]
    public void The_diarys_distribution_is_reached_within_rounding()
    {
        ImmutableArray<int> available = DistributionMatch.Divide(Old, 35_126);
        MatchCounts counts = DistributionMatch.Plan(available, Current);
        int total = counts.Taken.Sum();
        Assert.All(counts.Missing, m => Assert.Equal(0, m));
        for (int k = 0; k < Current.Length; k++)
            Assert.InRange(counts.Taken[k] / (double)total, Current[k] / Current.Sum() - 1.0 / total, Current[k] / Current.Sum() + 1.0 / total);
        // The scarcest grade decides: 2.0 % there against 8.1 % wanted.
        Assert.InRange(total, available[4] / (Current[4] / Current.Sum()) - 15, available[4] / (Current[4] / Current.Sum()) + 15);
    }

    [Fact]
    public void Of_20000_images_the_diarys_older_set_lacks_grades_3_and_4_and_says_how_many()
    {
        ImmutableArray<int> available = DistributionMatch.Divide(Old, 35_126);
        MatchCounts counts = DistributionMatch.Plan(available, Current, 20_000);
        Assert.Equal([25_792, 2_456, 5_299, 877, 702], available);
        Assert.Equal([9_850, 2_018, 5_455, 1_059, 1_618], counts.Wanted);
        Assert.Equal([0, 0, 156, 182, 916], counts.Missing);
        Assert.Equal([9_850, 2_018, 5_299, 877, 702], counts.Taken);
    }

    private static ImageRecord[] Records(IReadOnlyList<int> available) =>
        [.. available.Index().SelectMany(g => Enumerable.Range(0, g.Item).Select(i => SplitWorld.Record($"g{g.Index}_{i:D3}", g.Index)))];
}
