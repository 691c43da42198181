using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Thresholds;

namespace Gradus.Tests.Thresholds;

public sealed class TuneScoreTableTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".csv");

    public void Dispose() => File.Delete(_path);

    private ScoreTable Read(string text, string? grade = null, string? score = null, int? grades = null)
    {
        AtomicFile.WriteText(_path, text);
        return ScoreTable.Read(_path, new PredictionColumns { Grade = grade, Score = score, Grades = grades });
    }

    [Fact]
    public void Named_columns_are_read_and_the_scale_follows_from_the_data()
    {
        ScoreTable table = Read("x,label,output\na,2,1.5\nb,0,-0.25\n", "label", "output");
        Assert.Equal([1.5, -0.25], table.Scores);
        Assert.Equal([2, 0], table.Truth);
        Assert.Equal(3, table.Grades);
        Assert.Equal(5, Read("grade,score\n1,1\n0,2\n", grades: 5).Grades);
    }

    [Fact]
    public void Probabilities_become_the_expected_grade_unless_there_is_a_score()
    {
        ScoreTable table = Read("grade,p0,p1,p2\n1,0.5,0.25,0.25\n0,1,0,0\n");
        Assert.Equal([0.75, 0], table.Scores);
        Assert.Equal(3, table.Grades);
        Assert.Equal([9, 8], Read("grade,score,p0,p1\n1,9,0.5,0.5\n0,8,1,0\n").Scores);
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("grade,score\n", "no rows")]
    [InlineData("grade,result\n0,1\n", ":1:", "scores", "--score")]
    [InlineData("grade,prediction\n0,1\n1,1\n", ":1:", "'score'", "--score")]
    [InlineData("grad,score\n0,1\n", ":1:", "no column of true grades", "grad, score")]
    [InlineData("level,diagnosis,score\n0,1,1\n", ":1:", "more than one column", "level, diagnosis")]
    [InlineData("id,grade,score\na,0,1\nb,1,2\n", ":1:", "prediction", "--grade grade")]
    [InlineData("grade,score\nmild,1\nnone,0\n", ":2:", "'mild'", "--scale none,mild")]
    [InlineData("grade,score\n0,1\n1,NaN\n", ":3:", "'score' holds no number", "'NaN'")]
    [InlineData("grade,score\n0,high\n", ":2:", "'high'")]
    [InlineData("grade,score\n0,\n", ":2:", "''")]
    [InlineData("grade,score\n0,inf\n", ":2:", "'inf'")]
    [InlineData("grade,score\n0.5,1\n", ":2:", "no whole number", "'0.5'")]
    [InlineData("grade,score\n-1,1\n", ":2:", "not on the scale")]
    [InlineData("grade,score\n0,1\n1000,1\n", ":3:", "0 to 99")]
    [InlineData("grade,score\n0,1\n1\n", ":3:", "1 fields")]
    [InlineData("grade,p0,p1\n0,0.9,0.8\n", ":2:", "add up to 1", "1.7")]
    [InlineData("grade,p0,p1\n0,1.5,-0.5\n", ":2:", "no probability")]
    [InlineData("grade,p0,p1\n2,0.5,0.5\n", ":2:", "0 to 1")]
    public void Mistakes_are_named_with_their_line(string text, params string[] words)
    {
        GradusException e = Assert.Throws<GradusException>(() => Read(text));
        Assert.Equal(Fault.Request, e.Fault);
        Assert.All(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Cumulative_outputs_are_read_and_a_certain_first_one_is_told_by_the_number_of_grades()
    {
        AtomicFile.WriteText(_path, "grade,c1,c2\n2,0.9,0.75\n0,0.25,0.1\n");
        CumulativeTable table = CumulativeTable.Read(_path, new PredictionColumns());
        Assert.Equal((3, 2, false), (table.Grades, table.Scores.Columns, table.Usual.FirstIsCertain));
        Assert.Equal([2, 0], table.Usual.Grades(table.Scores));
        AtomicFile.WriteText(_path, "grade,o0,o1,o2\n2,1,0.9,0.75\n0,1,0.25,0.1\n");
        table = CumulativeTable.Read(_path, new PredictionColumns { Grades = 3 });
        Assert.True(table.Usual.FirstIsCertain);
        Assert.Equal([2, 0], table.Usual.Grades(table.Scores));
    }

    [Theory]
    [InlineData("", "no header")]
    [InlineData("grade,c1,c2\n", "no rows")]
    [InlineData("grade,p0,p1\n0,1,0\n", "no cumulative outputs", "c1, c2")]
    [InlineData("grade,c1,c2\n0,0.5,NaN\n", ":2:", "'c2' holds no number")]
    [InlineData("grade,c1,c2\n0,0.5,-2.2\n", ":2:", "no probability", "sigmoid")]
    [InlineData("grade,c1,c2\n3,0.5,0.2\n", ":2:", "0 to 2")]
    [InlineData("grade,o0,o1,o2\n0,0.7,0.2,0.1\n1,0.1,0.8,0.1\n", "add up to 1", "single grades")]
    public void Mistakes_in_cumulative_outputs_are_named(string text, params string[] words)
    {
        AtomicFile.WriteText(_path, text);
        GradusException e = Assert.Throws<GradusException>(() => CumulativeTable.Read(_path, new PredictionColumns()));
        Assert.Equal(Fault.Request, e.Fault);
        Assert.All(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Grades_from_another_file_are_joined_by_id_and_strangers_are_refused()
    {
        string labels = _path + ".labels";
        try
        {
            AtomicFile.WriteText(_path, "id,score\nb,1.5\na,0.25\n");
            AtomicFile.WriteText(labels, "id_code,diagnosis\na,0\nb,2\n");
            ScoreTable table = ScoreTable.Read(_path, new PredictionColumns(), labels);
            Assert.Equal([1.5, 0.25], table.Scores);
            Assert.Equal([2, 0], table.Truth);
            Assert.Equal(3, table.Grades);
            Refused("id_code,diagnosis\na,0\nb,2\nc,1\n", "1 of the 3 images graded", "have no prediction", "c");
            Refused("id_code,diagnosis\na,0\nx,2\n", "1 of the 2 images", "have no grade", "b");
            Refused("id_code,diagnosis\na,0\na,2\nb,1\n", "'a' stands twice");
            Refused("diagnosis\n0\n1\n", "no column of ids", "--id");
            AtomicFile.WriteText(_path, "score\n1.5\n0.25\n");
            Refused("id_code,diagnosis\na,0\nb,2\n", "has no ids");
        }
        finally
        {
            File.Delete(labels);
        }

        void Refused(string text, params string[] words)
        {
            AtomicFile.WriteText(labels, text);
            GradusException e = Assert.Throws<GradusException>(() => ScoreTable.Read(_path, new PredictionColumns(), labels));
            Assert.All(words, word => Assert.Contains(word, e.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Tuning_and_evaluation_guess_the_same_columns_and_grade_alike()
    {
        string[] files =
        [
            "image,level,p0,p1,p2\na,0,0.4,0.3,0.3\nb,1,0.1,0.5,0.4\nc,2,0.3,0.3,0.4\nd,2,0.45,0.1,0.45\n",
            "name,diagnosis,score\na,0,0.6\nb,1,0.4\nc,2,1.7\nd,2,1.2\n",
            "id,truth,prediction,score\na,0,0,0.6\nb,1,2,0.4\nc,2,1,1.7\nd,2,2,1.2\n",
            "id_code,y_true,score,p0,p1,p2\na,0,0.6,0.5,0.4,0.1\nb,1,0.4,0.9,0.05,0.05\nc,2,1.7,0.2,0.2,0.6\nd,1,1.2,0.3,0.3,0.4\n",
        ];
        foreach (string file in files)
        {
            AtomicFile.WriteText(_path, file);
            var columns = new PredictionColumns();
            var evaluated = LabelledPredictions.Read(_path, columns);
            var report = CutPointReport.Create(ScoreTable.Read(_path, columns), new CutPointOptions { Folds = 2, Resamples = 5 });
            Assert.Equal(Evaluation.Compute(evaluated.Images, 0, 20).Qwk.Value, report.Default.Qwk);
            Assert.Equal(report.Default.Qwk, report.DefaultValue);
            Assert.Equal(evaluated.Origin, report.DefaultOrigin);
        }
    }

    [Fact]
    public void Grades_by_name_are_understood_with_a_scale_in_both_files()
    {
        string labels = _path + ".labels";
        try
        {
            AtomicFile.WriteText(_path, "id,prediction\na,Severe\nb,none\nc,mild\n");
            AtomicFile.WriteText(labels, "id,diagnosis\na,severe\nb,mild\nc,1\n");
            var columns = new PredictionColumns { Scale = new GradeScale(["none", "mild", "severe", "worst"]) };
            GradedImages images = LabelledPredictions.Read(_path, columns, labels).Images;
            Assert.Equal(4, images.Grades);
            Assert.Equal([2, 1, 1], images.Truth);
            Assert.Equal([2, 0, 1], images.Predicted);
            GradusException unnamed = Assert.Throws<GradusException>(() => LabelledPredictions.Read(_path, new PredictionColumns(), labels));
            Assert.Contains("--scale", unnamed.Message, StringComparison.Ordinal);
            AtomicFile.WriteText(labels, "id,diagnosis\na,grave\nb,mild\nc,1\n");
            Assert.Contains("'grave'", Assert.Throws<GradusException>(() => LabelledPredictions.Read(_path, columns, labels)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(labels);
        }
    }

    [Fact]
    public void Groups_come_from_the_file_that_has_them_and_folds_keep_them_together()
    {
        string text = "image,grade,score,patient\n" + string.Concat(Enumerable.Range(0, 60).Select(i => FormattableString.Invariant($"i{i},{i / 2 % 3},{i / 2 % 3 + i % 7 * 0.1},p{i / 2}\n")));
        AtomicFile.WriteText(_path, text);
        ScoreTable table = ScoreTable.Read(_path, new PredictionColumns { Group = "patient" });
        Assert.Equal(Enumerable.Range(0, 60).Select(i => i / 2), table.Groups!);
        int[] folds = CrossFitting.Deal([.. table.Truth], table.Groups, 3, 5, seed: 1);
        Assert.All(Enumerable.Range(0, 30), p => Assert.Equal(folds[2 * p], folds[2 * p + 1]));
        Assert.Equal(5, folds.Distinct().Count());
        Assert.Equal(30, CutPointReport.Create(table, new CutPointOptions { Resamples = 5 }).Groups);
        GradusException e = Assert.Throws<GradusException>(() => ScoreTable.Read(_path, new PredictionColumns { Group = "person" }));
        Assert.Contains("'person' is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_was_named_and_is_in_no_file_is_refused()
    {
        AtomicFile.WriteText(_path, "image,grade,score\na,0,1\nb,1,2\n");
        GradusException e = Assert.Throws<GradusException>(() => ScoreTable.Read(_path, new PredictionColumns { Id = "imagge" }));
        Assert.Contains("'imagge' is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_and_grade_are_two_columns_and_grades_agree_with_the_probabilities()
    {
        Assert.Throws<GradusException>(() => Read("grade,score\n0,1\n", "score"));
        Assert.Throws<GradusException>(() => Read("grade,p0,p1\n0,0.5,0.5\n", grades: 5));
    }
}
