using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Splitting;
using Gradus.Tests.Datasets;
using Gradus.Tests.Duplicates;
using Gradus.Tests.Imaging;

namespace Gradus.Tests.Splitting;

public sealed class SourceUseTests : IDisposable
{
    private readonly ImageWorld _world = new();
    private readonly CsvSource _main, _old, _pseudo;

    public SourceUseTests()
    {
        for (int i = 0; i < 45; i++)
            _world.Image($"i{i}.png", i);
        _main = _world.Csv(Rows(0, 20));
        _old = _world.Csv(Rows(20, 15), "old", SourceRole.External);
        _pseudo = _world.Csv(Rows(35, 10), "pseudo", SourceRole.Pseudo);
    }

    public void Dispose() => _world.Dispose();

    private static string Rows(int from, int count) => "id,grade\n" + string.Concat(Enumerable.Range(from, count).Select(i => $"i{i},{i % 5}\n"));

    private static AuditReport Audit(Experiment experiment) => Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);

    private static DataPartition Partition(Experiment experiment) => DataPartition.Create(experiment, Audit(experiment));

    private static string Counts(IEnumerable<ImageRecord> records) => string.Join(' ', records.CountBy(r => r.Source).Select(c => $"{c.Key} {c.Value}").Order(StringComparer.Ordinal));

    [Fact]
    public void By_default_other_sources_train_in_every_fold_and_validate_in_none()
    {
        for (int fold = 0; fold < 2; fold++)
        {
            DataPartition parts = Partition(ImageWorld.Experiment(_main, _old, _pseudo) with { Split = new SplitSpec(2, fold) });
            Assert.Equal("main 10", Counts(parts.Validation.Records));
            Assert.Equal("main 10 old 15 pseudo 10", Counts(parts.Training.Records));
        }
    }

    [Fact]
    public void An_external_source_validates_where_that_is_asked_for()
    {
        DataPartition parts = Partition(ImageWorld.Experiment(_main, _old with { Use = SourceUse.Folds }, _pseudo) with { Split = new SplitSpec(5) });
        Assert.Equal(7, parts.Validation.Count);
        Assert.Contains(parts.Validation.Records, r => r.Source == "old");
        Assert.DoesNotContain(parts.Validation.Records, r => r.Source == "pseudo");
        Assert.Equal(28 + 10, parts.Training.Count);
    }

    [Fact]
    public void A_source_for_pre_training_trains_in_a_phase_of_its_own_with_the_same_validation()
    {
        _world.Image("i23.png", 3); // i3 of the main source
        Experiment experiment = ImageWorld.Experiment(_main, _old with { Use = SourceUse.Pretraining }, _pseudo);
        int fold = Partition(experiment).Validation.Records.Any(r => r.Id.Value == "i3") ? 0 : 1;
        experiment = experiment with { Split = new SplitSpec(2, fold) };
        DataPartition training = Partition(experiment), pretraining = Partition(experiment with { Phase = TrainingPhase.Pretraining });
        Assert.Equal("main 10 pseudo 10", Counts(training.Training.Records));
        Assert.Equal("old 14", Counts(pretraining.Training.Records));
        Assert.Equal("i23", Assert.Single(Assert.Single(pretraining.Findings, f => f.Kind == FindingKind.LeftOutOfTraining).Ids).Value);
        Assert.Equal(training.Validation.Records, pretraining.Validation.Records);
        Assert.Contains("use: pretraining", Assert.Throws<GradusException>(() => Partition(ImageWorld.Experiment(_main, _old) with { Phase = TrainingPhase.Pretraining })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Identical_and_nearly_identical_images_of_two_sources_are_found_and_stay_in_one_fold()
    {
        Eye("i0", 1);
        Eye("i20", 0.9);
        _world.Image("i21.png", 1); // i1 of the main source
        Experiment experiment = ImageWorld.Experiment(_main, _old with { Use = SourceUse.Folds }) with { Split = new SplitSpec(5) };
        AuditReport report = Audit(experiment);
        NearDuplicate near = Assert.Single(report.NearDuplicates);
        Assert.Equal(("main/i0", "old/i20"), (ImageKey.Of(near.A).ToString(), ImageKey.Of(near.B).ToString()));
        Assert.Equal(["main/i1", "old/i21"], Assert.Single(report.ExactDuplicates).Select(k => k.ToString()));
        FoldPlan plan = DataPartition.Create(experiment, report).Plan!;
        Assert.Equal(Fold("i0"), Fold("i20"));
        Assert.Equal(Fold("i1"), Fold("i21"));

        int Fold(string id) => plan.Assignments.Single(a => a.Record.Id.Value == id).Fold;

        void Eye(string id, double gain)
        {
            using NetVips.Image image = Scratch.Vips(Pictures.Brighter(Pictures.Retina(1), gain));
            _world.Bytes($"images/{id}.png", image.WriteToBuffer(".png"));
        }
    }

    [Fact]
    public void Patients_of_two_sources_that_are_split_stay_in_one_fold()
    {
        CsvSource main = _world.Csv("id,grade,patient\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"i{i},{i % 5},p{i % 10}\n")), group: "patient");
        CsvSource old = _world.Csv("id,grade,patient\n" + string.Concat(Enumerable.Range(20, 15).Select(i => $"i{i},{i % 5},p{i % 10}\n")), "old", SourceRole.External, "patient");
        FoldPlan plan = Partition(ImageWorld.Experiment(main, old with { Use = SourceUse.Folds }) with { Split = new SplitSpec(5) }).Plan!;
        Assert.All(plan.Assignments.GroupBy(a => a.Record.Group), patient => Assert.Single(patient.Select(a => a.Fold).Distinct()));
    }
}
