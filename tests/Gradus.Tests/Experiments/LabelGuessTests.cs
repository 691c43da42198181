using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Tests.Datasets;

namespace Gradus.Tests.Experiments;

public sealed class LabelGuessTests : IDisposable
{
    private const int Rows = 60;
    private readonly ImageWorld _world = new();

    public LabelGuessTests()
    {
        for (int i = 0; i < Rows; i++)
            _world.Image(Id(i) + ".png", i);
    }

    public void Dispose() => _world.Dispose();

    private static string Id(int i) => i.ToString("im0000", CultureInfo.InvariantCulture);

    /// <summary>What init writes for a CSV of these columns, read back.</summary>
    private (CsvSource Source, Experiment Experiment, string Notes) Guess(
        string header, Func<int, string> row, string? grade = null)
    {
        string csv = _world.Text(
            "labels.csv", $"{header}\n{string.Concat(Enumerable.Range(0, Rows).Select(i => row(i) + "\n"))}");
        ExperimentTemplate template = ExperimentTemplate.FromCsv(csv, _world.Images, _world.Root, grade: grade);
        Experiment experiment = ExperimentFile.Read(_world.Text("experiment.yaml", template.Text));
        return (Assert.IsType<CsvSource>(experiment.Sources[0]), experiment, string.Join('\n', template.Notes));
    }

    private static Dataset Read(CsvSource source, Experiment experiment) =>
        DatasetReader.Read(source, experiment.Scale);

    [Theory]
    [InlineData("isup_grade")]
    [InlineData("ISUP Grade")]
    [InlineData("DR_grade")]
    [InlineData("Retinopathy grade")]
    [InlineData("Diagnosis")]
    [InlineData("level")]
    [InlineData("label")]
    [InlineData("KL-Grade")]
    [InlineData("adjudicated_dr_grade")]
    [InlineData("clinical stage")]
    public void The_column_that_is_called_a_grade_wins_wherever_it_stands(string name)
    {
        (CsvSource source, Experiment e, string notes) = Guess(
            $"image_id,data_provider,{name},gleason_score", i =>
                $"{Id(i)},{(i % 2 == 0 ? "radboud" : "karolinska")},{i % 6},{i % 3 + 3}+{i % 2 + 3}");
        Assert.Equal((name, "image_id"), (source.Grade, source.Id));
        Assert.Equal(6, e.Scale.Count);
        Assert.Contains($"'{name}' holds the grades", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_without_a_name_are_none_for_init_either()
    {
        (CsvSource source, Experiment e, _) = Guess(
            "Image name,Retinopathy grade,Risk of macular edema ,,,", i => $"{Id(i)},{i % 5},{i % 3},,,");
        Assert.Equal(("Image name", "Retinopathy grade"), (source.Id, source.Grade));
        Assert.Equal("none", e.Scale.Names[0]);
        Assert.Equal(Rows, Read(source, e).Records.Length);
        GradusException twice = Assert.Throws<GradusException>(
            () => Guess("id,grade,grade", i => $"{Id(i)},{i % 3},1"));
        Assert.Contains("'grade' is there twice", twice.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,0,1,2,3,4", "0 1 2 3 4")]
    [InlineData("id,grade 2,grade 10,grade 1,grade 0,grade 3", "grade 0 grade 1 grade 2 grade 3 grade 10")]
    [InlineData("id,severe,mild,none,moderate,proliferative", "none mild moderate severe proliferative")]
    public void One_hot_columns_are_read_as_what_they_are(string header, string names)
    {
        (CsvSource source, Experiment e, string notes) = Guess(
            header, i => $"{Id(i)},{string.Join(',', Enumerable.Range(0, 5).Select(k => k == i % 5 ? "1.0" : "0.0"))}");
        Assert.Equal(names, string.Join(' ', e.Scale.Names));
        Assert.Equal(e.Scale.Names, source.OneHot!.Value);
        Assert.Null(source.Grade);
        Assert.Contains("a single 1 in each row", notes, StringComparison.Ordinal);
        string[] columns = header.Split(',');
        Assert.All(
            Read(source, e).Records.Index(), r =>
            Assert.Equal(columns[r.Index % 5 + 1], e.Scale.Names[r.Item.Grade!.Value]));
    }

    [Fact]
    public void Beside_one_hot_columns_a_column_that_is_called_a_grade_wins_and_another_flag_does_not_disturb()
    {
        Assert.Equal("grade", Guess("id,a,b,grade", i => $"{Id(i)},{i % 2},{1 - i % 2},{i % 4}").Source.Grade);
        (CsvSource source, _, _) = Guess(
            "id,male,MEL,NV,BCC", i =>
            $"{Id(i)},{i / 30},{(i % 3 == 0 ? 1 : 0)},{(i % 3 == 1 ? 1 : 0)},{(i % 3 == 2 ? 1 : 0)}");
        Assert.Equal(["BCC", "MEL", "NV"], source.OneHot!.Value.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Several_columns_that_could_hold_grades_are_named_and_none_is_guessed()
    {
        GradusException error = Assert.Throws<GradusException>(
            () => Guess("id,site,quality,colour", i => $"{Id(i)},{i % 4},{i % 3},{(i % 2 == 0 ? "red" : "green")}"));
        Assert.Equal(Fault.Request, error.Fault);
        foreach (string word in (string[])["'site'", "'quality'", "'colour'", "--grade"])
            Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Equal(
            "quality", Guess("id,site,quality,colour", i => $"{Id(i)},{i % 4},{i % 3},red", grade: "quality")
            .Source.Grade);
    }

    [Fact]
    public void Other_columns_called_grades_half_empty_ones_and_doubt_are_said()
    {
        Assert.Contains(
            "Grades could also be in 'target'", Guess("id,diagnosis,target", i => $"{Id(i)},{i % 3},{i % 2}").Notes,
            StringComparison.Ordinal);

        (CsvSource full, _, string notes) = Guess("id,grade,level", i => $"{Id(i)},{(i < 20 ? i % 3 : "")},{i % 4}");
        Assert.Equal("level", full.Grade);
        Assert.Contains("'grade' (40 of 60 rows are empty)", notes, StringComparison.Ordinal);

        Assert.Contains(
            "half empty", Guess("id,grade", i => $"{Id(i)},{(i < 20 ? i % 3 : "")}").Notes, StringComparison.Ordinal);
        Assert.Contains(
            "its name does not say so", Guess("id,shade", i => $"{Id(i)},{i % 3}").Notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("patient")]
    [InlineData("Patient ID")]
    [InlineData("case")]
    [InlineData("slide_id")]
    [InlineData("eye_id")]
    public void A_column_called_like_patients_is_the_group(string name)
    {
        (CsvSource source, _, string notes) = Guess($"id,{name},grade", i => $"{Id(i)},p{i / 3},{i % 3}");
        Assert.Equal(name, source.Group);
        Assert.Contains("20 groups in 60 rows", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_two_values_is_no_group_and_one_whose_values_repeat_is_proposed()
    {
        Assert.Null(Guess("id,eye,grade", i => $"{Id(i)},{(i % 2 == 0 ? "left" : "right")},{i % 3}").Source.Group);
        (CsvSource source, _, string notes) = Guess("id,donor_code,grade", i => $"{Id(i)},d{i / 2},{i % 3}");
        Assert.Null(source.Group);
        Assert.Contains("write group: donor_code", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_of_two_eyes_get_a_pattern_that_keeps_them_together()
    {
        for (int i = 0; i < Rows; i++)
            _world.Image($"{i / 2 + 10}_{(i % 2 == 0 ? "left" : "right")}.jpeg", i);
        (CsvSource source, Experiment e, string notes) = Guess(
            "image,level", i => $"{i / 2 + 10}_{(i % 2 == 0 ? "left" : "right")},{i % 5}");
        Assert.Contains("differ only by eye", notes, StringComparison.Ordinal);
        Assert.Equal("^(.+?)_(?:left|right)$", source.GroupPattern);
        Assert.All(Read(source, e).Records, r => Assert.Equal(r.Id.Value.Split('_')[0], r.Group));
    }

    [Fact]
    public void Folders_with_a_gap_keep_their_numbers_hidden_ones_are_none_and_names_are_counted()
    {
        foreach (string name in (
            string[])["gap/0", "gap/1", "gap/2", "gap/4", "gap/.ipynb_checkpoints", "gap/__MACOSX", "named/Stage 2",
            "named/Stage 10", "named/Stage 1"])
            _world.Bytes(Path.Combine(name, "x.png"), ImageWorld.Png(name.Length));
        ExperimentTemplate gap = ExperimentTemplate.FromFolder(Path.Combine(_world.Root, "gap"), _world.Root);
        Assert.Equal(["0", "1", "2", "3", "4"], ExperimentFile.Read(_world.Text("gap.yaml", gap.Text)).Scale.Names);
        Assert.Contains(gap.Notes, n => n.Contains("No image has grade 3", StringComparison.Ordinal));
        ExperimentTemplate named = ExperimentTemplate.FromFolder(Path.Combine(_world.Root, "named"), _world.Root);
        Assert.Equal(
            ["Stage 1", "Stage 2", "Stage 10"], ExperimentFile.Read(_world.Text("named.yaml", named.Text)).Scale.Names);
        Assert.Equal(
            ["Stage 1", "Stage 2", "Stage 10"], Guess("id,grade", i => $"{Id(i)},Stage {(i % 3 == 2 ? 10 : i % 3 + 1)}")
            .Experiment.Scale.Names);
    }

    [Fact]
    public void Ids_that_are_written_differently_from_their_files_are_taken_and_said()
    {
        (CsvSource source, Experiment e, string notes) = Guess("file,grade", i => $@"images\{Id(i)}.PNG,{i % 3}");
        Assert.Null(source.Extension);
        Assert.Contains("60 of them are not written as the file is named", notes, StringComparison.Ordinal);
        Dataset set = Read(source, e);
        Assert.Equal(Rows, set.Records.Length);
        Assert.Equal(FindingKind.LooseId, Assert.Single(set.Findings).Kind);
    }

    [Theory]
    [InlineData("group: { from: name, pattern: (.+)_l }", "from is id")]
    [InlineData("group: { from: id, pattern: left }", "no capture group")]
    [InlineData("group: { from: id, pattern: \"(left\" }", "no regular expression")]
    [InlineData("group: { from: id }", "lacks the key 'pattern'")]
    [InlineData("grade: { one_hot: [a] }", "a column for each grade")]
    [InlineData("grade: { one_hot: [a, b, a] }", "each column once")]
    public void A_group_or_grade_that_cannot_be_read_is_refused_with_its_line(string key, string says)
    {
        string grade = key.StartsWith("grade", StringComparison.Ordinal) ? key : "grade: g\n    " + key;
        string text = $"scale: [a, b, c]\nsources:\n  - name: m\n    labels: l.csv\n    id: i\n    images: d\n    " +
            $"{grade}\n";
        GradusException error = Assert.Throws<GradusException>(
            () => ExperimentFile.Read(_world.Text("wrong.yaml", text)));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Matches(@"wrong\.yaml:[78]:", error.Message);
    }
}
