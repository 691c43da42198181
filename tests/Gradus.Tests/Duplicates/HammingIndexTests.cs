using System.Numerics;
using CsCheck;
using Gradus.Duplicates;

namespace Gradus.Tests.Duplicates;

public sealed class HammingIndexTests
{
    private static readonly Gen<ulong[]> Scattered = Gen.ULong.Array[0, 300];

    // A few centres and hashes around them, as near duplicates and the common look of one camera make them.
    private static readonly Gen<ulong[]> Clustered = Gen.Select(Gen.ULong.Array[1, 4], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 63].Array[0, 9]).Array[0, 200], (centres, members) =>
        members.Select(m => m.Item2.Aggregate(centres[m.Item1 % centres.Length], (hash, bit) => hash ^ (1UL << bit))).ToArray());

    private static readonly Gen<(ulong[] Hashes, int Radius)> Cases = Gen.Select(Gen.OneOf(Scattered, Clustered), Gen.OneOf(Gen.Int[0, 14], Gen.Int[0, 64]));

    [Fact]
    public void All_pairs_are_those_that_comparing_each_with_each_finds() => Cases.Sample((hashes, radius) =>
    {
        HammingPair[] expected = [.. from i in Enumerable.Range(0, hashes.Length) from j in Enumerable.Range(i + 1, hashes.Length - i - 1)
                                     let distance = BitOperations.PopCount(hashes[i] ^ hashes[j]) where distance <= radius select new HammingPair(i, j, distance)];
        Assert.Equal(expected, new HammingIndex(hashes, radius).Pairs(TestContext.Current.CancellationToken));
    }, iter: 150);

    [Fact]
    public void A_search_finds_what_looking_at_every_hash_finds() => Gen.Select(Cases, Gen.ULong, Gen.Int[0, 12]).Sample((one, random, near) =>
    {
        // Beside a hash of the index as well as anywhere.
        ulong hash = one.Hashes.Length > 0 && near > 0 ? one.Hashes[near % one.Hashes.Length] ^ ((1UL << near) - 1) : random;
        int[] expected = [.. Enumerable.Range(0, one.Hashes.Length).Where(i => BitOperations.PopCount(one.Hashes[i] ^ hash) <= one.Radius)];
        Assert.Equal(expected, new HammingIndex(one.Hashes, one.Radius).Find(hash));
    }, iter: 300);

    [Fact]
    public void A_join_of_two_lists_finds_each_pair_once() => Gen.Select(Cases, Clustered).Sample((one, queries) =>
    {
        var found = new List<HammingPair>();
        new HammingIndex(one.Hashes, one.Radius).Join(queries, batch => { lock (found) found.AddRange(batch); }, TestContext.Current.CancellationToken);
        var index = new HammingIndex(one.Hashes, one.Radius);
        HammingPair[] expected = [.. queries.SelectMany((query, q) => index.Find(query).Select(s => new HammingPair(q, s, BitOperations.PopCount(query ^ one.Hashes[s]))))];
        Assert.Equal(expected, found.Order());
    }, iter: 100);

    [Fact]
    public void Planted_neighbours_are_found_among_two_hundred_thousand()
    {
        Random random = RandomStream.Create(5, "hashes");
        ulong[] hashes = [.. Enumerable.Range(0, 200_000).Select(_ => (ulong)random.NextInt64() ^ ((ulong)random.NextInt64() << 1))];
        const int Radius = 8;
        for (int i = 0; i < 500; i++)
        {
            hashes[i] = hashes[100_000 + i];
            for (int flip = 0; flip < i % (Radius + 1); flip++)
                hashes[i] ^= 1UL << random.Next(64);
        }
        HashSet<(int, int)> found = [.. new HammingIndex(hashes, Radius).Pairs(TestContext.Current.CancellationToken).Select(p => (p.First, p.Second))];
        Assert.All(Enumerable.Range(0, 500), i => Assert.Contains((i, 100_000 + i), found));
        // Two of the random hashes meet by chance about once in a hundred such lists and bits.
        Assert.InRange(found.Count, 500, 1000);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65)]
    public void A_radius_that_no_two_hashes_can_have_is_refused(int radius) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HammingIndex([1, 2], radius));

    [Fact]
    public void A_cancelled_search_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new HammingIndex([1, 2, 3], 4).Pairs(cancelled.Token));
    }
}
