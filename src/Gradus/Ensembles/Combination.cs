using System.Collections.Immutable;
using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Ensembles;

/// <summary>How the scores of an ensemble's members become one.</summary>
public enum EnsembleMethod
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The mean of their ranks among out-of-fold scores, turned back into a score: members on different scales count alike.</summary>
    RankMean,

    /// <summary>A mean weighted by non-negative least squares of the true grades on the scores.</summary>
    Nnls,

    /// <summary>A mean weighted by greedy selection: for two grades by AUC, for more by QWK at the best cut points.</summary>
    Greedy,
}

/// <summary>A fitted way to combine the scores of an image.</summary>
/// <param name="Method">Which.</param>
/// <param name="Weights">(m) 0 or more, their sum is 1.</param>
/// <param name="Ranks">(m) for <see cref="EnsembleMethod.RankMean"/>, else empty.</param>
public sealed record Combination(EnsembleMethod Method, ImmutableArray<double> Weights, ImmutableArray<ScoreRanks> Ranks)
{
    private const int GreedyRounds = 30;

    /// <summary>Fits the weights on out-of-fold scores.</summary>
    /// <param name="method">Which.</param>
    /// <param name="members">(m) scores of the same N images.</param>
    /// <param name="truth">(N) true grades.</param>
    /// <param name="grades">K.</param>
    /// <exception cref="GradusException">No member has anything to say about the grades.</exception>
    public static Combination Fit(EnsembleMethod method, double[][] members, int[] truth, int grades)
    {
        double[] weights = method switch
        {
            EnsembleMethod.Mean or EnsembleMethod.RankMean => [.. members.Select(_ => 1.0)],
            EnsembleMethod.Nnls => NonNegativeLeastSquares.Solve(members, [.. truth.Select(t => (double)t)]),
            EnsembleMethod.Greedy => [.. GreedySelection.Choose(members, scores => Quality(scores, truth, grades), GreedyRounds).Select(n => (double)n)],
            _ => throw new ArgumentOutOfRangeException(nameof(method)),
        };
        double sum = weights.Sum();
        if (!(sum > 0))
            throw new GradusException("least squares gives every member the weight 0: no score rises with the grade", remedy: "Look at the members' own figures, or take --method mean");
        return new Combination(method, [.. weights.Select(w => w / sum)], method == EnsembleMethod.RankMean ? [.. members.Select(ScoreRanks.Of)] : []);
    }

    /// <summary>The score of an image.</summary>
    /// <param name="scores">(m) one a member.</param>
    public double Combine(ReadOnlySpan<double> scores)
    {
        if (Method != EnsembleMethod.RankMean)
            return Mean(scores);
        var ranks = new double[scores.Length];
        for (int m = 0; m < ranks.Length; m++)
            ranks[m] = Ranks[m].Rank(scores[m]);
        double rank = Mean(ranks);
        for (int m = 0; m < ranks.Length; m++)
            ranks[m] = Ranks[m].Score(rank);
        return Mean(ranks);
    }

    /// <summary>The scores of N images.</summary>
    /// <param name="members">(m) scores of the same N images.</param>
    public double[] Combine(IReadOnlyList<double[]> members) => [.. Enumerable.Range(0, members[0].Length).Select(i => Combine([.. members.Select(m => m[i])]))];

    private double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        for (int m = 0; m < values.Length; m++)
            sum += Weights[m] * values[m];
        return sum;
    }

    private static double Quality(double[] scores, int[] truth, int grades)
    {
        if (grades == 2)
            return Auc.Binary(scores, [.. truth.Select(t => t == 1)]) ?? 0;
        var search = new CutPointSearch(ScoreGroups.Of(scores, truth), grades);
        return search.Value(search.Tune());
    }
}
