using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Duplicates;
using Gradus.Tests.Imaging;

namespace Gradus.Tests.Splitting;

public sealed class DataPartitionTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public DataPartitionTests()
    {
        for (int i = 0; i < 30; i++)
            _world.Image($"i{i}.png", i);
        for (int i = 0; i < 6; i++)
            _world.Image($"same{i}.png", i);
    }

    public void Dispose() => _world.Dispose();

    private static string Rows(IEnumerable<string> ids) => "id,grade\n" + string.Concat(ids.Select(id => $"{id},{int.Parse(id.Trim('i', 's', 'a', 'm', 'e')) % 5}\n"));

    private static DataPartition Partition(Experiment experiment) => DataPartition.Create(experiment, Auditor.Run(experiment, ct: TestContext.Current.CancellationToken));

    [Fact]
    public void External_images_train_unless_they_are_in_the_validation_fold()
    {
        Experiment experiment = ImageWorld.Experiment(
            _world.Csv(Rows(Enumerable.Range(0, 20).Select(i => $"i{i}"))),
            _world.Csv(Rows([.. Enumerable.Range(0, 6).Select(i => $"same{i}"), "i25"]), "old", SourceRole.External),
            _world.Csv("id\ni29\n", "test", SourceRole.Test, grade: null));
        DataPartition parts = Partition(experiment);
        Assert.NotNull(parts.Plan);
        Assert.Equal(parts.Plan.Split(0).Validation.Records, parts.Validation.Records);
        HashSet<ContentHash?> judged = [.. parts.Validation.Records.Select(r => r.Hash)];
        Assert.DoesNotContain(parts.Training.Records, r => judged.Contains(r.Hash));

        string[] leaking = [.. Enumerable.Range(0, 6).Where(i => parts.Validation.Records.Any(r => r.Id.Value == $"i{i}")).Select(i => $"same{i}")];
        Assert.NotEmpty(leaking);
        Assert.Equal(leaking, parts.Findings.Where(f => f.Kind == FindingKind.LeftOutOfTraining).SelectMany(f => f.Ids).Select(i => i.Value).Order(StringComparer.Ordinal));
        Assert.Equal(10 + 7 - leaking.Length, parts.Training.Count);
        Assert.Equal("i29", Assert.Single(parts.Test).Id.Value);
    }

    [Fact]
    public void A_validation_source_takes_the_place_of_the_split_and_training_does_without_its_images()
    {
        Experiment experiment = ImageWorld.Experiment(
            _world.Csv(Rows(Enumerable.Range(0, 20).Select(i => $"i{i}"))),
            _world.Csv(Rows(["same3", "i20", "i21", "i22", "i24"]), "val", SourceRole.Validation)) with { Split = null };
        DataPartition parts = Partition(experiment);
        Assert.Null(parts.Plan);
        Assert.Equal(5, parts.Validation.Count);
        Assert.Equal(19, parts.Training.Count);
        Assert.DoesNotContain(parts.Training.Records, r => r.Id.Value == "i3");
        Assert.Equal(FindingKind.LeftOutOfTraining, Assert.Single(parts.Findings).Kind);
        Assert.Throws<GradusException>(() => Partition(experiment with { Split = new SplitSpec() }));
    }

    [Fact]
    public void Training_does_without_near_duplicates_of_validation_images()
    {
        Eye("e0", 1, 1);
        Eye("e1", 1, 0.9);
        Eye("e2", 2, 1);
        Eye("e3", 2, 0.9);
        // A plan made before anybody knew, with e0 and e1 in two folds.
        Experiment experiment = ImageWorld.Experiment(_world.Csv("id,grade\ne0,0\ne1,0\ne2,1\ni3,2\ni4,3\ni5,4\n"), _world.Csv("id,grade\ne3,1\n", "old", SourceRole.External));
        AuditReport report = Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);
        var apart = new FoldPlan(report.Main, SplitWorld.Folds(report.Main, r => r.Id.Value is "e0" or "e2" ? 0 : 1), 2, []);
        Assert.Contains("crosses folds", Assert.Throws<GradusException>(() => DataPartition.Create(experiment, report, apart)).Message, StringComparison.Ordinal);

        var together = new FoldPlan(report.Main, SplitWorld.Folds(report.Main, r => r.Id.Value[0] == 'e' ? 0 : 1), 2, []);
        DataPartition parts = DataPartition.Create(experiment, report, together);
        Assert.Equal(["e0", "e1", "e2"], parts.Validation.Records.Select(r => r.Id.Value));
        Assert.Equal(["i3", "i4", "i5"], parts.Training.Records.Select(r => r.Id.Value));
        Assert.Equal("e3", Assert.Single(Assert.Single(parts.Findings, f => f.Kind == FindingKind.LeftOutOfTraining).Ids).Value);

        void Eye(string id, int number, double gain)
        {
            using NetVips.Image image = Scratch.Vips(Pictures.Brighter(Pictures.Retina(number), gain));
            _world.Bytes($"images/{id}.png", image.WriteToBuffer(".png"));
        }
    }

    [Fact]
    public void Without_split_and_validation_source_there_is_no_partition() =>
        Assert.Throws<GradusException>(() => Partition(ImageWorld.Experiment(_world.Csv(Rows(["i0", "i1"]))) with { Split = null }));

    [Fact]
    public void A_grade_that_a_side_lacks_is_a_finding()
    {
        DataPartition parts = Partition(ImageWorld.Experiment(_world.Csv(Rows(Enumerable.Range(0, 10).Where(i => i != 9).Select(i => $"i{i}")))));
        AuditFinding finding = Assert.Single(parts.Findings);
        Assert.Equal((FindingKind.GradeAbsent, 4), (finding.Kind, finding.Grades.Single()));
    }

    [Fact]
    public void A_source_without_grades_cannot_train()
    {
        GradusException error = Assert.Throws<GradusException>(() => Partition(ImageWorld.Experiment(_world.Csv("id\ni0\ni1\n", grade: null))));
        Assert.Contains("has a grade", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fold_that_does_not_exist_is_refused() =>
        Assert.Throws<GradusException>(() => Partition(ImageWorld.Experiment(_world.Csv(Rows(Enumerable.Range(0, 10).Select(i => $"i{i}")))) with { Split = new SplitSpec(2, 2) }));
}
