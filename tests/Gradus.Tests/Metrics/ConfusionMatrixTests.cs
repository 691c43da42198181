using CsCheck;
using Gradus.Metrics;

namespace Gradus.Tests.Metrics;

public sealed class ConfusionMatrixTests
{
    // scikit-learn 1.2.1 on the grades of KappaTests: confusion_matrix, accuracy_score, mean_absolute_error,
    // precision_recall_fscore_support(labels=range(5)).
    [Fact]
    public void Counts_and_figures_are_those_of_scikit_learn()
    {
        ConfusionMatrix matrix = KappaTests.Sixty();
        int[][] expected = [[12, 6, 0, 0, 0], [8, 2, 6, 0, 0], [0, 2, 2, 1, 0], [0, 0, 3, 5, 2], [0, 0, 0, 3, 8]];
        Assert.Equal(expected, matrix.ToRows().Select(r => r.ToArray()));
        Assert.Equal(0.48333333333333334, matrix.Accuracy!.Value, 1e-15);
        Assert.Equal(0.5166666666666667, matrix.MeanAbsoluteError!.Value, 1e-15);
        double[] precision = [0.6, 0.2, 0.18181818181818182, 0.5555555555555556, 0.8];
        double[] recall = [0.6666666666666666, 0.125, 0.4, 0.5, 0.7272727272727273];
        double[] f1 = [0.631578947368421, 0.15384615384615385, 0.25, 0.5263157894736842, 0.761904761904762];
        for (int k = 0; k < 5; k++)
        {
            ClassMetrics of = matrix.Class(k);
            Assert.Equal(precision[k], of.Precision!.Value, 1e-14);
            Assert.Equal(recall[k], of.Sensitivity!.Value, 1e-14);
            Assert.Equal(f1[k], of.F1!.Value, 1e-14);
        }
    }

    [Fact]
    public void Specificity_is_the_share_of_other_images_not_taken_for_the_grade() => KappaTests.Gradings.Sample((truth, predicted) =>
    {
        var matrix = ConfusionMatrix.Of(truth, predicted, 5);
        for (int k = 0; k < 5; k++)
        {
            int others = truth.Count(t => t != k);
            int spared = truth.Zip(predicted).Count(p => p.First != k && p.Second != k);
            Assert.Equal(others == 0 ? null : (double)spared / others, matrix.Class(k).Specificity);
        }
    });

    [Fact]
    public void What_would_divide_by_nothing_is_null()
    {
        var matrix = ConfusionMatrix.Of([0, 0], [0, 0], 3);
        Assert.Equal(new ClassMetrics(2, 1, null, 1, 1), matrix.Class(0));
        Assert.Equal(new ClassMetrics(0, null, 1, null, null), matrix.Class(2));
        Assert.Null(ConfusionMatrix.Of([], [], 3).Accuracy);
        Assert.Null(ConfusionMatrix.Of([], [], 3).MeanAbsoluteError);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void A_grade_outside_the_scale_is_refused(int grade) => Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of([grade], [0], 5));

    [Fact]
    public void Fewer_predictions_than_truths_are_refused() => Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of([0, 1], [0], 5));
}
