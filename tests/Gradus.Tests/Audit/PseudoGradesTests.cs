using Gradus.Audit;
using Gradus.Experiments;
using Gradus.Tests.Datasets;

namespace Gradus.Tests.Audit;

public sealed class PseudoGradesTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public PseudoGradesTests()
    {
        // t2 of the test set has been graded by a person as b.
        foreach ((string id, int shade) in (ReadOnlySpan<(string, int)>)[("a", 1), ("b", 2), ("t1", 3), ("t2", 2), ("t3", 4)])
            _world.Image(id + ".png", shade);
    }

    public void Dispose() => _world.Dispose();

    private AuditReport Audit(string guesses) => Auditor.Run(ImageWorld.Experiment(
        _world.Csv("id,grade\na,1\nb,2\n"), _world.Csv(guesses, "guessed", SourceRole.Pseudo), _world.Csv("id\nt1\nt2\nt3\n", "test", SourceRole.Test, grade: null)), ct: TestContext.Current.CancellationToken);

    [Fact]
    public void A_models_grade_gives_way_to_a_persons_and_makes_no_conflict()
    {
        AuditReport report = Audit("id,grade\nt1,0\nt2,4\n");
        Assert.Empty(report.Conflicts);
        Assert.Empty(report.Quarantined);
        Assert.Equal(["a1", "b2"], report.Main.Select(r => $"{r.Id}{r.Grade}"));
        Assert.Equal(["t10"], report.Pseudo.Select(r => $"{r.Id}{r.Grade}"));
        Assert.Equal(["t2"], report.Findings.Single(f => f.Kind == FindingKind.PseudoGradedAgain).Ids.Select(i => i.Value));
    }

    [Fact]
    public void Test_images_graded_by_a_model_are_one_finding_and_no_leak_of_labels()
    {
        AuditReport report = Audit("id,grade\nt1,0\nt2,4\nt3,3\n");
        Assert.Equal(["t1", "t3"], report.Findings.Single(f => f.Kind == FindingKind.PseudoGradedTest).Ids.Select(i => i.Value).Order(StringComparer.Ordinal));
        Assert.Equal(("b", "t2"), report.TestLeaks.Select(l => (l.Train.Id.Value, l.Test.Id.Value)).Single()); // a person's grade is known for it
    }

    [Fact]
    public void Two_models_that_disagree_are_a_conflict_like_any()
    {
        AuditReport report = Auditor.Run(ImageWorld.Experiment(
            _world.Csv("id,grade\na,1\nb,2\n"), _world.Csv("id,grade\nt1,0\n", "guessed", SourceRole.Pseudo), _world.Csv("id,grade\nt1,3\n", "other", SourceRole.Pseudo)), ct: TestContext.Current.CancellationToken);
        Assert.Equal(2, report.Quarantined.Length);
    }
}
