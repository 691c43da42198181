using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Tests.Datasets;

namespace Gradus.Tests.Audit;

public sealed class LedgerRow05_duplicates_with_another_grade : IDisposable
{
    private readonly ImageWorld _world = new();

    public LedgerRow05_duplicates_with_another_grade()
    {
        foreach ((string id, int shade) in (ReadOnlySpan<(string, int)>)[("a", 1), ("b", 1), ("c", 1), ("d", 2), ("e", 2), ("f", 3)])
            _world.Image(id + ".png", shade);
    }

    public void Dispose() => _world.Dispose();

    private AuditReport Audit(ConflictPolicy policy) => Auditor.Run(
        ImageWorld.Experiment(_world.Csv("id,grade\na,1\nb,2\nd,0\nf,4\n"), _world.Csv("id,grade\nc,2\ne,3\n", "old", SourceRole.External)) with { Conflicts = policy },
        ct: TestContext.Current.CancellationToken);

    [Fact]
    public void By_default_they_are_quarantined_and_listed_with_both_grades()
    {
        Assert.Equal(ConflictPolicy.Quarantine, ImageWorld.Experiment().Conflicts);
        AuditReport report = Audit(ConflictPolicy.Quarantine);
        Assert.Equal(["f"], report.Main.Concat(report.External).Select(r => r.Id.Value));
        Assert.Equal(["a", "b", "c", "d", "e"], report.Quarantined.Select(k => k.Id.Value));
        Assert.Equal(["1,2,2", "0,3"], report.Conflicts.Select(c => string.Join(',', c.Grades)));
        AuditFinding finding = report.Findings.First(f => f.Kind == FindingKind.Conflict);
        Assert.Contains("'main/a' grade 1, 'main/b' grade 2, 'old/c' grade 2", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConflictPolicy.Keep, "a1 b2 c2 d0 e3 f4", "")]
    [InlineData(ConflictPolicy.Drop, "f4", "")]
    [InlineData(ConflictPolicy.Majority, "a2 b2 c2 f4", "d e")]
    [InlineData(ConflictPolicy.Lowest, "a1 b1 c1 d0 e0 f4", "")]
    [InlineData(ConflictPolicy.Highest, "a2 b2 c2 d3 e3 f4", "")]
    public void Other_policies_are_explicit_choices(ConflictPolicy policy, string kept, string quarantined)
    {
        AuditReport report = Audit(policy);
        Assert.Equal(kept, string.Join(' ', report.Main.Concat(report.External).Select(r => $"{r.Id}{r.Grade}").Order(StringComparer.Ordinal)));
        Assert.Equal(quarantined, string.Join(' ', report.Quarantined.Select(k => k.Id)));
        Assert.Equal(2, report.Conflicts.Length);
    }

    [Fact]
    public void An_id_with_two_grades_is_a_conflict_as_well()
    {
        AuditReport report = Auditor.Run(ImageWorld.Experiment(_world.Csv("id,grade\na,1\na,2\nf,0\n")), ct: TestContext.Current.CancellationToken);
        GradeConflict conflict = Assert.Single(report.Conflicts);
        Assert.Equal(["a", "a"], conflict.Images.Select(k => k.Id.Value));
        Assert.Equal([1, 2], conflict.Grades);
        Assert.Equal(["a"], report.Quarantined.Select(k => k.Id.Value));
        Assert.Equal(["f"], report.Main.Select(r => r.Id.Value));
    }
}
