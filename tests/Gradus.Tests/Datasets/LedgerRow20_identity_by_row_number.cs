using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Splitting;

namespace Gradus.Tests.Datasets;

public sealed class LedgerRow20_identity_by_row_number : IDisposable
{
    private readonly ImageWorld _world = new();

    public LedgerRow20_identity_by_row_number()
    {
        for (int i = 0; i < 8; i++)
            _world.Image($"i{i}.png", i / 2 == 3 ? 6 : i); // i6 and i7 are one image with two grades
    }

    public void Dispose() => _world.Dispose();

    private AuditReport Audit(IEnumerable<int> order) =>
        Auditor.Run(ImageWorld.Experiment(_world.Csv("id,grade\n" + string.Concat(order.Select(i => $"i{i},{i % 2}\n")))), ct: TestContext.Current.CancellationToken);

    [Fact]
    public void The_same_images_are_left_out_and_validate_after_the_rows_have_moved()
    {
        AuditReport before = Audit(Enumerable.Range(0, 8));
        AuditReport after = Audit([7, 3, 1, 0, 6, 2, 5, 4]);
        Assert.Equal(["i6", "i7"], before.Quarantined.Select(k => k.Id.Value));
        Assert.Equal(before.Quarantined.Order(), after.Quarantined.Order());

        FoldPlan plan = StratifiedGroupKFold.Plan(before.Main, 3, seed: 1, []);
        string path = Path.Combine(_world.Root, "split.csv");
        FoldPlanFile.Write(path, plan);
        Assert.Equal(plan.Fingerprint, FoldPlanFile.Read(path, after.Main, []).Fingerprint);
    }

    [Fact]
    public void An_image_exchanged_under_its_old_id_is_noticed()
    {
        AuditReport before = Audit(Enumerable.Range(0, 8));
        string path = Path.Combine(_world.Root, "split.csv");
        FoldPlanFile.Write(path, StratifiedGroupKFold.Plan(before.Main, 3, seed: 1, []));
        _world.Image("i2.png", 99);
        GradusException error = Assert.Throws<GradusException>(() => FoldPlanFile.Read(path, Audit(Enumerable.Range(0, 8)).Main, []));
        Assert.Contains("'i2' is another image", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_about_images_that_are_gone_or_new_is_refused()
    {
        AuditReport report = Audit(Enumerable.Range(0, 8));
        string path = Path.Combine(_world.Root, "split.csv");
        FoldPlanFile.Write(path, StratifiedGroupKFold.Plan(report.Main, 3, seed: 1, []));
        Assert.Contains("'i0'", Assert.Throws<GradusException>(() => FoldPlanFile.Read(path, report.Main.Skip(1), [])).Message, StringComparison.Ordinal);
        ImageRecord another = report.Main[0] with { Id = new ImageId("new"), Hash = ContentHash.Of([1]) };
        Assert.Contains("'new'", Assert.Throws<GradusException>(() => FoldPlanFile.Read(path, [.. report.Main, another], [])).Message, StringComparison.Ordinal);
    }
}
