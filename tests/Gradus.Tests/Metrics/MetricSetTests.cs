using System.Text.Json;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Tests.Runs;

namespace Gradus.Tests.Metrics;

public sealed class MetricSetTests
{
    [Fact]
    public void Undefined_values_are_null_in_JSON_and_never_NaN()
    {
        GradedScores scores = new BinaryTarget().Link(new Logits(2, 1, [float.NaN, 1]));
        MetricSet metrics = MetricSet.Compute([0, 0], [0, 0], scores, SampleRun.Histology);
        string json = JsonSerializer.Serialize(metrics, GradusJson.Compact);
        Assert.DoesNotContain("NaN", json, StringComparison.Ordinal);
        Assert.StartsWith("{\"qwk\":null,\"qwkLow\":null,\"qwkHigh\":null,\"accuracy\":1,\"mae\":0,\"auc\":null,\"perClass\":[{\"support\":2,\"sensitivity\":1,\"specificity\":null,", json, StringComparison.Ordinal);
        Assert.EndsWith("\"confusion\":[[2,0],[0,0]],\"predictedCounts\":[2,0]}", json, StringComparison.Ordinal);
    }

    [Fact]
    public void It_reads_back_what_it_wrote()
    {
        MetricSet metrics = SampleRun.Record(3).Validation.Tuned;
        string json = JsonSerializer.Serialize(metrics, GradusJson.Compact);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<MetricSet>(json, GradusJson.Compact), GradusJson.Compact));
    }

    [Fact]
    public void AUC_is_of_the_score_for_two_grades_the_macro_mean_for_more_and_null_for_regression()
    {
        int[] truth = [0, 1, 1, 0];
        GradedScores two = new BinaryTarget().Link(new Logits(4, 1, [0.1f, 0.4f, -0.2f, -0.7f]));
        Assert.Equal(0.75, MetricSet.Compute(truth, truth, two, SampleRun.Histology).Auc);

        var three = new GradeScale(["a", "b", "c"]);
        GradedScores classes = new ClassTarget().Link(new Logits(4, 3, [2, 1, 0, 1, 2, 0, 0, 1, 2, 2, 0, 1]));
        Assert.Equal(Auc.MacroOneVsRest(classes.Probabilities, truth), MetricSet.Compute(truth, truth, classes, three).Auc);

        GradedScores regressed = new RegressionTarget().Link(new Logits(4, 1, [0, 1, 1, 0]));
        Assert.Null(MetricSet.Compute(truth, truth, regressed, three).Auc);
    }

    [Fact]
    public void The_interval_is_there_exactly_where_a_seed_was_given()
    {
        SplitsOf(SampleRun.Record(4), out MetricSet train, out MetricSet validation);
        Assert.Null(train.QwkLow);
        Assert.InRange(validation.Qwk!.Value, validation.QwkLow!.Value, validation.QwkHigh!.Value);
    }

    [Fact]
    public void No_images_are_refused() =>
        Assert.Throws<ArgumentException>(() => MetricSet.Compute([], [], new GradedScores(0, 1, [], [], null), SampleRun.Histology));

    private static void SplitsOf(Gradus.Runs.EpochRecord record, out MetricSet train, out MetricSet validation) =>
        (train, validation) = (record.Train.Default, record.Validation.Default);
}
