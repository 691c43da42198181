using Gradus.Predictions;
using Gradus.Tests.Experiments;

namespace Gradus.Tests.Predictions;

public sealed class SubmissionTests : IDisposable
{
    private const string Predictions =
        "id,grade,score,p0,p1,p2\na,1,0.9,0.2,0.5,0.3\nb,2,1.75,0,0.25,0.75\nc,0,0.1,1,0,0\n";
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private (string Text, SubmissionResult Result) Submit(
        string sample, SubmissionOptions? options = null, string predictions = Predictions)
    {
        string target = Path.Combine(_scratch.Path, "submission.csv");
        SubmissionResult result = Submission.Write(
            _scratch.Write("predictions.csv", predictions), _scratch.Write("sample.csv", sample), target, options);
        return (File.ReadAllText(target), result);
    }

    private string Refusal(string sample, SubmissionOptions? options = null, string predictions = Predictions)
    {
        GradusException error = Assert.Throws<GradusException>(() => Submit(sample, options, predictions));
        Assert.Equal(Fault.Request, error.Fault);
        Assert.False(File.Exists(Path.Combine(_scratch.Path, "submission.csv")));
        return error.Message;
    }

    [Theory]
    [InlineData(null, "id,level\nc,0\na,1\nb,2\n")]
    [InlineData(SubmissionValue.Score, "id,level\nc,0.1\na,0.9\nb,1.75\n")]
    public void A_sample_with_one_value_takes_grades_or_scores(SubmissionValue? value, string text) =>
        Assert.Equal(text, Submit("id,level\nc,0\na,0\nb,0\n", new SubmissionOptions { Value = value }).Text);

    [Fact]
    public void Images_without_a_prediction_are_refused_until_a_grade_is_given_for_them()
    {
        const string Sample = "id,level\na,0\nx,0\nb,0\nc,0\ny,0\n";
        string refusal = Refusal(Sample);
        Assert.Contains("2 of the sample's 5 ids have no prediction", refusal, StringComparison.Ordinal);
        Assert.Contains("found x, y", refusal, StringComparison.Ordinal);
        Assert.Contains("--missing GRADE", refusal, StringComparison.Ordinal);
        (string text, SubmissionResult result) = Submit(Sample, new SubmissionOptions { Missing = 2 });
        Assert.Equal("id,level\na,1\nx,2\nb,2\nc,0\ny,2\n", text);
        Assert.Equal(["x", "y"], result.Missing);
    }

    [Fact]
    public void A_grade_for_missing_images_is_on_the_scale_and_never_hides_ids_that_are_all_wrong()
    {
        Assert.Contains(
            "Grades are 0 to 2", Refusal("id,level\na,0\nb,0\nc,0\nx,0\n", new SubmissionOptions { Missing = 3 }),
            StringComparison.Ordinal);
        Assert.Contains(
            "3 of the sample's 3 ids",
            Refusal("id,level\na.png,0\nb.png,0\nc.png,0\n", new SubmissionOptions { Missing = 0 }),
            StringComparison.Ordinal);
        Assert.Contains("no score", Refusal(
            "id,level\na,0\nx,0\n", new SubmissionOptions { Missing = 2, Value = SubmissionValue.Score },
                "id,grade,score\na,1,0.9\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_that_stands_twice_in_the_sample_gets_the_same_value_twice_and_its_lines_are_named()
    {
        (string text, SubmissionResult result) = Submit("id,level\na,0\nb,0\na,0\nc,0\n");
        Assert.Equal("id,level\na,1\nb,2\na,1\nc,0\n", text);
        (string id, var lines) = Assert.Single(result.Repeated);
        Assert.Equal("a", id);
        Assert.Equal([2, 4], lines);
    }

    [Theory]
    [InlineData("id,0,1,2", null, "a,0.2,0.5,0.3")]
    [InlineData("id,p2,p0,p1", SubmissionValue.Probabilities, "a,0.3,0.2,0.5")]
    [InlineData("id,grade 0,grade 1,grade 2", SubmissionValue.OneHot, "a,0,1,0")]
    [InlineData(",id,0,1,2", null, "a,0.2,0.5,0.3")]
    public void A_sample_with_a_column_for_each_grade_is_filled(string header, SubmissionValue? value, string row)
    {
        bool index = header[0] == ',';
        string sample = header + string.Concat("abc".Select((c, i) => $"\n{(index ? $"{i}," : "")}{c},0,0,0")) + "\n";
        (string text, SubmissionResult result) = Submit(sample, new SubmissionOptions { Value = value });
        Assert.Equal([header.TrimStart(','), row], text.Split('\n')[..2]);
        Assert.Equal(value ?? SubmissionValue.Probabilities, result.Value);
    }

    [Fact]
    public void Columns_whose_names_do_not_say_their_grade_are_asked_for_and_not_guessed()
    {
        const string Sample = "id,severe,none,mild\na,0,0,0\nb,0,0,0\nc,0,0,0\n";
        Assert.Contains("--classes \"severe,none,mild\"", Refusal(Sample), StringComparison.Ordinal);
        Assert.Contains("--classes", Refusal("id,1,2,3\na,0,0,0\nb,0,0,0\nc,0,0,0\n"), StringComparison.Ordinal);
        (string text, _) = Submit(Sample, new SubmissionOptions { Classes = ["none", "mild", "severe"] });
        Assert.Equal("id,severe,none,mild\na,0.3,0.2,0.5\nb,0.75,0,0.25\nc,0,1,0\n", text);
    }

    [Fact]
    public void What_a_column_for_each_grade_cannot_hold_is_refused()
    {
        const string Sample = "id,0,1,2\na,0,0,0\n";
        Assert.Contains(
            "--value onehot", Refusal(Sample, predictions: "id,grade,score\na,1,0.9\n"), StringComparison.Ordinal);
        Assert.Contains(
            "probabilities or onehot",
            Refusal("id,0,1,2\na,0,0,0\nb,0,0,0\nc,0,0,0\n", new SubmissionOptions { Value = SubmissionValue.Grade }),
            StringComparison.Ordinal);
        Assert.Contains(
            "one column of values",
            Refusal("id,x\na,0\nb,0\nc,0\n", new SubmissionOptions { Value = SubmissionValue.OneHot }),
            StringComparison.Ordinal);
        Assert.Contains(
            "3 columns for 3 grades", Refusal("id,level,usage\na,0,0\nb,0,0\nc,0,0\n"), StringComparison.Ordinal);
        Assert.Equal(
            "id,0,1,2\na,0,1,0\n",
            Submit(Sample, new SubmissionOptions { Value = SubmissionValue.OneHot }, "id,grade,score\na,1,0.9\n").Text);
    }

    [Fact]
    public void An_image_without_a_prediction_has_its_grade_in_a_column_of_its_own() =>
        Assert.Equal(
            "id,0,1,2\na,0.2,0.5,0.3\nx,0,0,1\nb,0,0.25,0.75\nc,1,0,0\n",
            Submit("id,0,1,2\na,0,0,0\nx,0,0,0\nb,0,0,0\nc,0,0,0\n", new SubmissionOptions { Missing = 2 }).Text);
}
