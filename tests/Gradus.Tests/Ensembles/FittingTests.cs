using CsCheck;
using Gradus.Ensembles;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Gradus.Tests.Ensembles;

public sealed class FittingTests
{
    // Dependent columns are frequent among these; columns that are dependent but for 1e-40 have no solution in double precision.
    private static readonly Gen<double> Quarters = Gen.Int[-8, 8].Select(q => q / 4.0);

    private static readonly Gen<(double[][] Columns, double[] Target)> Problems =
        from m in Gen.Int[1, 5]
        from n in Gen.Int[3, 12]
        from columns in Quarters.Array[n].Array[m]
        from target in Quarters.Array[n]
        select (columns, target);

    [Fact]
    public void Least_squares_without_negative_weights_meets_its_optimality_conditions() => Problems.Sample(p =>
    {
        double[] x = NonNegativeLeastSquares.Solve(p.Columns, p.Target);
        double[] residual = [.. p.Target.Select((b, i) => b - x.Select((w, j) => w * p.Columns[j][i]).Sum())];
        for (int j = 0; j < x.Length; j++)
        {
            double gradient = p.Columns[j].Select((a, i) => a * residual[i]).Sum();
            Assert.True(x[j] >= 0);
            Assert.True(gradient <= 1e-6, $"weight {j} should grow: {gradient}");
            Assert.True(x[j] == 0 || Math.Abs(gradient) <= 1e-6, $"weight {j} should move: {gradient}");
        }
    });

    [Fact]
    public void Least_squares_without_negative_weights_is_never_worse_than_the_best_set_of_columns() => Problems.Sample(p =>
    {
        double found = Error(p.Columns, p.Target, NonNegativeLeastSquares.Solve(p.Columns, p.Target));
        for (int set = 0; set < 1 << p.Columns.Length; set++)
        {
            int[] at = [.. Enumerable.Range(0, p.Columns.Length).Where(j => (set >> j & 1) == 1)];
            if (at.Length > p.Target.Length)
                continue;
            var x = new double[p.Columns.Length];
            if (at.Length > 0)
            {
                // The best of a dependent set is also that of an independent one among it; its own solution is rounding errors times huge weights.
                Svd<double> columns = Matrix<double>.Build.DenseOfColumnArrays(at.Select(j => p.Columns[j])).Svd();
                if (columns.Rank < at.Length)
                    continue;
                Vector<double> free = columns.Solve(Vector<double>.Build.Dense(p.Target));
                for (int i = 0; i < at.Length; i++)
                    x[at[i]] = free[i];
            }
            if (x.All(w => w >= 0))
                Assert.True(found <= Error(p.Columns, p.Target, x) + 1e-9);
        }
    });

    [Fact]
    public void Equal_members_share_without_harm()
    {
        double[] column = [0.1, 1.2, 1.9, 3.3];
        double[] x = NonNegativeLeastSquares.Solve([column, column, [1, -1, 1, -1]], [0, 1, 2, 3]);
        Assert.Equal(NonNegativeLeastSquares.Solve([column, [1, -1, 1, -1]], [0, 1, 2, 3]).Sum(), x.Sum(), 1e-9);
    }

    [Fact]
    public void Greedy_selection_finds_the_pair_that_mends_each_others_errors()
    {
        double[] truth = [0, 1, 2, 3], up = [1, 2, 3, 4], down = [-1, 0, 1, 2], poor = [3, 0, 1, 2];
        int[] chosen = GreedySelection.Choose([poor, up, down], s => -s.Zip(truth, (a, b) => (a - b) * (a - b)).Sum(), 9);
        Assert.Equal([0, 1, 1], chosen);
    }

    [Fact]
    public void Greedy_selection_is_at_least_as_good_as_the_best_member() => Problems.Sample(p =>
    {
        int[] chosen = GreedySelection.Choose(p.Columns, Quality, 8);
        double[] mean = [.. p.Target.Select((_, i) => p.Columns.Select((c, j) => c[i] * chosen[j]).Sum() / chosen.Sum())];
        Assert.True(Quality(mean) >= p.Columns.Max(Quality) - 1e-9);

        double Quality(double[] scores) => -scores.Zip(p.Target, (a, b) => (a - b) * (a - b)).Sum();
    });

    [Fact]
    public void A_rank_turned_back_is_the_score() => Gen.Select(Gen.Double[0, 4].Array[1, 40], Gen.Double[0, 1]).Sample((scores, share) =>
    {
        var ranks = ScoreRanks.Of(scores);
        double score = scores.Min() + share * (scores.Max() - scores.Min());
        Assert.Equal(score, ranks.Score(ranks.Rank(score)), 1e-9);
        Assert.InRange(ranks.Rank(100), ranks.Rank(score), 1);
    });

    [Fact]
    public void The_mean_of_ranks_does_not_mind_a_members_scale()
    {
        double[] a = [0.1, 0.9, 2.2, 3.7], b = [1.5, 0.2, 2.9, 3.1];
        int[] truth = [0, 1, 2, 3];
        double[] stretched = [.. b.Select(x => Math.Exp(x))];
        Combination plain = Combination.Fit(EnsembleMethod.RankMean, [a, b], truth, 4), odd = Combination.Fit(EnsembleMethod.RankMean, [a, stretched], truth, 4);
        Assert.Equal(Order(plain.Combine([a, b])), Order(odd.Combine([a, stretched])));
        Assert.Equal(a, Combination.Fit(EnsembleMethod.RankMean, [a], truth, 4).Combine([a]));

        static int[] Order(double[] values) => [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
    }

    private static double Error(double[][] columns, double[] target, double[] x) => target.Select((b, i) => Math.Pow(b - x.Select((w, j) => w * columns[j][i]).Sum(), 2)).Sum();
}
