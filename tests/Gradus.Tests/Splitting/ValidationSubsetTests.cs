using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Experiments;

namespace Gradus.Tests.Splitting;

public sealed class ValidationSubsetTests : IDisposable
{
    private readonly ImageWorld _world = new();
    private readonly ScratchFolder _scratch = new();

    // 40 images of grades 0 to 4 in turn; i0 and i20 are one patient, and so are i5 and i6, of two grades; i38 shows the same as i3.
    public ValidationSubsetTests()
    {
        for (int i = 0; i < 40; i++)
            _world.Image($"i{i}.png", i == 38 ? 3 : i);
    }

    public void Dispose()
    {
        _world.Dispose();
        _scratch.Dispose();
    }

    private Experiment Experiment => ImageWorld.Experiment(_world.Csv(
        "id,grade,patient\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"i{i},{i % 5},{(i is 0 or 20 ? "a" : i is 5 or 6 ? "b" : $"p{i}")}\n")), group: "patient"));

    private static AuditReport Audit(Experiment experiment) => Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);

    [Fact]
    public void Groups_come_whole_no_grade_exceeds_what_is_wanted_and_the_same_seed_chooses_the_same()
    {
        Experiment experiment = Experiment;
        AuditReport report = Audit(experiment);
        DataPartition partition = DataPartition.Create(experiment, report);
        HashSet<string> chosenEver = [];
        for (int seed = 0; seed < 60; seed++)
        {
            ValidationSubset subset = ValidationSubset.Choose(partition, report, [0.5, 0.25, 0, 0.25, 0], 8, seed);
            Assert.Equal([4, 2, 0, 2, 0], subset.Wanted);
            Assert.All(subset.Wanted.Zip(subset.Achieved), p => Assert.True(p.Second <= p.First));
            Assert.Equal(subset.Achieved, [.. Enumerable.Range(0, 5).Select(g => subset.Records.Count(r => r.Grade == g))]);
            Assert.Equal(subset.Records, ValidationSubset.Choose(partition, report, [0.5, 0.25, 0, 0.25, 0], 8, seed).Records);
            HashSet<string> ids = [.. subset.Records.Select(r => r.Id.Value)], training = [.. partition.Training.Records.Select(r => r.Id.Value)];
            foreach ((string a, string b) in new[] { ("i0", "i20"), ("i5", "i6"), ("i3", "i38") })
                Assert.Equal(ids.Contains(a), ids.Contains(b));
            Assert.Subset(training, ids);
            chosenEver.UnionWith(ids);
        }
        Assert.True(chosenEver.Count > 10, "images take turns");
    }

    [Fact]
    public void What_runs_out_is_told_by_grade()
    {
        Experiment experiment = Experiment;
        AuditReport report = Audit(experiment);
        DataPartition partition = DataPartition.Create(experiment, report);
        ValidationSubset subset = ValidationSubset.Choose(partition, report, [0, 1, 0, 0, 1], 200, 1);
        Assert.Equal([0, 100, 0, 0, 100], subset.Wanted);
        Assert.Equal(subset.Available[4], subset.Achieved[4]);
        // i6, of grade 1, would bring i5, of grade 0, along.
        Assert.DoesNotContain(subset.Records, r => r.Id.Value == "i6");
        Assert.Throws<GradusException>(() => ValidationSubset.Choose(partition, report, [0, 0, 0, 0, 0], 10, 1));
    }

    [Fact]
    public void An_experiment_that_names_the_list_validates_on_it_and_trains_on_nothing_of_its_groups()
    {
        Experiment experiment = Experiment;
        AuditReport report = Audit(experiment);
        // By hand and with half of two groups, to see that training does without the other half.
        string path = Path.Combine(_scratch.Path, "subset.csv");
        ValidationListFile.Write(path, report.Main.Where(r => r.Id.Value is "i0" or "i5" or "i12" or "i31"));
        DataPartition parts = DataPartition.Create(experiment with { Split = null, ValidationList = path }, report);
        Assert.Equal(["i0", "i12", "i31", "i5"], parts.Validation.Records.Select(r => r.Id.Value));
        Assert.Null(parts.Plan);
        Assert.Equal(report.Main.Length - 6, parts.Training.Count);
        Assert.DoesNotContain(parts.Training.Records, r => r.Id.Value is "i0" or "i20" or "i5" or "i6" or "i12" or "i31");
        Assert.Equal(["i20", "i6"], parts.Findings.Where(f => f.Kind == FindingKind.LeftOutOfTraining).SelectMany(f => f.Ids).Select(i => i.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_list_about_other_images_is_refused()
    {
        ImageRecord[] records = [.. SplitWorld.Singles([0, 1, 2])];
        string path = Path.Combine(_scratch.Path, "subset.csv");
        ValidationListFile.Write(path, records[..2]);
        Assert.Equal(records[..2], ValidationListFile.Read(path, records));
        Refused("another image than when", [records[0] with { Hash = records[2].Hash }, records[1]]);
        Refused("another grade than when", [records[0], records[1] with { Grade = 4 }]);
        Refused("not among the usable main ones", [records[0]]);
        FoldPlanFile.Write(path, new FoldPlan([.. records], SplitWorld.Folds(records, r => r.Grade!.Value % 2), 2, []));
        Refused("is no list of validation images", records);

        void Refused(string problem, ImageRecord[] today) =>
            Assert.Contains(problem, Assert.Throws<GradusException>(() => ValidationListFile.Read(path, today)).Message, StringComparison.Ordinal);
    }
}
