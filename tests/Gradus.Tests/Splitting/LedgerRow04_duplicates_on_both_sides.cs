using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Splitting;

namespace Gradus.Tests.Splitting;

public sealed class LedgerRow04_duplicates_on_both_sides
{
    // a and b are one image, b and c one patient, so a and c belong together over b.
    private static readonly ImmutableArray<ImageRecord> Records =
    [
        SplitWorld.Record("a", 0, content: 1), SplitWorld.Record("b", 0, content: 1, patient: "p"), SplitWorld.Record("c", 1, patient: "p"),
        SplitWorld.Record("d", 1), SplitWorld.Record("e", 0),
    ];

    [Fact]
    public void A_plan_that_keeps_groups_together_is_accepted()
    {
        var plan = new FoldPlan(Records, SplitWorld.Folds(Records, r => r.Id.Value is "d" or "e" ? 1 : 0), 2, []);
        Assert.Equal(3, plan.GroupCount);
        Assert.Equal(["main/a", "main/a", "main/a", "main/d", "main/e"], plan.Assignments.Select(a => a.Group));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    [InlineData("c")]
    public void A_plan_in_which_a_group_crosses_cannot_be_made_by_hand(string alone)
    {
        GradusException error = Assert.Throws<GradusException>(() => new FoldPlan(Records, SplitWorld.Folds(Records, r => r.Id.Value == alone || r.Id.Value == "d" ? 1 : 0), 2, []));
        Assert.Contains("the group of 'main/a' crosses folds", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{alone}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_in_which_a_group_crosses_cannot_be_read_from_a_file()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("gradus-test-").FullName, "split.csv");
        FoldPlanFile.Write(path, new FoldPlan(Records, SplitWorld.Folds(Records, r => r.Id.Value is "d" or "e" ? 1 : 0), 2, []));
        string[] lines = File.ReadAllLines(path);
        AtomicFile.WriteText(path, string.Join('\n', lines.Select(l => l.StartsWith("c,", StringComparison.Ordinal) ? l[..^1] + "1" : l)));
        Assert.Contains("crosses folds", Assert.Throws<GradusException>(() => FoldPlanFile.Read(path, Records, [])).Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Images_that_were_never_hashed_cannot_be_split() =>
        Assert.Contains("content hash", Assert.Throws<GradusException>(() => StratifiedGroupKFold.Plan([.. Records.Select(r => r with { Hash = null })], 2, 1, [])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("e", 2, "outside")]
    [InlineData("e", -1, "outside")]
    public void Folds_have_numbers_within_the_plan(string id, int fold, string problem) =>
        Assert.Contains(problem, Assert.Throws<GradusException>(() => new FoldPlan(Records, SplitWorld.Folds(Records, r => r.Id.Value == id ? fold : 0), 2, [])).Message, StringComparison.Ordinal);

    [Fact]
    public void No_fold_is_empty_and_no_image_without_one()
    {
        Assert.Contains("no image in fold 1", Assert.Throws<GradusException>(() => new FoldPlan(Records, SplitWorld.Folds(Records, _ => 0), 2, [])).Message, StringComparison.Ordinal);
        Assert.Contains("'e'", Assert.Throws<GradusException>(() => new FoldPlan(Records, SplitWorld.Folds(Records[..4], _ => 0), 2, [])).Message, StringComparison.Ordinal);
    }
}
