using CsCheck;
using Gradus.Duplicates;

namespace Gradus.Tests.Duplicates;

public sealed class PerceptualHashTests
{
    private static readonly Gen<Pattern> Patterns = Gen.SByte[-127, 127].Array[Pattern.Side * Pattern.Side].Select(levels => Pattern.Of(levels));

    [Fact]
    public void A_turned_pattern_has_the_turned_hash_to_the_bit() => Patterns.Sample(pattern =>
    {
        ulong hash = PerceptualHash.Of(pattern);
        foreach (Orientation orientation in Orientations.All)
            Assert.Equal(PerceptualHash.Turned(hash, orientation), PerceptualHash.Of(pattern.Turned(orientation)));
    }, iter: 100);

    [Fact]
    public void The_inverse_undoes_every_orientation() => Gen.Select(Patterns, Gen.ULong).Sample((pattern, hash) =>
    {
        foreach (Orientation orientation in Orientations.All)
        {
            Assert.Equal(hash, PerceptualHash.Turned(PerceptualHash.Turned(hash, orientation), orientation.Inverse()));
            Pattern back = pattern.Turned(orientation).Turned(orientation.Inverse());
            for (int y = 0; y < Pattern.Side; y++)
                Assert.Equal(pattern.Row(y), back.Row(y));
        }
    }, iter: 50);

    [Fact]
    public void The_orientations_are_what_their_names_say()
    {
        sbyte[] levels = new sbyte[Pattern.Side * Pattern.Side];
        const int Last = Pattern.Side - 1;
        levels[1] = 100; // row 0, column 1: left of the upper edge's middle
        Pattern pattern = Pattern.Of(levels);
        Assert.Equal(100, pattern.Turned(Orientation.Upright).Row(0)[1]);
        Assert.Equal(100, pattern.Turned(Orientation.Mirrored).Row(0)[Last - 1]);
        Assert.Equal(100, pattern.Turned(Orientation.Flipped).Row(Last)[1]);
        Assert.Equal(100, pattern.Turned(Orientation.HalfTurn).Row(Last)[Last - 1]);
        Assert.Equal(100, pattern.Turned(Orientation.Transposed).Row(1)[0]);
        Assert.Equal(100, pattern.Turned(Orientation.QuarterTurn).Row(1)[Last]);
        Assert.Equal(100, pattern.Turned(Orientation.QuarterTurnBack).Row(Last - 1)[0]);
        Assert.Equal(100, pattern.Turned(Orientation.Antitransposed).Row(Last - 1)[Last]);
    }

    [Fact]
    public void The_similarity_is_the_correlation_at_the_best_of_nine_moves() => Gen.Select(Patterns, Patterns, Gen.Int[-1, 1], Gen.Int[-1, 1]).Sample((a, b, right, down) =>
    {
        Assert.Equal(Nine(a, b), a.Similarity(b), 1e-12);
        Assert.Equal(1, a.Similarity(a), 1e-12);
        // A pattern moved by a pixel loses no more than its border.
        Assert.InRange(a.Similarity(Moved(a, right, down)), 0.96, 1.04);
    }, iter: 30);

    private static double Nine(Pattern a, Pattern b)
    {
        double best = double.NegativeInfinity;
        for (int down = -1; down <= 1; down++)
        {
            for (int right = -1; right <= 1; right++)
            {
                double sum = 0;
                for (int y = Math.Max(0, -down); y < Math.Min(Pattern.Side, Pattern.Side - down); y++)
                {
                    for (int x = Math.Max(0, -right); x < Math.Min(Pattern.Side, Pattern.Side - right); x++)
                        sum += a.Row(y)[x] * b.Row(y + down)[x + right];
                }
                best = Math.Max(best, sum);
            }
        }
        return best / Math.Sqrt((double)a.Energy * b.Energy);
    }

    private static Pattern Moved(Pattern pattern, int right, int down)
    {
        sbyte[] levels = new sbyte[Pattern.Side * Pattern.Side];
        for (int y = Math.Max(0, down); y < Math.Min(Pattern.Side, Pattern.Side + down); y++)
        {
            for (int x = Math.Max(0, right); x < Math.Min(Pattern.Side, Pattern.Side + right); x++)
                levels[y * Pattern.Side + x] = pattern.Row(y - down)[x - right];
        }
        return Pattern.Of(levels);
    }
}
