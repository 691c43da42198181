using System.Runtime.CompilerServices;
using System.Text.Json;
using Gradus.Grading;
using Gradus.Metrics;

namespace Gradus.Tests.Metrics;

public sealed class EvaluationTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "evaluation_golden.json"))).RootElement;

    /// <summary>Expected numbers of scikit-learn; evaluation_golden.py beside this file made them.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_figure_is_that_of_scikit_learn(int which)
    {
        JsonElement expected = Golden.GetProperty("cases")[which];
        int grades = expected.GetProperty("grades").GetInt32();
        GradedImages images = Sample(expected.GetProperty("images").GetInt32(), grades);
        var evaluation = Evaluation.Compute(images, seed: 0, resamples: 50);

        Assert.Equal(expected.GetProperty("confusion").EnumerateArray().SelectMany(Ints), evaluation.Confusion.SelectMany(row => row));
        Is("qwk", evaluation.Qwk);
        Is("linear", evaluation.LinearKappa);
        Is("kappa", evaluation.Kappa);
        Is("accuracy", evaluation.Accuracy);
        Is("mae", evaluation.Mae);
        Are("macro", Four(evaluation.Macro));
        Are("micro", Four(evaluation.Micro));
        Are("sensitivity", evaluation.PerClass.Select(c => c.Sensitivity.Value));
        Are("specificity", evaluation.PerClass.Select(c => c.Specificity.Value));
        Are("precision", evaluation.PerClass.Select(c => c.Precision.Value));
        Are("f1", evaluation.PerClass.Select(c => c.F1.Value));
        Is("auc", evaluation.Auc);
        Are("classAveragePrecision", evaluation.PerClass.Select(c => c.AveragePrecision.Value));
        Is("averagePrecision", evaluation.AveragePrecision);
        for (int k = 0; k < grades; k++)
            Assert.Equal(Doubles(expected.GetProperty("classAuc")[k]), [evaluation.PerClass[k].Auc.Value!.Value, evaluation.PerClass[k].Auc.Low!.Value, evaluation.PerClass[k].Auc.High!.Value], Near);
        Is("brier", evaluation.Calibration!.Brier);
        Is("logLoss", evaluation.Calibration.LogLoss);
        Is("ece", evaluation.Calibration.Ece, 1e-6); // sums of single precision
        Is("classwiseEce", evaluation.Calibration.ClasswiseEce, 1e-6);
        Assert.Equal(expected.GetProperty("temperature").GetDouble(), evaluation.Calibration.Temperature.Temperature, 1e-6);

        void Is(string name, Estimate found, double tolerance = 1e-9) => Assert.Equal(expected.GetProperty(name).GetDouble(), found.Value!.Value, tolerance);
        void Are(string name, IEnumerable<double?> found) => Assert.Equal(Doubles(expected.GetProperty(name)), found.Select(v => v!.Value), Near);
        static IEnumerable<double?> Four(AveragedMetrics m) => [m.Sensitivity.Value, m.Specificity.Value, m.Precision.Value, m.F1.Value];
    }

    [Fact]
    public void A_figure_lies_in_its_interval_and_the_seed_decides_it()
    {
        GradedImages images = Sample(300, 5);
        Evaluation one = Evaluation.Compute(images, 1, 400), again = Evaluation.Compute(images, 1, 400), other = Evaluation.Compute(images, 2, 400);
        Assert.Equal(Text(one), Text(again));
        Assert.NotEqual(one.Qwk, other.Qwk);
        Assert.NotEqual(one.Auc, other.Auc);
        foreach (Estimate e in new[] { one.Qwk, one.LinearKappa, one.Kappa, one.Accuracy, one.Mae, one.Macro.F1, one.Micro.Specificity, one.Auc, one.AveragePrecision, one.Calibration!.Ece, one.Calibration.Brier, one.Calibration.LogLoss })
        {
            Assert.InRange(e.Value!.Value, e.Low!.Value, e.High!.Value);
            Assert.True(e.Low < e.High);
        }
        static string Text(Evaluation e) => JsonSerializer.Serialize(e, GradusJson.Compact);
    }

    [Fact]
    public void The_BCa_interval_of_a_share_covers_it_about_as_often_as_it_says()
    {
        Random random = RandomStream.Create(5, "test");
        int covered = 0;
        const int Worlds = 400;
        for (int world = 0; world < Worlds; world++)
        {
            int hits = Enumerable.Range(0, 60).Count(_ => random.NextDouble() < 0.85);
            Estimate share = CellBootstrap.Estimates(new CellSample([hits, 60 - hits]), cells => [(double)cells[0] / cells.Sum()], random, 500)[0];
            covered += share.Low <= 0.85 && 0.85 <= share.High ? 1 : 0;
        }
        Assert.InRange((double)covered / Worlds, 0.90, 0.985); // a binomial of 400 draws at 0.95 has a standard deviation of 0.011
    }

    [Fact]
    public void Without_probabilities_there_is_no_calibration_and_without_scores_no_AUC()
    {
        GradedImages sample = Sample(100, 3);
        var bare = Evaluation.Compute(new GradedImages(3, sample.Truth, sample.Predicted), 0, 20);
        Assert.Null(bare.Calibration);
        Assert.Equal(default, bare.Auc);
        Assert.All(bare.PerClass, c => Assert.Equal(default, c.AveragePrecision));
        Assert.DoesNotContain("NaN", JsonSerializer.Serialize(bare, GradusJson.Compact), StringComparison.Ordinal);
    }

    [Fact]
    public void A_grade_that_is_predicted_and_never_true_counts_in_macro_means_and_one_that_is_neither_does_not()
    {
        var evaluation = Evaluation.Compute(new GradedImages(4, [0, 0, 1, 1], [0, 0, 0, 2]), 0, 20);
        // scikit-learn: recall, precision and F1 of (0, 0, 1, 1) against (0, 0, 0, 2), average="macro", zero_division=0.
        Assert.Equal(3, evaluation.Macro.Grades);
        Assert.Equal((1 + 0 + 0) / 3.0, evaluation.Macro.Sensitivity.Value!.Value, 1e-12);
        Assert.Equal((2 / 3.0 + 0 + 0) / 3, evaluation.Macro.Precision.Value!.Value, 1e-12);
        Assert.Equal((0.8 + 0 + 0) / 3, evaluation.Macro.F1.Value!.Value, 1e-12);
        Assert.Null(evaluation.PerClass[1].Precision.Value);
        Assert.Null(evaluation.PerClass[3].F1.Value);
    }

    [Fact]
    public void Of_one_true_grade_alone_there_are_accuracy_and_error_and_no_kappa()
    {
        var evaluation = Evaluation.Compute(new GradedImages(3, [1, 1, 1, 1], [1, 1, 2, 0]), 0, 20);
        Assert.Equal((0.5, 0.5), (evaluation.Accuracy.Value, evaluation.Mae.Value));
        Assert.Equal((default, default, default), (evaluation.Qwk, evaluation.LinearKappa, evaluation.Kappa));
        MetricSet set = MetricSet.Compute([1, 1, 1, 1], [1, 1, 2, 0], new GradedScores(4, 0, [], [1, 1, 2, 0], null), new GradeScale(["a", "b", "c"]), 0);
        Assert.Null(set.Qwk);
        Assert.Null(set.QwkLow);
        Assert.Equal((0.5, 0.5), (set.Accuracy, set.Mae));
        Assert.Contains("\"qwk\":null", JsonSerializer.Serialize(set, GradusJson.Compact), StringComparison.Ordinal);
        var two = EvaluationDifference.Compute(new GradedImages(3, [1, 1], [1, 2]), new GradedImages(3, [1, 1], [1, 1]), 0, 20);
        Assert.Null(two.Difference.Qwk.Value);
        Assert.Equal(0.5, two.Difference.Accuracy.Value);
    }

    [Fact]
    public void Images_of_one_patient_that_say_the_same_thing_widen_intervals_as_if_each_patient_had_one()
    {
        // Every patient has four images with one fate: drawn by patients, the interval is that of a quarter of the images.
        GradedImages patients = Sample(100, 5);
        int[] four = [.. Enumerable.Range(0, 400).Select(i => i / 4)];
        GradedImages images = patients.InOrder(four), grouped = images.WithGroups(four);
        Assert.Equal((400, 100), (images.Units, grouped.Units));
        double Width(Estimate e) => e.High!.Value - e.Low!.Value;
        Evaluation one = Evaluation.Compute(patients, 1, 1000), alone = Evaluation.Compute(images, 1, 1000), whole = Evaluation.Compute(grouped, 1, 1000);
        foreach (Func<Evaluation, Estimate> of in new Func<Evaluation, Estimate>[] { e => e.Qwk, e => e.Accuracy, e => e.Auc, e => e.Macro.F1 })
        {
            Assert.Equal(of(alone).Value!.Value, of(whole).Value!.Value, 1e-12);
            Assert.Equal(Width(of(one)), Width(of(whole)), 0.15 * Width(of(one)));
            Assert.InRange(Width(of(whole)) / Width(of(alone)), 1.6, 2.4);
        }
        Assert.NotEqual(alone.PerClass[0].Auc, whole.PerClass[0].Auc);
        GradedImages better = new(5, grouped.Truth, grouped.Truth, groups: grouped.Groups), bare = new(5, grouped.Truth, grouped.Predicted, groups: grouped.Groups);
        Estimate gain = EvaluationDifference.Compute(bare, better, 1, 1000).Difference.Accuracy;
        Estimate narrow = EvaluationDifference.Compute(bare.WithGroups(null), better.WithGroups(null), 1, 1000).Difference.Accuracy;
        Assert.InRange(Width(gain) / Width(narrow), 1.6, 2.4);
    }

    [Fact]
    public void A_temperature_that_was_applied_is_found_again()
    {
        // Truth is drawn from the probabilities, which are then sharpened: dividing their logs by 2 undoes it.
        Random random = RandomStream.Create(9, "test");
        var sharp = new double[3 * 20_000];
        var truth = new int[20_000];
        for (int i = 0; i < truth.Length; i++)
        {
            double[] p = [.. Enumerable.Range(0, 3).Select(_ => random.NextDouble() + 0.01)];
            double u = random.NextDouble() * p.Sum();
            truth[i] = u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
            for (int k = 0; k < 3; k++)
                sharp[3 * i + k] = p[k] * p[k] / p.Sum(q => q * q);
        }
        var scaling = TemperatureScaling.Fit(sharp, truth, 0);
        Assert.Equal(2, scaling.Temperature, 0.1);
        Assert.True(scaling.Ece < CalibrationFigures.Ece(sharp, truth) / 3);
    }

    [Fact]
    public void Two_equal_predictions_do_not_differ_and_a_better_one_does()
    {
        GradedImages a = Sample(300, 5);
        EvaluationDifference none = EvaluationDifference.Compute(a, a, 0, 200).Difference;
        Assert.Equal(new Estimate(0, 0, 0), none.Qwk);
        Assert.Equal(new Estimate(0, 0, 0), none.Auc);
        Assert.False(none.Qwk.ExcludesZero);

        var worse = new GradedImages(5, a.Truth, [.. a.Predicted.Select((p, i) => i % 4 == 0 ? (p + 2) % 5 : p)], a.Scores, a.Probabilities);
        (Evaluation first, Evaluation second, EvaluationDifference difference) = EvaluationDifference.Compute(worse, a, 0, 200);
        Assert.Equal(second.Qwk.Value!.Value - first.Qwk.Value!.Value, difference.Qwk.Value!.Value, 1e-12);
        Assert.True(difference.Qwk.Low > 0 && difference.Accuracy.ExcludesZero && difference.Mae.High < 0);
        Assert.Throws<ArgumentException>(() => EvaluationDifference.Compute(a, Sample(200, 5), 0));
    }

    [Fact]
    public void Paired_intervals_are_narrower_than_the_difference_of_unpaired_ones()
    {
        GradedImages a = Sample(300, 5);
        var b = new GradedImages(5, a.Truth, [.. a.Predicted.Select((p, i) => i % 50 == 0 ? a.Truth[i] : p)], a.Scores, a.Probabilities);
        (Evaluation first, _, EvaluationDifference difference) = EvaluationDifference.Compute(a, b, 0, 400);
        Assert.True(difference.Accuracy.High - difference.Accuracy.Low < 0.6 * (first.Accuracy.High - first.Accuracy.Low));
    }

    /// <summary>As evaluation_golden.py makes them.</summary>
    internal static GradedImages Sample(int images, int grades)
    {
        long state = 12345;
        var (truth, predicted, probabilities) = (new int[images], new int[images], new double[images * grades]);
        for (int i = 0; i < images; i++)
        {
            var row = new int[grades + 2];
            for (int k = 0; k < row.Length; k++)
            {
                state = (state * 1103515245 + 12345) % 2147483648;
                row[k] = (int)(state / 65536);
            }
            truth[i] = row[0] * row[0] / 32768 * grades / 32768;
            int[] weights = [.. Enumerable.Range(0, grades).Select(k => row[k + 2] % 40 + 1 + 25 / (1 + Math.Abs(k - truth[i])))];
            for (int k = 0; k < grades; k++)
                probabilities[i * grades + k] = (double)weights[k] / weights.Sum();
            predicted[i] = row[1] % 4 != 0 ? Array.IndexOf(weights, weights.Max()) : Math.Min(grades - 1, truth[i] + row[1] % 3);
        }
        return new GradedImages(grades, truth, predicted, grades == 2 ? [.. Enumerable.Range(0, images).Select(i => probabilities[2 * i + 1])] : null, probabilities);
    }

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-9;

    private static IEnumerable<int> Ints(JsonElement row) => row.EnumerateArray().Select(v => v.GetInt32());

    private static IEnumerable<double> Doubles(JsonElement row) => row.EnumerateArray().Select(v => v.GetDouble());

    private static string Here([CallerFilePath] string path = "") => path;
}
