using Gradus.Metrics;

namespace Gradus.Tests.Metrics;

public sealed class CorrelationTests
{
    // By hand: squared differences of ranks sum to 4, so 1 - 6 * 4 / (5 * 24) = 0.8; tanh(atanh(0.8) ± 1.96 / sqrt(2)), and with sqrt(1.06 / 2).
    [Fact]
    public void Five_pairs_have_the_coefficients_and_intervals_of_the_formulas()
    {
        double[] x = [1, 2, 3, 4, 5], y = [2, 1, 4, 3, 5];
        Estimate pearson = Correlation.Pearson(x, y), spearman = Correlation.Spearman(x, y);
        Assert.Equal(0.8, pearson.Value!.Value, 12);
        Assert.Equal(-0.2797, pearson.Low!.Value, 3);
        Assert.Equal(0.9862, pearson.High!.Value, 3);
        Assert.Equal(0.8, spearman.Value!.Value, 12);
        Assert.True(spearman.Low < pearson.Low && spearman.High > pearson.High);
    }

    [Fact]
    public void Ranks_do_not_care_by_how_much_and_ties_share_theirs()
    {
        Assert.Equal(1, Correlation.Spearman([1, 2, 3, 1000], [1, 4, 9, 16]).Value!.Value, 12);
        // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
        Assert.Equal(4.5 / Math.Sqrt(22.5), Correlation.Spearman([1, 2, 2, 3], [1, 2, 3, 4]).Value!.Value, 12);
    }

    [Fact]
    public void What_cannot_be_told_has_no_value()
    {
        Assert.Null(Correlation.Pearson([1, 2], [1, 2]).Value);
        Assert.Null(Correlation.Pearson([0.1, 0.1, 0.1], [1, 2, 3]).Value);
        Assert.Null(Correlation.Spearman([], []).Value);
        Assert.Null(Correlation.Pearson([1, 2, 3], [1, 3, 2]).Low);
        Assert.Null(Correlation.Pearson([1, 2, 3, 4], [1, 2, 3, 4]).Low);
    }
}
