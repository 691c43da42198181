using CsCheck;
using Gradus.Metrics;

namespace Gradus.Tests.Metrics;

public sealed class AucTests
{
    // scikit-learn 1.2.1, i = arange(60): roc_auc_score(i*3 % 5 >= 3, (i*7 % 13) / 13)
    [Fact]
    public void Binary_AUC_with_ties_is_that_of_scikit_learn()
    {
        double[] scores = [.. Enumerable.Range(0, 60).Select(i => i * 7 % 13 / 13.0)];
        bool[] positives = [.. Enumerable.Range(0, 60).Select(i => i * 3 % 5 >= 3)];
        Assert.Equal(0.4583333333333333, Auc.Binary(scores, positives)!.Value, 1e-15);
    }

    // The grades of KappaTests; raw[i, k] = 1 + (i * (2k + 3) + 7) % 11 + (truth[i] == k ? 6 * (i % 2) : 0), rows divided by their sums;
    // roc_auc_score(truth, raw, multi_class='ovr', average='macro').
    [Fact]
    public void Macro_AUC_is_that_of_scikit_learn()
    {
        (int[] truth, _) = KappaTests.SixtyGrades();
        double[][] raw = [.. truth.Select((t, i) => Enumerable.Range(0, 5).Select(k => 1.0 + (i * (2 * k + 3) + 7) % 11 + (t == k ? 6 * (i % 2) : 0)).ToArray())];
        double[] probabilities = [.. raw.SelectMany(row => row.Select(v => v / row.Sum()))];
        Assert.Equal(0.7343690733869306, Auc.MacroOneVsRest(probabilities, truth)!.Value, 1e-14);
    }

    [Fact]
    public void AUC_is_the_share_of_pairs_that_the_positive_wins() => Gen.Int[0, 6].Select(Gen.Bool).Array[1, 40].Sample(images =>
    {
        double[] scores = [.. images.Select(i => i.Item1 / 7.0)];
        bool[] positives = [.. images.Select(i => i.Item2)];
        double[] pairs =
        [
            .. from p in images where p.Item2
               from n in images where !n.Item2
               select p.Item1 > n.Item1 ? 1.0 : p.Item1 == n.Item1 ? 0.5 : 0,
        ];
        double? auc = Auc.Binary(scores, positives);
        if (pairs.Length == 0)
            Assert.Null(auc);
        else
            Assert.Equal(pairs.Average(), auc!.Value, 1e-12);
    });

    [Fact]
    public void Grades_without_an_image_are_left_out_of_the_mean()
    {
        double[] probabilities = [0.7, 0.2, 0.1, 0.4, 0.5, 0.1, 0.6, 0.3, 0.1, 0.5, 0.4, 0.1];
        int[] truth = [0, 1, 1, 0]; // grade 2 is absent
        double first = Auc.Binary([0.7, 0.4, 0.6, 0.5], [true, false, false, true])!.Value;
        double second = Auc.Binary([0.2, 0.5, 0.3, 0.4], [false, true, true, false])!.Value;
        Assert.Equal((first + second) / 2, Auc.MacroOneVsRest(probabilities, truth)!.Value, 1e-15);
    }

    [Fact]
    public void AUC_is_undefined_with_one_class_without_images_and_with_scores_that_are_no_numbers()
    {
        Assert.Null(Auc.Binary([0.1, 0.2], [true, true]));
        Assert.Null(Auc.Binary([], []));
        Assert.Null(Auc.Binary([double.NaN, 0.2], [true, false]));
        Assert.Null(Auc.MacroOneVsRest([1, 0, 1, 0], [1, 1]));
        Assert.Null(Auc.MacroOneVsRest([double.NaN, 0, 1, 0], [0, 1]));
    }
}
