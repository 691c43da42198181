using System.Text.Json;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Splitting;
using Gradus.Synthetic;
using Gradus.Tests.Datasets;
using Gradus.Tests.Duplicates;
using Gradus.Tests.Imaging;
using Gradus.Tests.Synthetic;

namespace Gradus.Tests.Audit;

public sealed class NearDuplicateAuditTests(WorldOnDisk synthetic) : IClassFixture<WorldOnDisk>, IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Of_the_synthetic_world_every_planted_fault_is_found_and_nothing_besides()
    {
        Experiment experiment = ExperimentFile.Read(Path.Combine(synthetic.Folder, "experiment.yaml"));
        AuditReport report = Run(experiment);
        IReadOnlyList<PlantedFault> faults = PlantedFault.Compare(synthetic.Planted, report);
        Assert.Equal(6, faults.Count);
        Assert.All(faults, f => Assert.Equal((f.Planted, 0), (f.Found, f.Besides)));
        Assert.All(faults, f => Assert.True(f.Planted > 0));
        Assert.Equal(synthetic.Planted.NearDuplicates.Length, report.Findings.Count(f => f.Kind == FindingKind.NearDuplicate));

        FoldPlan plan = DataPartition.Create(experiment, report).Plan!;
        Dictionary<ImageId, FoldAssignment> fold = plan.Assignments.ToDictionary(a => a.Record.Id);
        Assert.All(synthetic.Planted.NearDuplicates, n => Assert.Equal((fold[n.Original].Fold, fold[n.Original].Group), (fold[n.Copy].Fold, fold[n.Copy].Group)));
    }

    [Fact]
    public void Every_kind_of_pair_is_reported_with_both_grades_and_none_is_quarantined()
    {
        Put("same1", "same2", 1);
        Put("other1", "other2", 2, Orientation.Mirrored);
        Put("leak", "shown", 3);
        Put("old", "judged", 4);
        AuditReport report = Run(ImageWorld.Experiment(
            _world.Csv("id,grade\nsame1,0\nsame2,0\nother1,1\nother2,3\nleak,2\n"),
            _world.Csv("id,grade\nold,4\n", "external", SourceRole.External) with { Scale = new SourceScale(ImageWorld.Scale, [0, 1, 2, 3, 4]) },
            _world.Csv("id,grade\njudged,4\n", "val", SourceRole.Validation),
            _world.Csv("id\nshown\n", "test", SourceRole.Test, grade: null)));

        Assert.Empty(report.Quarantined);
        Assert.Empty(report.ExactDuplicates);
        Assert.Equal(5, report.Main.Length);
        Assert.Equal(
            ["external/old+val/judged", "main/leak+test/shown", "main/other1+main/other2", "main/same1+main/same2"],
            report.NearDuplicates.Select(n => $"{ImageKey.Of(n.A)}+{ImageKey.Of(n.B)}"));
        Assert.Equal(
            [FindingKind.NearDuplicate, FindingKind.NearDuplicateTestLeak, FindingKind.NearDuplicateOtherGrade, FindingKind.NearDuplicate],
            report.Findings.Select(f => f.Kind));
        Assert.StartsWith("'external/old' and 'val/judged' show nearly the same picture", report.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("Training does without 'external/old'", report.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("'main/leak' among the labels and 'test/shown' in the test set", report.Findings[1].Message, StringComparison.Ordinal);
        Assert.Contains("'other1' grade 1 and 'other2' grade 3", report.Findings[2].Message, StringComparison.Ordinal);
        Assert.Contains("mirrored", report.Findings[2].Message, StringComparison.Ordinal);
        Assert.Contains("two photographs of one eye. Neither is quarantined.", report.Findings[2].Message, StringComparison.Ordinal);
        Assert.Equal([1, 3], report.Findings[2].Grades);
        Assert.Contains("They stay together", report.Findings[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_names_both_images_with_source_and_grade()
    {
        Put("a", "b", 2, Orientation.Mirrored);
        AuditReport report = Run(ImageWorld.Experiment(_world.Csv("id,grade\na,1\n"), _world.Csv("id\nb\n", "test", SourceRole.Test, grade: null)));
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(AuditJson.Of(report), GradusJson.Compact));
        JsonElement pair = Assert.Single(json.RootElement.GetProperty("nearDuplicates").EnumerateArray());
        Assert.Equal(
            ["a", "b", "sourceA", "sourceB", "gradeA", "gradeB", "similarity", "distance", "orientation"],
            pair.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("a", "b", "main", "test"), (Text("a"), Text("b"), Text("sourceA"), Text("sourceB")));
        Assert.Equal((1, JsonValueKind.Null, "mirrored"), (pair.GetProperty("gradeA").GetInt32(), pair.GetProperty("gradeB").ValueKind, Text("orientation")));
        Assert.InRange(pair.GetProperty("similarity").GetDouble(), 0.9, 1);
        Assert.InRange(pair.GetProperty("distance").GetInt32(), 0, 10);
        Assert.Equal(["a", "b"], Assert.Single(json.RootElement.GetProperty("nearDuplicateGroups").EnumerateArray()).EnumerateArray().Select(i => i.GetString()).Order());
        Assert.Equal("near_duplicate_test_leak", json.RootElement.GetProperty("findings")[0].GetProperty("kind").GetString());

        string Text(string name) => pair.GetProperty(name).GetString()!;
    }

    [Fact]
    public void Of_identical_images_one_stands_for_each_side()
    {
        // t1 has the bytes of a, so the search knows one of the two; b is near both of them.
        FileLocation a = Put("a", "b", 5);
        _world.Bytes("images/a2.png", File.ReadAllBytes(a.Path));
        _world.Bytes("images/t1.png", File.ReadAllBytes(a.Path));
        AuditReport report = Run(ImageWorld.Experiment(_world.Csv("id,grade\na,1\na2,1\nb,1\n"), _world.Csv("id\nt1\n", "test", SourceRole.Test, grade: null)));
        Assert.Equal(["a+b", "b+t1"], report.NearDuplicates.Select(n => $"{n.A.Id}+{n.B.Id}"));
        Assert.Equal(["a+t1", "a2+t1"], report.TestLeaks.Select(l => $"{l.Train.Id}+{l.Test.Id}"));
        Assert.Equal([FindingKind.ExactDuplicate, FindingKind.TestLeak, FindingKind.NearDuplicate, FindingKind.NearDuplicateTestLeak], report.Findings.Select(f => f.Kind));
    }

    [Fact]
    public void Damaged_copies_are_each_reported_though_their_bytes_are_decoded_once()
    {
        byte[] cut = File.ReadAllBytes(Put("a", "b", 5).Path)[..2000];
        _world.Bytes("images/c.png", cut);
        _world.Bytes("images/d.png", cut);
        AuditReport report = Run(ImageWorld.Experiment(_world.Csv("id,grade\na,1\nb,1\nc,1\nd,1\n")));
        Assert.Equal(["c", "d"], report.Unreadable.Select(u => u.Image.Id.Value));
        Assert.Single(report.Unreadable.Select(u => u.Problem).Distinct());
        Assert.Single(report.NearDuplicates);
    }

    [Fact]
    public void The_published_retinopathy_set_has_one_view_in_two_exposures()
    {
        Assert.SkipWhen(Scratch.Data is null, "GRADUS_DATA is not set");
        string idrid = Path.Combine(Scratch.Data, "idrid");
        AuditReport report = Run(ImageWorld.Experiment(
            new CsvSource { Name = "idrid", Labels = Path.Combine(idrid, "train.csv"), Id = "id_code", Grade = "diagnosis", Images = Path.Combine(idrid, "train"), Extension = ".jpg" },
            new CsvSource { Name = "test", Role = SourceRole.Test, Labels = Path.Combine(idrid, "test.csv"), Id = "id_code", Images = Path.Combine(idrid, "test"), Extension = ".jpg" }));
        NearDuplicate pair = Assert.Single(report.NearDuplicates);
        Assert.Equal(("IDRiD_013", "IDRiD_397", Orientation.Upright), (pair.A.Id.Value, pair.B.Id.Value, pair.Orientation));
    }

    private static AuditReport Run(Experiment experiment) => Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);

    // A retina, and beside it the same one darker and compressed.
    private FileLocation Put(string name, string copy, int number, Orientation orientation = Orientation.Upright)
    {
        RgbImage image = Pictures.Retina(number);
        using NetVips.Image whole = Scratch.Vips(image), darker = Scratch.Vips(Pictures.Turned(Pictures.Brighter(image, 0.9), orientation));
        string path = _world.Bytes($"images/{name}.png", whole.WriteToBuffer(".png"));
        _world.Bytes($"images/{copy}.png", darker.WriteToBuffer(".png"));
        return new FileLocation(path);
    }
}
