using System.Text;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Tests.Datasets;

public sealed class DatasetReaderTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public DatasetReaderTests()
    {
        foreach (string id in (string[])["a", "b", "c"])
            _world.Image(id + ".png", id[0]);
    }

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("id,grade\na,2\nb,0\n")]
    [InlineData("\uFEFFid,grade\r\na,2\r\nb,0\r\n")]
    [InlineData("\"id\",\"grade\"\n\"a\",\"2\"\n\"b\",\"0\"")]
    [InlineData(" id , grade \n a , 2.0 \n\n b , NONE \n")]
    [InlineData("grade;note;id\nmoderate;\"x; \"\"y\"\"\";a\n0;;b\n")]
    [InlineData("id\tgrade\na\t2\nb\t0.0\n")]
    [InlineData("id,grade,\na,2,\nb,0,\n")]
    public void A_csv_is_read_however_it_is_written(string text)
    {
        Dataset set = DatasetReader.Read(_world.Csv(text), ImageWorld.Scale);
        Assert.Empty(set.Findings);
        Assert.Equal([("a", 2), ("b", 0)], set.Records.Select(r => (r.Id.Value, r.Grade!.Value)));
        Assert.Equal(new FileLocation(Path.Combine(_world.Images, "a.png")), set.Records[0].Location);
    }

    [Fact]
    public void A_csv_in_utf16_is_read()
    {
        CsvSource source = _world.Csv("");
        _world.Bytes("main.csv", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("id,grade\na,1\n")]);
        Assert.Equal("a", Assert.Single(DatasetReader.Read(source, ImageWorld.Scale).Records).Id.Value);
    }

    [Fact]
    public void A_missing_column_names_the_columns_found_and_the_nearest()
    {
        CsvSource source = _world.Csv("id_code,diagnosis\na,1\n") with { Id = "id_code", Grade = "diagnosys" };
        GradusException error = Assert.Throws<GradusException>(() => DatasetReader.Read(source, ImageWorld.Scale));
        Assert.Equal(Fault.Request, error.Fault);
        Assert.Equal($"{source.Labels}:1: the column 'diagnosys' is missing; found 'id_code', 'diagnosis'. Did you mean 'diagnosis'?", error.Message);
    }

    [Theory]
    [InlineData("", "no header line")]
    [InlineData("\n\n", "no header line")]
    [InlineData("id,grade,grade\na,1,2\n", "'grade' is there twice")]
    public void A_csv_without_usable_columns_is_refused(string text, string problem)
    {
        GradusException error = Assert.Throws<GradusException>(() => DatasetReader.Read(_world.Csv(text), ImageWorld.Scale));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, error.Fault);
    }

    [Fact]
    public void A_missing_file_or_folder_is_refused_with_its_path()
    {
        CsvSource source = _world.Csv("id,grade\na,1\n");
        Assert.Contains("nowhere.csv: the file does not exist", Assert.Throws<GradusException>(() => DatasetReader.Read(source with { Labels = "/nowhere.csv" }, ImageWorld.Scale)).Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere: the folder", Assert.Throws<GradusException>(() => DatasetReader.Read(source with { Images = "/nowhere" }, ImageWorld.Scale)).Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere: the folder", Assert.Throws<GradusException>(() => DatasetReader.Read(new FolderSource { Name = "f", Folder = "/nowhere" }, ImageWorld.Scale)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,7", FindingKind.GradeOutsideScale)]
    [InlineData("a,-1", FindingKind.GradeOutsideScale)]
    [InlineData("a,1e300", FindingKind.GradeOutsideScale)]
    [InlineData("a,2.5", FindingKind.UnreadableGrade)]
    [InlineData("a,NaN", FindingKind.UnreadableGrade)]
    [InlineData("a,mil", FindingKind.UnreadableGrade)]
    [InlineData("a, ", FindingKind.MissingGrade)]
    [InlineData(",2", FindingKind.EmptyId)]
    [InlineData("a", FindingKind.MalformedRow)]
    [InlineData("a,2,extra", FindingKind.MalformedRow)]
    [InlineData("a\"b,2", FindingKind.MalformedRow)]
    [InlineData("../../etc/passwd,2", FindingKind.UnsafeId)]
    [InlineData("x/../../b,2", FindingKind.UnsafeId)]
    [InlineData("/etc/passwd,2", FindingKind.UnsafeId)]
    [InlineData("b\0c,2", FindingKind.UnsafeId)]
    [InlineData("absent,2", FindingKind.MissingImage)]
    public void A_bad_row_is_a_finding_with_its_line_and_the_others_are_read(string row, FindingKind kind)
    {
        CsvSource source = _world.Csv($"id,grade\nb,1\n\n{row}\nc,3\n");
        Dataset set = DatasetReader.Read(source, ImageWorld.Scale);
        AuditFinding finding = Assert.Single(set.Findings);
        Assert.Equal((kind, $"{source.Labels}:4"), (finding.Kind, finding.Where));
        Assert.Matches("[Ll]ine 4 of main.csv .*; .*\\.$", finding.Message);
        Assert.Equal(["b", "c"], set.Records.Select(r => r.Id.Value));
    }

    [Fact]
    public void A_sibling_folder_with_the_same_beginning_is_outside()
    {
        _world.Bytes("images-secret/x.png", ImageWorld.Png(1));
        Dataset set = DatasetReader.Read(_world.Csv("id,grade\n../images-secret/x,1\n"), ImageWorld.Scale);
        Assert.Equal(FindingKind.UnsafeId, Assert.Single(set.Findings).Kind);
    }

    [Fact]
    public void A_link_to_the_folder_of_images_is_followed()
    {
        string link = Path.Combine(_world.Root, "link");
        Directory.CreateSymbolicLink(link, _world.Images);
        Assert.Single(DatasetReader.Read(_world.Csv("id,grade\na,1\n") with { Images = link }, ImageWorld.Scale).Records);
    }

    [Fact]
    public void An_unclosed_quote_is_never_passed_over_in_silence()
    {
        foreach (string text in (string[])["id,grade\na,1\n\"b,2\nc,3\n", "id,grade\na,1\n\"b,2\nc,3\n\"x\",1\n", "id,grade\na,1\n\"b,2\nc,3\n\",1\n"])
        {
            Dataset set = DatasetReader.Read(_world.Csv(text), ImageWorld.Scale);
            Assert.Equal(FindingKind.MalformedRow, Assert.Single(set.Findings).Kind);
            Assert.Contains("Line 3", set.Findings[0].Message, StringComparison.Ordinal);
            Assert.Equal("a", Assert.Single(set.Records).Id.Value);
        }
    }

    [Fact]
    public void An_id_twice_with_one_grade_counts_once_and_with_two_grades_not_at_all()
    {
        Dataset set = DatasetReader.Read(_world.Csv("id,grade\na,1\nb,2\na,1.0\nb,3\nc,0\n"), ImageWorld.Scale);
        Assert.Equal(["a", "c"], set.Records.Select(r => r.Id.Value));
        Assert.Equal([FindingKind.DuplicateId, FindingKind.DuplicateIdOtherGrade], set.Findings.Select(f => f.Kind));
        Assert.Equal([2, 3], set.Findings[1].Grades);
        Assert.Contains("lines 3, 5", set.Findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_image_with_a_bad_grade_is_still_predicted()
    {
        Dataset set = DatasetReader.Read(_world.Csv("id,grade\na,7\nb,1\nb,2\nc,\n", role: SourceRole.Test), ImageWorld.Scale);
        Assert.Equal(["a", "b", "c"], set.Records.Select(r => r.Id.Value));
        Assert.All(set.Records, r => Assert.Null(r.Grade));
        Assert.Equal(3, set.Findings.Length);
    }

    [Fact]
    public void Extensions_are_found_by_looking_and_ambiguity_is_a_finding()
    {
        _world.Image("d.x.png", 1);
        _world.Image("a.jpg.png", 2);
        _world.Image("c.TIF", 3);
        Dataset set = DatasetReader.Read(_world.Csv("id,grade\na,1\nb.png,1\nd.x,1\na.jpg,1\nc,1\n", extension: null), ImageWorld.Scale);
        Assert.Equal(["a.png", "b.png", "d.x.png", "a.jpg.png"], set.Records.Select(r => Path.GetFileName(((FileLocation)r.Location).Path)));
        AuditFinding finding = Assert.Single(set.Findings);
        Assert.Equal(FindingKind.AmbiguousImage, finding.Kind);
        Assert.Contains("'c.TIF', 'c.png'", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_image_with_another_extension_is_pointed_out()
    {
        AuditFinding finding = Assert.Single(DatasetReader.Read(_world.Csv("id,grade\na,1\n", extension: ".jpg"), ImageWorld.Scale).Findings);
        Assert.Contains("no file 'a.jpg', though 'a.png' is there", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_an_empty_extension_ids_are_file_names() =>
        Assert.Equal("a.png", Assert.Single(DatasetReader.Read(_world.Csv("id,grade\na.png,1\n", extension: ""), ImageWorld.Scale).Records).Id.Value);

    [Fact]
    public void Where_the_names_of_grades_are_numbers_a_number_is_a_name()
    {
        Dataset set = DatasetReader.Read(_world.Csv("id,grade\na,1\nb,3.0\nc,0\n"), new GradeScale(["1", "2", "3"]));
        Assert.Equal([0, 2], set.Records.Select(r => r.Grade!.Value));
        Assert.Equal(FindingKind.GradeOutsideScale, Assert.Single(set.Findings).Kind);
    }

    [Fact]
    public void Groups_are_read_and_rows_without_one_are_counted()
    {
        Dataset set = DatasetReader.Read(_world.Csv("id,grade,patient\na,1,p1\nb,1,\nc,2,p1\n", group: "patient"), ImageWorld.Scale);
        Assert.Equal(["p1", null, "p1"], set.Records.Select(r => r.Group));
        Assert.Equal(["b"], Assert.Single(set.Findings, f => f.Kind == FindingKind.MissingGroup).Ids.Select(i => i.Value));
    }

    [Fact]
    public void A_folder_of_folders_is_read_with_paths_as_ids()
    {
        foreach (string name in (string[])["0/x.png", "Mild/x.PNG", "2/deep/y.png", "odd/z.png", "loose.png", "0/notes.txt"])
            _world.Bytes(Path.Combine("tree", name), ImageWorld.Png(name.Length));
        var source = new FolderSource { Name = "f", Folder = Path.Combine(_world.Root, "tree") };
        Dataset set = DatasetReader.Read(source, ImageWorld.Scale);
        Assert.Equal([("0/x", 0), ("Mild/x", 1)], set.Records.Select(r => (r.Id.Value, r.Grade!.Value)));
        Assert.Equal([FindingKind.MissingGrade, FindingKind.UnknownFolder, FindingKind.UnknownFolder, FindingKind.Ignored], set.Findings.Select(f => f.Kind));

        Dataset test = DatasetReader.Read(source with { Role = SourceRole.Test }, ImageWorld.Scale);
        Assert.Contains(test.Records, r => r.Id.Value == "loose" && r.Grade is null);
    }

    [Fact]
    public void An_archive_is_read_with_numbered_ids()
    {
        string path = _world.Npz("val", 8, [.. Enumerable.Range(0, 3).Select(i => Enumerable.Repeat((byte)i, 8 * 8 * 3).ToArray())], [4, 9, 0]);
        Dataset set = DatasetReader.Read(new NpzSource { Name = "n", Npz = path, Split = "val" }, ImageWorld.Scale);
        Assert.Equal([("val_00000", 4), ("val_00002", 0)], set.Records.Select(r => (r.Id.Value, r.Grade!.Value)));
        Assert.Equal(new ArraySlot(path, "val_images", 2), set.Records[1].Location);
        Assert.Equal(FindingKind.GradeOutsideScale, Assert.Single(set.Findings).Kind);
        Assert.Contains("Splits with images here: val", Assert.Throws<GradusException>(() => DatasetReader.Read(new NpzSource { Name = "n", Npz = path, Split = "train" }, ImageWorld.Scale)).Message, StringComparison.Ordinal);
    }
}
