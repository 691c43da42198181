using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gradus.EndToEnd;

/// <summary>Figures of predictions that somebody made elsewhere.</summary>
public sealed class EvaluatePredictionsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gradus-evaluate-").FullName;

    public EvaluatePredictionsTests()
    {
        Write("labels.csv", Rows("id_code,diagnosis", i => $"{i % 3}"));
        Write("good.csv", Rows("id,prediction,p0,p1,p2", i => $"{(i % 10 == 0 ? (i + 1) % 3 : i % 3)},{Probabilities(i % 10 == 0 ? (i + 1) % 3 : i % 3, i)}"));
        Write("bad.csv", Rows("image,prediction,p0,p1,p2", i => $"{(i % 2 == 0 ? (i + 1) % 3 : i % 3)},{Probabilities(i % 2 == 0 ? (i + 1) % 3 : i % 3, i)}", reverse: true));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void One_file_is_measured_and_drawn()
    {
        GradusProcess.Finished one = GradusProcess.Run(_root, "evaluate", "--predictions", "good.csv", "--grades", "labels.csv", "--plots", "plots", "--json");
        Assert.True(one.Code == 0, one.Error);
        Assert.Equal(120, one.Json.GetProperty("images").GetInt32());
        JsonElement accuracy = one.Json.GetProperty("metrics").GetProperty("accuracy");
        Assert.Equal(0.9, accuracy.GetProperty("value").GetDouble(), 1e-12);
        Assert.InRange(0.9, accuracy.GetProperty("low").GetDouble(), accuracy.GetProperty("high").GetDouble());
        Assert.True(one.Json.GetProperty("metrics").GetProperty("calibration").GetProperty("ece").GetProperty("value").GetDouble() > 0);
        foreach (string plot in new[] { "confusion.png", "reliability.png" })
            Assert.Equal("PNG"u8, File.ReadAllBytes(Path.Combine(_root, "plots", plot)).AsSpan(1, 3));
    }

    [Fact]
    public void Two_files_are_paired_by_id_and_the_difference_is_told_in_words()
    {
        GradusProcess.Finished two = GradusProcess.Run(_root, "evaluate", "bad.csv", "good.csv", "--grades", "labels.csv", "--json");
        Assert.True(two.Code == 0, two.Error);
        JsonElement qwk = two.Json.GetProperty("difference").GetProperty("qwk");
        Assert.True(qwk.GetProperty("low").GetDouble() > 0);
        Assert.Equal(0.5, two.Json.GetProperty("a").GetProperty("metrics").GetProperty("accuracy").GetProperty("value").GetDouble(), 1e-12);
        Assert.Contains("By QWK B is better", two.Error, StringComparison.Ordinal);
        GradusProcess.Finished same = GradusProcess.Run(_root, "evaluate", "good.csv", "good.csv", "--grades", "labels.csv");
        Assert.Contains("cannot tell A and B apart from noise", same.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_finds_cut_points_for_other_metrics()
    {
        Write("scores.csv", Rows("image,grade,score", i => string.Create(CultureInfo.InvariantCulture, $"{i % 3},{0.6 * (i % 3) + i % 7 * 0.1:F3}")));
        GradusProcess.Finished tuned = GradusProcess.Run(_root, "tune", "--scores", "scores.csv", "--metric", "accuracy", "--json");
        Assert.True(tuned.Code == 0, tuned.Error);
        Assert.Equal("accuracy", tuned.Json.GetProperty("metric").GetString());
        Assert.True(tuned.Json.GetProperty("accuracy").GetProperty("inSample").GetDouble() > tuned.Json.GetProperty("accuracy").GetProperty("default").GetDouble());
        GradusProcess.Run(_root, "tune", "--scores", "scores.csv", "--metric", "acuracy").FailsWith(2, "--metric", "Did you mean 'accuracy'");
    }

    [Fact]
    public void A_grade_that_is_predicted_and_never_true_counts_and_the_figure_says_over_how_many_grades_it_averages()
    {
        Write("absent.csv", "id,truth,prediction\na,0,0\nb,1,1\nc,0,2\nd,1,1\ne,0,0\n");
        JsonElement macro = One("absent.csv", "--json").Json.GetProperty("metrics").GetProperty("macro");
        Assert.Equal(0.6, macro.GetProperty("f1").GetProperty("value").GetDouble(), 1e-12); // scikit-learn
        Assert.Equal(3, macro.GetProperty("grades").GetInt32());
        Assert.Contains("macro F1, over 3 of 3 grades", One("absent.csv").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_true_grade_alone_has_accuracy_and_error_and_no_QWK_in_evaluate_and_tune()
    {
        Write("one.csv", "image,truth,score\na,1,0.9\nb,1,1.2\nc,1,2.1\nd,1,0.2\ne,1,1.1\n");
        GradusProcess.Finished text = One("one.csv"), json = One("one.csv", "--json");
        Assert.Matches("QWK +–", text.Output);
        JsonElement metrics = json.Json.GetProperty("metrics");
        Assert.Equal(JsonValueKind.Null, metrics.GetProperty("qwk").GetProperty("value").ValueKind);
        Assert.Equal(0.8, metrics.GetProperty("accuracy").GetProperty("value").GetDouble(), 1e-12);
        Assert.Equal(0.2, metrics.GetProperty("mae").GetProperty("value").GetDouble(), 1e-12);
        GradusProcess.Finished tuned = GradusProcess.Run(_root, "tune", "--scores", "one.csv", "--json");
        Assert.True(tuned.Code == 0, tuned.Error);
        Assert.Matches("QWK +–", tuned.Error);
        Assert.Equal(JsonValueKind.Null, tuned.Json.GetProperty("qwk").GetProperty("default").ValueKind);
        Assert.Equal(JsonValueKind.Null, tuned.Json.GetProperty("default").GetProperty("qwk").ValueKind);
        Assert.Equal(0.8, tuned.Json.GetProperty("default").GetProperty("accuracy").GetDouble(), 1e-12);
        Assert.Equal(0.2, tuned.Json.GetProperty("default").GetProperty("mae").GetDouble(), 1e-12);
    }

    [Fact]
    public void Patients_are_resampled_where_their_column_is_named_and_that_is_said()
    {
        Write("patients.csv", Rows("id,grade,patient", i => $"{i % 3},p{i / 4}"));
        GradusProcess.Finished one = GradusProcess.Run(_root, "evaluate", "--predictions", "good.csv", "--grades", "patients.csv", "--group", "patient");
        Assert.Contains("resampling 30 patients", one.Output, StringComparison.Ordinal);
        GradusProcess.Finished two = GradusProcess.Run(_root, "evaluate", "bad.csv", "good.csv", "--grades", "patients.csv", "--group", "patient", "--json");
        Assert.Equal((30, "patient"), (two.Json.GetProperty("resampled").GetProperty("units").GetInt32(), two.Json.GetProperty("resampled").GetProperty("by").GetString()));
        Assert.Contains("resampling 30 patients", two.Error, StringComparison.Ordinal);
        GradusProcess.Finished tuned = GradusProcess.Run(_root, "tune", "--scores", "good.csv", "--labels", "patients.csv", "--group", "patient", "--json");
        Assert.True(tuned.Code == 0, tuned.Error);
        Assert.Equal(30, tuned.Json.GetProperty("resampled").GetProperty("units").GetInt32());
        Assert.Contains("resampling 30 patients", tuned.Error, StringComparison.Ordinal);
        One("good.csv", "--grades", "patients.csv", "--group", "person").FailsWith(2, "'person' is missing", "--group");
    }

    [Fact]
    public void Names_of_grades_are_understood_with_a_scale_and_refused_with_the_remedy_without()
    {
        string[] names = ["none", "mild", "severe"];
        Write("named.csv", Rows("id,diagnosis", i => names[i % 3]));
        One("good.csv", "--grades", "named.csv").FailsWith(2, "named.csv:2", "'none'", "--scale");
        GradusProcess.Finished named = One("good.csv", "--grades", "named.csv", "--scale", "none,mild,severe", "--json");
        Assert.Equal(0.9, named.Json.GetProperty("metrics").GetProperty("accuracy").GetProperty("value").GetDouble(), 1e-12);
        Write("scale.yaml", SmallWorld.Experiment().Replace("[none, mild, moderate, severe, proliferative]", "[none, mild, severe]").Replace("[1, 1.5, 1, 1.5, 1.5]", "[1, 1, 1]"));
        Assert.Equal(0, One("good.csv", "--grades", "named.csv", "--scale", "scale.yaml").Code);
        GradusProcess.Finished tuned = GradusProcess.Run(_root, "tune", "--scores", "good.csv", "--labels", "named.csv", "--scale", "none,mild,severe", "--json");
        // The column 'prediction' is what both measure before tuning.
        Assert.Equal(named.Json.GetProperty("metrics").GetProperty("qwk").GetProperty("value").GetDouble(), tuned.Json.GetProperty("default").GetProperty("qwk").GetDouble(), 1e-12);
        Assert.Equal(named.Json.GetProperty("predictedBy").GetString(), tuned.Json.GetProperty("defaultBy").GetString());
    }

    [Fact]
    public void Tuned_thresholds_that_leave_a_grade_empty_are_told_in_a_line_with_accuracy_and_shares_beside_QWK()
    {
        // The six of grade 2 score as eight of grade 1 do, which cut points for accuracy give away.
        Write("rare.csv", Rows("image,grade,score", i => string.Create(CultureInfo.InvariantCulture, $"{(i % 20 == 0 ? 2 : i % 2)},{(i % 20 == 0 ? 1.6 : i % 2 == 0 ? i % 7 * 0.05 : 1 + i % 7 * 0.1):F3}")));
        GradusProcess.Finished tuned = GradusProcess.Run(_root, "tune", "--scores", "rare.csv", "--metric", "accuracy", "--choice", "optimum", "--json");
        Assert.True(tuned.Code == 0, tuned.Error);
        foreach (string kind in (string[])["default", "tuned"])
        {
            JsonElement figures = tuned.Json.GetProperty(kind);
            Assert.InRange(figures.GetProperty("accuracy").GetDouble(), 0.5, 1);
            Assert.InRange(figures.GetProperty("macroF1").GetDouble(), 0.3, 1);
            Assert.Equal(3, figures.GetProperty("shares").GetArrayLength());
            Assert.Equal(0.05, figures.GetProperty("shares")[2].GetProperty("true").GetDouble(), 1e-12);
        }
        Assert.Equal(0, tuned.Json.GetProperty("tuned").GetProperty("shares")[2].GetProperty("predicted").GetDouble());
        string warning = tuned.Json.GetProperty("warning").GetString()!;
        Assert.Contains("tuned thresholds leave no image of grade 2 (these images have 6)", warning, StringComparison.Ordinal);
        Assert.Contains($"Warning: {warning}.\n", tuned.Error, StringComparison.Ordinal);
        Assert.Contains("macro F1", tuned.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_measured_is_said_plainly()
    {
        Write("empty.csv", "");
        Write("header.csv", "id,grade,prediction\n");
        Write("nan.csv", "id,grade,score\na,0,NaN\nb,1,0.2\n");
        Write("one.csv", "id,grade,prediction\na,1,0\nb,1,1\n");
        Write("constant.csv", "id,truth,score\na,1,0.5\nb,0,0.5\n");
        Write("blank.csv", "id,grade,prediction\na,1,\nb,0,0\n");
        Write("twice.csv", "id,grade,prediction\na,1,1\na,0,0\n");
        Write("predict.csv", "id,grade,score,p0,p1\na,1,0.6,0.4,0.6\nb,0,0.1,0.9,0.1\n");
        Write("few.csv", "id,prediction\ni0,1\ni1,1\n");
        Write("two.csv", "id,grade,diagnosis,prediction\na,1,1,1\nb,0,0,0\n");
        One("empty.csv").FailsWith(2, "empty.csv");
        One("header.csv").FailsWith(2, "header.csv", "no rows");
        One("nan.csv", "--grade", "grade").FailsWith(2, "nan.csv:2", "'NaN'");
        One("constant.csv").FailsWith(2, "constant.csv", "the same score");
        One("blank.csv").FailsWith(2, "blank.csv:2", "'prediction' is empty");
        One("twice.csv").FailsWith(2, "twice.csv:3", "'a' stands twice");
        One("predict.csv").FailsWith(2, "predict.csv:1", "--grades FILE");
        One("few.csv", "--grades", "labels.csv").FailsWith(2, "few.csv", "118 of the 120", "i2, ");
        One("two.csv").FailsWith(2, "two.csv:1", "grade, diagnosis", "--grade");
        One("good.csv").FailsWith(2, "good.csv:1", "no column of true grades");
        Assert.Equal(0, One("predict.csv", "--grade", "grade").Code);
        GradusProcess.Run(_root, "evaluate", "one.csv").FailsWith(2, "--predictions one.csv");
        GradusProcess.Run(_root, "evaluate", "good.csv", "experiment.yaml").FailsWith(2, "experiment.yaml");
        GradusProcess.Run(_root, "evaluate", "x.safetensors", "good.csv").FailsWith(2, "good.csv");
        GradusProcess.Run(_root, "evaluate", "good.csv", "bad.csv", "--on", "test").FailsWith(2, "--on");
        GradusProcess.Run(_root, "evaluate", "two.csv", "twice.csv", "--grade", "grade").FailsWith(2, "twice.csv");
        GradusProcess.Run(_root, "evaluate").FailsWith(2, "CHECKPOINT EXPERIMENT");
    }

    private GradusProcess.Finished One(string file, params string[] more) => GradusProcess.Run(_root, ["evaluate", "--predictions", file, .. more]);

    private void Write(string name, string text) => AtomicFile.WriteText(Path.Combine(_root, name), text);

    private static string Rows(string header, Func<int, string> row, bool reverse = false)
    {
        var csv = new StringBuilder(header).Append('\n');
        foreach (int i in reverse ? Enumerable.Range(0, 120).Reverse() : Enumerable.Range(0, 120))
            csv.Append(CultureInfo.InvariantCulture, $"i{i},{row(i)}\n");
        return csv.ToString();
    }

    private static string Probabilities(int top, int i) => string.Join(',', Enumerable.Range(0, 3).Select(k => (k == top ? 0.6 + i % 3 * 0.1 : 0.2 - i % 3 * 0.05).ToString("0.00", CultureInfo.InvariantCulture)));
}
