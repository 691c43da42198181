using CsCheck;
using Gradus.Metrics;

namespace Gradus.Tests.Metrics;

public sealed class KappaTests
{
    internal static readonly Gen<(int[] Truth, int[] Predicted)> Gradings =
        Gen.Int[0, 4].Select(Gen.Int[0, 4]).Array[1, 40].Select(pairs => (pairs.Select(p => p.Item1).ToArray(), pairs.Select(p => p.Item2).ToArray()));

    // scikit-learn 1.2.1, i = arange(60): truth = (i*i + 3*i) % 23 % 5, predicted = clip(truth + (i*5 % 7) % 3 - 1, 0, 4);
    // cohen_kappa_score(truth, predicted, labels=range(5), weights=None | 'linear' | 'quadratic').
    [Fact]
    public void Kappas_are_those_of_scikit_learn()
    {
        ConfusionMatrix matrix = Sixty();
        Assert.Equal(0.34159292035398237, Kappa.Unweighted(matrix), 1e-14);
        Assert.Equal(0.6901032989003666, Kappa.Linear(matrix), 1e-14);
        Assert.Equal(0.8838951310861423, Kappa.Quadratic(matrix), 1e-14);
    }

    [Fact]
    public void A_constant_that_is_always_right_has_kappa_0_because_nothing_beyond_chance_was_shown()
    {
        var matrix = ConfusionMatrix.Of([2, 2, 2], [2, 2, 2], 5);
        Assert.Equal(0, Kappa.Quadratic(matrix));
        Assert.Equal(0, Kappa.Linear(matrix));
        Assert.Equal(0, Kappa.Unweighted(matrix));
    }

    [Fact]
    public void No_images_have_kappa_0() => Assert.Equal(0, Kappa.Quadratic(ConfusionMatrix.Of([], [], 5)));

    [Fact]
    public void A_constant_prediction_has_kappa_0_and_a_perfect_one_has_1()
    {
        int[] truth = [0, 1, 2, 3, 4, 0];
        Assert.Equal(0, Kappa.Quadratic(ConfusionMatrix.Of(truth, [2, 2, 2, 2, 2, 2], 5)), 1e-15);
        Assert.Equal(1, Kappa.Quadratic(ConfusionMatrix.Of(truth, truth, 5)));
    }

    [Fact]
    public void Quadratic_kappa_is_one_minus_the_mean_squared_distance_of_pairs_over_that_of_all_pairings() => Gradings.Sample((truth, predicted) =>
    {
        double observed = truth.Zip(predicted, (t, p) => (double)(t - p) * (t - p)).Average();
        double expected = truth.SelectMany(_ => predicted, (t, p) => (double)(t - p) * (t - p)).Average();
        double kappa = Kappa.Quadratic(ConfusionMatrix.Of(truth, predicted, 5));
        Assert.Equal(expected == 0 ? 0 : 1 - observed / expected, kappa, 1e-12);
    });

    [Fact]
    public void Kappa_is_the_same_with_truth_and_prediction_exchanged() => Gradings.Sample((truth, predicted) =>
        Assert.Equal(Kappa.Quadratic(ConfusionMatrix.Of(truth, predicted, 5)), Kappa.Quadratic(ConfusionMatrix.Of(predicted, truth, 5))));

    internal static ConfusionMatrix Sixty()
    {
        (int[] truth, int[] predicted) = SixtyGrades();
        return ConfusionMatrix.Of(truth, predicted, 5);
    }

    internal static (int[] Truth, int[] Predicted) SixtyGrades()
    {
        int[] truth = [.. Enumerable.Range(0, 60).Select(i => (i * i + 3 * i) % 23 % 5)];
        return (truth, [.. truth.Select((t, i) => Math.Clamp(t + i * 5 % 7 % 3 - 1, 0, 4))]);
    }
}
