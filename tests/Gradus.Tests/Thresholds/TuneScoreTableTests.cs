using Gradus.Predictions;

namespace Gradus.Tests.Thresholds;

public sealed class TuneScoreTableTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".csv");

    public void Dispose() => File.Delete(_path);

    private ScoreTable Read(string text, string grade = "grade", string? score = null, int? grades = null)
    {
        AtomicFile.WriteText(_path, text);
        return ScoreTable.Read(_path, grade, score, grades);
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
    [InlineData("grade,result\n0,1\n", ":1:", "'score'", "--score")]
    [InlineData("grad,score\n0,1\n", ":1:", "'grade' is missing", "'grad'")]
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
    public void Score_and_grade_are_two_columns_and_grades_agree_with_the_probabilities()
    {
        Assert.Throws<GradusException>(() => Read("grade,score\n0,1\n", "score"));
        Assert.Throws<GradusException>(() => Read("grade,p0,p1\n0,0.5,0.5\n", grades: 5));
    }
}
