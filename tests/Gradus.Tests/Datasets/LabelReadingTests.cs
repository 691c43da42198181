using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Tests.Datasets;

public sealed class LabelReadingTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private static string[] Files(Dataset set) =>
        [.. set.Records.Select(r => Path.GetFileName(((FileLocation)r.Location).Path))];

    private static Dataset Read(CsvSource source) => DatasetReader.Read(source, ImageWorld.Scale);

    [Theory]
    [InlineData(",id,grade\n0,a,1\n1,b,2\n")] // the index of pandas
    [InlineData("id,grade ,,,,\na,1,,,,\nb,2,,,,\n")] // trailing commas of a spreadsheet
    [InlineData("id,,grade,\na,x,1,y\nb,x,2,y\n")]
    public void Columns_without_a_name_are_no_columns(string csv)
    {
        _world.Image("a.png", 1);
        _world.Image("b.png", 2);
        Dataset set = Read(_world.Csv(csv));
        Assert.Equal([("a", 1), ("b", 2)], set.Records.Select(r => (r.Id.Value, r.Grade!.Value)));
        Assert.Empty(set.Findings);
        Assert.DoesNotContain("", CsvTable.Headers(_world.Csv(csv).Labels));
    }

    [Fact]
    public void One_hot_columns_are_read_as_the_grade_of_their_place()
    {
        foreach (string name in (string[])["a", "b", "c", "d", "e", "f"])
            _world.Image(name + ".png", name[0]);
        CsvSource source = _world.Csv(
            "id,n,m,s\na,0,1.0,0\nb,0,0,1\nc,1,0,0\nd,1,1,0\ne,0,0,0\nf,0.5,0.5,0\n") with { Grade = null,
            OneHot = ["n", "m", "s"] };
        Dataset set = DatasetReader.Read(source, new GradeScale(["none", "mild", "severe"]));
        Assert.Equal([("a", 1), ("b", 2), ("c", 0)], set.Records.Select(r => (r.Id.Value, r.Grade!.Value)));
        Assert.Equal(
            [FindingKind.UnreadableGrade, FindingKind.MissingGrade, FindingKind.UnreadableGrade],
            set.Findings.Select(f => f.Kind));
        Assert.Equal($"{source.Labels}:5", set.Findings[0].Where);

        GradusException error = Assert.Throws<GradusException>(() => Read(source));
        Assert.Contains("3 columns for 5 grades", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_hot_columns_are_read_on_the_scale_of_their_own_source()
    {
        _world.Image("a.png", 1);
        _world.Image("b.png", 2);
        var own = new SourceScale(new GradeScale(["no", "yes"]), [0, 3]);
        CsvSource source = _world.Csv(
            "id,no,yes\na,0,1\nb,1,0\n", role: SourceRole.External) with { Grade = null, OneHot = ["no", "yes"],
            Scale = own };
        Assert.Equal([3, 0], Read(source).Records.Select(r => r.Grade!.Value));
    }

    [Theory]
    [InlineData(@"deep\a", "a.png")]
    [InlineData("images/b", "b.png")]
    [InlineData("data/images/b.png", "b.png")]
    [InlineData(@"C:\data\images\b.png", "b.png")]
    [InlineData("/elsewhere/images/deep/a.png", "a.png")]
    [InlineData("./b", "b.png")]
    [InlineData("b.PNG", "b.png")]
    [InlineData("b.jpg", "b.png")]
    [InlineData("B", "b.png")]
    [InlineData("7", "007.png")]
    [InlineData("case07_1", "case7_01.png")]
    [InlineData("caf\u00E9", "cafe\u0301.png")]
    [InlineData("cafe\u0301", "cafe\u0301.png")]
    public void An_id_that_differs_from_its_file_only_in_how_it_is_written_finds_it(string id, string file)
    {
        foreach (string name in (
            string[])["deep/a.png", "b.png", "007.png", "100.png", "case7_01.png", "cafe\u0301.png"])
            _world.Image(name, name.Length);
        Dataset set = Read(_world.Csv($"id,grade\n{id},1\n", extension: null));
        Assert.Equal(file, Assert.Single(Files(set)));
        if (id is "./b" or "cafe\u0301")
            return; // the path and the text are exactly the file's
        AuditFinding finding = Assert.Single(set.Findings);
        Assert.Equal(FindingKind.LooseId, finding.Kind);
        Assert.StartsWith("1 id differs from the name of its file", finding.Message, StringComparison.Ordinal);
        Assert.Contains($"'{id}' for '", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.png", ".jpg")] // appended to an id that has it, in another letter case
    [InlineData("a.jpg", ".jpg")]
    [InlineData("a", ".jpg")]
    [InlineData("a.jpg", "")]
    public void With_an_extension_only_its_letter_case_is_forgiven(string id, string extension)
    {
        _world.Image("a.JPG", 1);
        Dataset set = Read(_world.Csv($"id,grade\n{id},1\n", extension: extension));
        if (id == "a.png")
            Assert.Equal(FindingKind.MissingImage, Assert.Single(set.Findings).Kind);
        else
            Assert.Equal("a.JPG", Assert.Single(Files(set)));
    }

    [Fact]
    public void An_id_that_may_mean_two_files_or_a_file_that_two_ids_would_mean_is_said_and_not_guessed()
    {
        _world.Image("07.png", 1);
        _world.Image("007.png", 2);
        _world.Image("3.png", 3);
        _world.Image("04.png", 4);
        Dataset set = Read(_world.Csv("id,grade\n7,1\n3,2\n003,2\n4,1\n0004,1\n", extension: null));
        Assert.Equal("3.png", Assert.Single(Files(set)));
        Assert.Equal(["7", "003", "4", "0004"], set.Findings.Select(f => Assert.Single(f.Ids).Value));
        Assert.All(set.Findings, f => Assert.Equal(FindingKind.AmbiguousImage, f.Kind));
        Assert.Contains("'007.png', '07.png'", set.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("as '3' on line 3 does", set.Findings[1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("val/a", "though 'a.png' is there")]
    [InlineData("x", "though 'deep/x.png' is there")]
    [InlineData("/other/place/a.png", "leads out")]
    public void An_id_of_another_folder_is_not_read_and_what_is_there_is_said(string id, string says)
    {
        _world.Image("a.png", 1);
        _world.Image("deep/x.png", 2);
        Dataset set = Read(_world.Csv($"id,grade\n{id},1\n", extension: null));
        Assert.Empty(set.Records);
        Assert.Contains(says, Assert.Single(set.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_are_read_from_ids_by_a_pattern_and_an_id_without_a_match_is_a_finding()
    {
        foreach (string name in (string[])["10_left", "10_right", "11_left", "odd"])
            _world.Image(name + ".png", name.Length + name[1]);
        CsvSource source = _world.Csv(
            "id,grade\n10_left,0\n10_right,1\n11_left,2\nodd,1\n") with { GroupPattern = "^(.+)_(left|right)$" };
        Dataset set = Read(source);
        Assert.Equal(["10", "10", "11", null], set.Records.Select(r => r.Group));
        AuditFinding finding = Assert.Single(set.Findings);
        Assert.Equal((FindingKind.UnmatchedGroup, $"{source.Labels}:5"), (finding.Kind, finding.Where));

        GradusException none = Assert.Throws<GradusException>(() => Read(source with { GroupPattern = "^(p[0-9]+)-" }));
        Assert.Contains("matches no id", none.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, none.Fault);
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_refused_and_does_not_hang()
    {
        string id = new('a', 60);
        _world.Image(id + "!.png", 1);
        GradusException error = Assert.Throws<GradusException>(
            () => Read(_world.Csv($"id,grade\n{id}!,0\n") with { GroupPattern = "^((a+)+)$" }));
        Assert.Contains("more than a second", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_are_read_from_the_names_in_folders_of_grades()
    {
        foreach (string name in (string[])["0/10_left.png", "2/10_right.png", "0/11_left.png"])
            _world.Bytes(Path.Combine("tree", name), ImageWorld.Png(name.Length + name[4]));
        var source = new FolderSource { Name = "f", Folder = Path.Combine(_world.Root, "tree"),
            GroupPattern = "([^/]+)_(left|right)$" };
        Assert.Equal(["10", "11", "10"], DatasetReader.Read(source, ImageWorld.Scale).Records.Select(r => r.Group));
    }

    [Fact]
    public void Hidden_folders_and_files_are_no_grades_and_no_images()
    {
        foreach (string name in (
            string[])["0/a.png", "1/b.png", ".ipynb_checkpoints/a.png", "__MACOSX/0/c.png", ".git/d.png", "1/._b.png"])
            _world.Bytes(Path.Combine("tree", name), ImageWorld.Png(name.Length));
        Dataset set = DatasetReader.Read(
            new FolderSource { Name = "f", Folder = Path.Combine(_world.Root, "tree") }, ImageWorld.Scale);
        Assert.Equal(["0/a", "1/b"], set.Records.Select(r => r.Id.Value));
        Assert.Equal(FindingKind.Ignored, Assert.Single(set.Findings).Kind);
    }

    [Fact]
    public void The_name_of_a_grade_is_the_same_in_either_unicode_form() =>
        Assert.Equal(
            1, new GradeReading(new GradeScale(["l\u00E9ger", "mod\u00E9r\u00E9"])).Read("mode\u0301re\u0301").Grade);

    [Theory]
    [InlineData("e\u0302\u0301", "\u1EBF")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\u304B\u3099", "\u304C")]
    [InlineData("plain", "plain")]
    public void Accents_join_their_letters(string apart, string joined) => Assert.Equal(joined, ComposedText.Of(apart));

    [Fact]
    public void Names_are_counted_as_people_count_them() =>
        Assert.Equal(
            ["Stage 1", "Stage 02", "Stage 2", "Stage 10", "stage 11"],
            new[] { "Stage 10", "stage 11", "Stage 2", "Stage 1", "Stage 02" }.Order(NaturalOrder.Instance));

    [Fact]
    public void A_file_with_a_header_alone_is_a_finding_and_no_data_to_train_on()
    {
        for (int i = 0; i < 10; i++)
            _world.Image($"i{i}.png", i);
        CsvSource main = _world.Csv(
            "id,grade\n" +
            string.Concat(Enumerable.Range(0, 10).Select(i => $"i{i},{i % 5}\n")));
        CsvSource empty = _world.Csv("id,grade\n", "old", SourceRole.External);
        foreach (Experiment experiment in (
            Experiment[])[ImageWorld.Experiment(main, empty),
            ImageWorld.Experiment(empty with { Role = SourceRole.Main })])
        {
            AuditReport report = Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);
            Assert.Contains(
                "header line and no rows", Assert.Single(report.Findings, f => f.Kind == FindingKind.NoRows).Message,
                StringComparison.Ordinal);
            GradusException error = Assert.Throws<GradusException>(
                () => Gradus.Splitting.DataPartition.Create(experiment, report));
            Assert.Contains("the source 'old' has no images", error.Message, StringComparison.Ordinal);
            Assert.Equal(Fault.Request, error.Fault);
        }
    }

    [Theory]
    [InlineData("10_left 10_right 11_left 11_right", "10", "11")]
    [InlineData("p3-OD p3-OS p4-OD", "p3")]
    [InlineData("P1_L P1_R P2_R P2_L", "P1", "P2")]
    [InlineData("case7_1 case7_2 case8_1 case8_2", "case7", "case8")]
    [InlineData("left_5.png right_5.png left_6.png", "5")]
    [InlineData("0/10_left 2/10_right 1/11_left", "10")]
    [InlineData("a_left_1 a_right_1 b_left_2", "a")]
    [InlineData("10_left.jpeg 10_right.jpeg lone.jpeg", "10")]
    [InlineData("p1/left.png p1/right.png", "p1")]
    [InlineData("img_1 img_2 img_3 img_4")]
    [InlineData("im0000 im0001 bright upright")]
    [InlineData("normal_1 normal_2 tumor_1 tumor_2")]
    public void Ids_that_differ_only_by_eye_side_or_shot_are_found(string ids, params string[] groups)
    {
        ImageId[] all = [.. ids.Split(' ').Select(i => new ImageId(i))];
        PairedIds? pairs = PairedIds.Among(all);
        if (groups.Length == 0)
        {
            Assert.Null(pairs);
            return;
        }
        var reading = new GroupReading(pairs!.Pattern, "main", "labels.csv");
        Assert.Equal(
            groups, pairs.Groups.Select(g => Assert.Single(g.Select(i => reading.Read(i, "", "")).Distinct())));
        Assert.All(all, i => Assert.NotNull(reading.Read(i, "", "")));
    }
}
