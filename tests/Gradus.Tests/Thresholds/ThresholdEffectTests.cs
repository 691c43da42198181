using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Tests.Thresholds;

public sealed class ThresholdEffectTests
{
    private static readonly string[] Names = ["none", "mild", "moderate", "severe"];

    [Fact]
    public void A_grade_that_tuned_thresholds_empty_is_named_with_what_validation_has_of_it()
    {
        var effect = new ThresholdEffect([60, 10, 18, 12], [58, 12, 20, 10], [60, 12, 28, 0]);
        string warning = effect.Warning(Names)!;
        Assert.StartsWith("tuned thresholds leave no image of grade 3 severe (validation has 12)", warning, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', warning);
        Assert.Contains("grade 3 (these images have 12)", effect.Warning(images: "these images")!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_that_tuned_thresholds_move_out_of_its_interval_is_named()
    {
        var effect = new ThresholdEffect([50, 50, 0, 0], [48, 52, 0, 0], [20, 80, 0, 0]);
        string warning = effect.Warning(Names)!;
        Assert.Contains("grade 0 none for 20 % of the images (validation: 50 %, 95 % interval 40.4 % to 59.6 %)", warning, StringComparison.Ordinal);
        Assert.Contains("grade 1 mild for 80 %", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_said_where_tuning_does_no_harm_or_the_default_was_as_far_off()
    {
        Assert.Null(new ThresholdEffect([50, 50], [48, 52], [52, 48]).Warning());
        Assert.Null(new ThresholdEffect([50, 50], [10, 90], [20, 80]).Warning());
        Assert.Null(new ThresholdEffect([50, 50, 0], [48, 52, 0], [52, 48, 0]).Warning());
        Assert.Null(new ThresholdEffect(default, default, default).Warning());
    }

    [Fact]
    public void Figures_beside_QWK_are_those_of_the_matrix()
    {
        var figures = GradingFigures.Of(ConfusionMatrix.Of([0, 0, 0, 1, 1], [0, 0, 2, 1, 1], 4));
        Assert.Equal(0.8, figures.Accuracy);
        Assert.Equal(0.6, figures.MacroF1, 1e-12); // scikit-learn
        Assert.Equal(3, figures.MacroGrades);
        Assert.Equal([0.6, 0.4, 0, 0], figures.Shares.Select(s => s.True));
        Assert.Equal([0.4, 0.4, 0.2, 0], figures.Shares.Select(s => s.Predicted));
        Assert.Equal((0.2307, 0.8824), (Math.Round(figures.Shares[0].Low, 4), Math.Round(figures.Shares[0].High, 4))); // Wilson, 3 of 5
    }
}
