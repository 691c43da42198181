using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Splitting;
using Gradus.Tests.Datasets;

namespace Gradus.Tests.Splitting;

public sealed class FoldFindingsTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private static AuditFinding[] Findings(Experiment experiment, FindingKind kind) =>
        [.. DataPartition.Create(experiment, Auditor.Run(experiment, ct: TestContext.Current.CancellationToken))
            .Findings.Where(f => f.Kind == kind)];

    private CsvSource Source(int images, Func<int, string> id, Func<int, string> patient)
    {
        for (int i = 0; i < images; i++)
            _world.Image(id(i) + ".png", i);
        string rows = string.Concat(Enumerable.Range(0, images).Select(i => $"{id(i)},{i % 2},{patient(i)}\n"));
        return _world.Csv("id,grade,patient\n" + rows, group: "patient");
    }

    [Fact]
    public void A_fold_far_from_its_share_is_said_with_figures()
    {
        Experiment experiment = ImageWorld.Experiment(
            Source(50, i => $"i{i}", i => i < 30 ? "one" : $"p{i}")) with { Split = new SplitSpec(5) };
        AuditFinding finding = Assert.Single(Findings(experiment, FindingKind.UnevenFolds));
        Assert.Contains(
            "Of 50 images in 5 folds each should hold about 10 (20 %)", finding.Message, StringComparison.Ordinal);
        Assert.Contains(" 30 (60 %)", finding.Message, StringComparison.Ordinal);
        Assert.Contains("has 30 images and cannot be divided", finding.Message, StringComparison.Ordinal);

        AuditReport report = Auditor.Run(experiment, ct: TestContext.Current.CancellationToken);
        AuditJson json = AuditJson.Of(report, DataPartition.Create(experiment, report));
        Assert.Contains(json.Findings, f => f.Kind == FindingKind.UnevenFolds);
    }

    [Fact]
    public void Folds_of_small_groups_are_even_enough() =>
        Assert.Empty(
            Findings(ImageWorld.Experiment(
            Source(50, i => $"i{i}", i => $"p{i / 3}")) with { Split = new SplitSpec(5) }, FindingKind.UnevenFolds));

    [Fact]
    public void Two_eyes_in_two_folds_are_a_finding_until_a_group_joins_them()
    {
        CsvSource source = Source(40, i => $"{i / 2}_{(i % 2 == 0 ? "left" : "right")}", i => $"{i / 2}");
        AuditFinding finding = Assert.Single(
            Findings(ImageWorld.Experiment(source with { Group = null }), FindingKind.PairsApart));
        Assert.Contains("of 20 groups of images of 'main'", finding.Message, StringComparison.Ordinal);
        Assert.Contains(
            "group: { from: id, pattern: '^(.+?)_(?:left|right)$' }", finding.Message, StringComparison.Ordinal);
        Assert.Empty(Findings(ImageWorld.Experiment(source), FindingKind.PairsApart));

        Experiment joined = ImageWorld.Experiment(
            source with { Group = null, GroupPattern = "^(.+?)_(?:left|right)$" });
        Assert.Empty(Findings(joined, FindingKind.PairsApart));
        FoldPlan plan = DataPartition.Create(joined, Auditor.Run(joined, ct: TestContext.Current.CancellationToken))
            .Plan!;
        Assert.All(
            plan.Assignments.GroupBy(a => a.Record.Id.Value.Split('_')[0]), g =>
            Assert.Single(g.Select(a => a.Fold).Distinct()));
    }
}
