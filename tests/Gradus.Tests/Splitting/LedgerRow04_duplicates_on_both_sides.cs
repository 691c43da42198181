using System.Collections.Immutable;
using CsCheck;
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

    private static ContentHash Hash(string id) => Records.Single(r => r.Id.Value == id).Hash!.Value;

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

    [Theory]
    [InlineData("a", "d", "main/a")]
    [InlineData("c", "d", "main/a")]
    [InlineData("d", "e", "main/d")]
    public void A_plan_in_which_near_duplicates_cross_can_neither_be_made_nor_read(string one, string other, string group)
    {
        SamePicture[] alike = [new(Hash(one), Hash(other))];
        Dictionary<ImageKey, int> apart = SplitWorld.Folds(Records, r => r.Id.Value == "d" ? 1 : 0);
        string path = Path.Combine(Directory.CreateTempSubdirectory("gradus-test-").FullName, "split.csv");
        FoldPlanFile.Write(path, new FoldPlan(Records, apart, 2, []));
        foreach (Action attempt in (Action[])[() => _ = new FoldPlan(Records, apart, 2, alike), () => FoldPlanFile.Read(path, Records, alike)])
            Assert.Contains($"the group of '{group}' crosses folds", Assert.Throws<GradusException>(attempt).Message, StringComparison.Ordinal);
        Assert.Equal(2, StratifiedGroupKFold.Plan(Records, 2, 1, alike).GroupCount);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Near_duplicates_are_bound_over_an_image_that_was_left_out()
    {
        ContentHash gone = ContentHash.Of("quarantined"u8);
        FoldPlan plan = StratifiedGroupKFold.Plan(Records, 2, 1, [new(Hash("d"), gone), new(gone, Hash("e"))]);
        Assert.Equal(["main/a", "main/d"], plan.Assignments.Select(a => a.Group).Distinct());
    }

    [Fact]
    public void No_near_duplicates_are_in_two_folds() =>
        Gen.Select(SplitWorld.Records, Gen.Int[0, 79].Array[0, 12], Gen.Int[2, 4]).Sample((records, drawn, folds) =>
        {
            SamePicture[] alike = [.. drawn.Chunk(2).Where(d => d.Length == 2).Select(d => new SamePicture(records[d[0] % records.Length].Hash!.Value, records[d[1] % records.Length].Hash!.Value))];
            FoldPlan plan;
            try
            {
                plan = StratifiedGroupKFold.Plan(records, folds, 1, alike);
            }
            catch (GradusException)
            {
                // Too few groups for the folds.
                return;
            }
            ILookup<ContentHash, int> foldOf = plan.Assignments.ToLookup(a => a.Record.Hash!.Value, a => a.Fold);
            Assert.All(alike, pair => Assert.Single(foldOf[pair.A].Concat(foldOf[pair.B]).Distinct()));
        }, iter: 200);

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
