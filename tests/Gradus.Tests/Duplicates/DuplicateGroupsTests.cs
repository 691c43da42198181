using CsCheck;
using Gradus.Duplicates;

namespace Gradus.Tests.Duplicates;

public sealed class DuplicateGroupsTests
{
    private static readonly Gen<SimilarPair[]> Graphs = Gen.Select(Gen.Int[0, 18], Gen.Int[0, 18], Gen.Double[0.9, 1])
        .Where((a, b, _) => a < b).Select((a, b, s) => new SimilarPair(a, b, 3, s, Orientation.Upright)).Array[0, 60]
        .Select(pairs => pairs.DistinctBy(p => (p.First, p.Second)).ToArray());

    [Fact]
    public void Every_member_resembles_the_representative_and_no_image_is_in_two_groups() => Gen.Select(Graphs, Gen.Int[0, 5]).Sample((pairs, extra) =>
    {
        HashSet<(int, int)> alike = [.. pairs.Select(p => (p.First, p.Second))];
        // Some further pairs pass although the search has missed them.
        bool Resembles(int a, int b) => (a + b) % 7 < extra;
        var groups = DuplicateGroups.Of(pairs, Resembles);
        Assert.Equal(groups.Sum(g => g.Members.Length), groups.SelectMany(g => g.Members).Distinct().Count());
        Assert.All(groups, g =>
        {
            Assert.True(g.Members.Length >= 2 && g.Members.Contains(g.Representative));
            Assert.Equal(g.Members.Order(), g.Members);
            Assert.All(g.Members.Where(m => m != g.Representative), m =>
                Assert.True(alike.Contains((Math.Min(m, g.Representative), Math.Max(m, g.Representative))) || Resembles(g.Representative, m)));
        });
        // No pair is left between images of which neither is in a group.
        HashSet<int> grouped = [.. groups.SelectMany(g => g.Members)];
        Assert.All(pairs, p => Assert.True(grouped.Contains(p.First) || grouped.Contains(p.Second)));
    });

    [Fact]
    public void The_order_of_the_pairs_plays_no_part() => Gen.Select(Graphs, Gen.Int[0, 1000]).Sample((pairs, seed) =>
    {
        SimilarPair[] shuffled = [.. pairs];
        RandomStream.Create(seed, "shuffle").Shuffle(shuffled);
        Assert.Equal(Text(pairs), Text(shuffled));

        static string Text(SimilarPair[] pairs) => string.Join(" | ", DuplicateGroups.Of(pairs, (_, _) => false).Select(g => $"{g.Representative}: {string.Join(' ', g.Members)}"));
    });

    [Fact]
    public void A_chain_does_not_join_its_ends()
    {
        SimilarPair[] chain = [.. Enumerable.Range(0, 30).Select(i => new SimilarPair(i, i + 1, 5, 0.91, Orientation.Upright))];
        var groups = DuplicateGroups.Of(chain, (_, _) => false);
        Assert.All(groups, g => Assert.InRange(g.Members.Length, 2, 3));
        Assert.DoesNotContain(groups, g => g.Members.Contains(0) && g.Members.Contains(30));
    }

    [Fact]
    public void Of_images_with_as_many_neighbours_the_one_that_resembles_them_most_represents_them()
    {
        // 1 and 2 have two neighbours each; those of 2 are closer.
        SimilarPair[] pairs = [Pair(0, 1, 0.91), Pair(1, 2, 0.95), Pair(2, 3, 0.99)];
        (int representative, int[] members) = Assert.Single(DuplicateGroups.Of(pairs, (_, _) => false));
        Assert.Equal(2, representative);
        Assert.Equal([1, 2, 3], members);

        static SimilarPair Pair(int first, int second, double similarity) => new(first, second, 4, similarity, Orientation.Upright);
    }

    [Fact]
    public void Copies_of_one_picture_are_one_group_even_where_the_search_missed_some_of_their_pairs()
    {
        // 0 to 5 all alike, but only the pairs of neighbours within three were candidates.
        SimilarPair[] pairs = [.. from i in Enumerable.Range(0, 6) from j in Enumerable.Range(0, 6) where i < j && j - i <= 3 select new SimilarPair(i, j, 9, 0.95, Orientation.Upright)];
        Assert.Equal([0, 1, 2, 3, 4, 5], Assert.Single(DuplicateGroups.Of(pairs, (_, _) => true)).Members);
    }
}
