using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Ensembles;

/// <summary>
/// Where a score stands among a member's out-of-fold scores. The reference travels with the ensemble, so that an image's rank does not
/// depend on which other images happen to be predicted with it.
/// </summary>
public sealed record ScoreRanks
{
    /// <summary>Takes what <see cref="Of"/> made.</summary>
    /// <exception cref="ArgumentException">None, lengths that differ, or values that do not rise.</exception>
    [JsonConstructor]
    public ScoreRanks(ImmutableArray<double> scores, ImmutableArray<double> ranks)
    {
        if (scores.IsDefaultOrEmpty || ranks.IsDefault || scores.Length != ranks.Length || !Rise(scores) || !Rise(ranks))
            throw new ArgumentException("as many rising scores as rising ranks expected", nameof(scores));
        (Scores, Ranks) = (scores, ranks);
    }

    /// <summary>The distinct scores, rising.</summary>
    public ImmutableArray<double> Scores { get; }

    /// <summary>The share of images below each, equal ones counted half; above 0 and below 1.</summary>
    public ImmutableArray<double> Ranks { get; }

    /// <summary>The ranks of (N) scores, at least one.</summary>
    public static ScoreRanks Of(IReadOnlyCollection<double> scores)
    {
        var values = ImmutableArray.CreateBuilder<double>();
        var ranks = ImmutableArray.CreateBuilder<double>();
        int below = 0;
        foreach (IGrouping<double, double> equal in scores.Order().GroupBy(s => s))
        {
            int count = equal.Count();
            values.Add(equal.Key);
            ranks.Add((below + count / 2.0) / scores.Count);
            below += count;
        }
        return new ScoreRanks(values.ToImmutable(), ranks.ToImmutable());
    }

    /// <summary>The rank of a score, linear between those known; beyond them the outermost rank.</summary>
    public double Rank(double score) => Between(Scores, Ranks, score);

    /// <summary>The score of a rank; the inverse of <see cref="Rank"/> between the outermost scores.</summary>
    public double Score(double rank) => Between(Ranks, Scores, rank);

    private static double Between(ImmutableArray<double> from, ImmutableArray<double> to, double value)
    {
        int at = from.BinarySearch(value);
        if (at >= 0)
            return to[at];
        int above = ~at;
        if (above == 0)
            return to[0];
        if (above == from.Length)
            return to[^1];
        double share = (value - from[above - 1]) / (from[above] - from[above - 1]);
        return to[above - 1] + share * (to[above] - to[above - 1]);
    }

    private static bool Rise(ImmutableArray<double> values)
    {
        for (int i = 1; i < values.Length; i++)
        {
            if (!(values[i] > values[i - 1]))
                return false;
        }
        return true;
    }
}
