using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Tests.Experiments;

namespace Gradus.Tests.Datasets;

public sealed class LedgerRow24_four_grades_read_as_five : IDisposable
{
    // Four steps, of which the third is everything from moderate to severe and the last proliferative.
    private static readonly SourceScale Four = new(new GradeScale(["0", "1", "2", "3"]), [0, 1, null, 4]);

    private readonly ImageWorld _world = new();

    public LedgerRow24_four_grades_read_as_five()
    {
        for (int i = 0; i < 6; i++)
            _world.Image($"i{i}.png", i);
    }

    public void Dispose() => _world.Dispose();

    private static string Grades(Dataset dataset) => string.Join(' ', dataset.Records.Select(r => $"{r.Id}={r.Grade}"));

    [Fact]
    public void A_label_is_read_on_the_scale_of_its_source_and_becomes_what_it_is_mapped_to()
    {
        Dataset old = DatasetReader.Read(_world.Csv("id,grade\ni0,0\ni1,1\ni2,2\ni3,3\ni4,4\ni5,2.0\n", "old", SourceRole.External) with { Scale = Four }, ImageWorld.Scale);
        Assert.Equal("i0=0 i1=1 i3=4", Grades(old));
        Assert.Equal([FindingKind.GradeOutsideScale, FindingKind.SkippedGrade, FindingKind.SkippedGrade], old.Findings.Select(f => f.Kind));
        Assert.Contains("has the grade 4, which is outside the source's scale, for 'i4'", old.Findings[0].Message, StringComparison.Ordinal);
        Assert.EndsWith("old.csv:6", old.Findings[0].Where, StringComparison.Ordinal);
        Assert.Equal(["i2"], old.Findings[1].Ids.Select(i => i.Value));
    }

    [Fact]
    public void Folders_and_archives_are_read_on_the_scale_of_their_source_as_well()
    {
        _world.Bytes("tree/1/a.png", ImageWorld.Png(1));
        _world.Bytes("tree/2/b.png", ImageWorld.Png(2));
        _world.Bytes("tree/3/c.png", ImageWorld.Png(3));
        _world.Bytes("tree/4/d.png", ImageWorld.Png(4));
        Dataset tree = DatasetReader.Read(new FolderSource { Name = "tree", Role = SourceRole.External, Folder = Path.Combine(_world.Root, "tree"), Scale = Four }, ImageWorld.Scale);
        Assert.Equal("1/a=1 3/c=4", Grades(tree));
        Assert.Equal([FindingKind.UnknownFolder, FindingKind.SkippedGrade], tree.Findings.Select(f => f.Kind));

        string npz = _world.Npz("train", 8, [.. Enumerable.Range(0, 5).Select(i => new byte[8 * 8 * 3])], [0, 1, 2, 3, 4]);
        Dataset archive = DatasetReader.Read(new NpzSource { Name = "npz", Npz = npz, Split = "train", Scale = Four }, ImageWorld.Scale);
        Assert.Equal("train_00000=0 train_00001=1 train_00003=4", Grades(archive));
        Assert.Equal([FindingKind.GradeOutsideScale, FindingKind.SkippedGrade], archive.Findings.Select(f => f.Kind));
    }

    [Theory]
    [InlineData(SourceRole.External, true)]
    [InlineData(SourceRole.Pseudo, true)]
    [InlineData(SourceRole.Main, false)]
    public void A_source_beside_the_main_one_that_uses_fewer_grades_and_declares_no_scale_is_loud(SourceRole role, bool isLoud)
    {
        AuditFinding[] Found(SourceScale? scale) =>
        [
            .. Auditor.Run(
                ImageWorld.Experiment(_world.Csv("id,grade\ni4,4\n"), _world.Csv("id,grade\ni0,0\ni1,1\ni2,2\ni3,3\n", "old", role) with { Scale = scale }),
                ct: TestContext.Current.CancellationToken).Findings.Where(f => f.Kind == FindingKind.GradeAbsentFromSource),
        ];
        Assert.Equal(isLoud ? 1 : 0, Found(null).Length);
        Assert.All(Found(null), f => Assert.StartsWith("'old' has no image graded 4 (proliferative). If its own scale has 4 steps", f.Message, StringComparison.Ordinal));
        Assert.Empty(Found(new SourceScale(ImageWorld.Scale, [0, 1, 2, 3, 4])));
        Assert.Empty(Found(Four));
    }

    private static string Old(string keys) => ExperimentText.With("extension: .jpg }\ntest", $"extension: .jpg }}\n  - {{ name: old, role: external, folder: old, {keys} }}\ntest");

    [Theory]
    [InlineData("scale: [0, 1, 2, 3]", "e.yaml:4:54", "is not the experiment's, so its steps must be mapped")]
    [InlineData("scale: [none, severe, mild]", "e.yaml:4:54", "so its steps must be mapped")]
    [InlineData("scale: [0, 1, 2, 3], mapping: { 0: none, 1: mild, 2: skip }", "e.yaml:4:", "maps every step of the source's scale; found nothing for 3")]
    [InlineData("scale: [0, 1], mapping: { 0: none, 1: awful }", "e.yaml:4:", "is no grade of the experiment; found 'awful'")]
    [InlineData("scale: [0, 1], mapping: { 0: none, 2: mild }", "e.yaml:4:", "is no step of the source's scale; found '2'")]
    [InlineData("scale: [0, 1], mapping: { 0: none, 0.0: mild }", "e.yaml:4:", "is mapped already")]
    [InlineData("scale: [0, 1], mapping: { 0: skip, 1: skip }", "e.yaml:4:", "leaves no image")]
    [InlineData("scale: [0, 0]", "e.yaml:4:", "each grade is named once")]
    [InlineData("mapping: { 0: none, 1: mild }", "e.yaml:4:58", "needs the scale that it maps")]
    public void A_scale_that_differs_without_a_whole_mapping_is_refused_at_its_place(string keys, string place, string says)
    {
        string refusal = ExperimentText.Refusal(Old(keys));
        Assert.StartsWith(place, refusal, StringComparison.Ordinal);
        Assert.Contains(says, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_is_read_by_numbers_and_names_and_the_experiments_own_scale_needs_none()
    {
        SourceScale scale = ExperimentText.Read(Old("scale: [no, some, much, worst], mapping: { no: none, 1: 1, much: skip, 3: severe }")).Sources[1].Scale!;
        Assert.Equal(["no", "some", "much", "worst"], scale.Labels.Names);
        Assert.Equal([0, 1, null, 2], scale.Grades);
        Assert.Equal([0, 1, 2], ExperimentText.Read(Old("scale: [None, mild, severe]")).Sources[1].Scale!.Grades);
    }
}
