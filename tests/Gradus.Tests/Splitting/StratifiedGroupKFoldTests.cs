using System.Collections.Immutable;
using CsCheck;
using Gradus.Datasets;
using Gradus.Splitting;

namespace Gradus.Tests.Splitting;

public sealed class StratifiedGroupKFoldTests
{
    // Drawn records may hold fewer groups than folds; that case has a test of its own.
    private static FoldPlan? TryPlan(ImmutableArray<ImageRecord> records, int folds, long seed)
    {
        try
        {
            return StratifiedGroupKFold.Plan(records, folds, seed, []);
        }
        catch (GradusException e) when (e.Problem.Contains("folds need at least", StringComparison.Ordinal))
        {
            return null;
        }
    }

    [Fact]
    public void Every_image_validates_in_exactly_one_fold_and_trains_in_all_others() => Gen.Select(SplitWorld.Records, Gen.Int[2, 5], Gen.Long).Sample((records, folds, seed) =>
    {
        if (TryPlan(records, folds, seed) is not { } plan)
            return;
        (TrainingSet Training, ValidationSet Validation)[] splits = [.. Enumerable.Range(0, folds).Select(plan.Split)];
        Assert.Equal(records.Select(ImageKey.Of).Order(), splits.SelectMany(s => s.Validation.Records).Select(ImageKey.Of).Order());
        foreach ((TrainingSet training, ValidationSet validation) in splits)
        {
            Assert.NotEmpty(validation.Records);
            Assert.Equal(records.Select(ImageKey.Of).Order(), training.Records.Concat(validation.Records).Select(ImageKey.Of).Order());
        }
    });

    [Fact]
    public void No_patient_and_no_content_appears_in_two_folds() => Gen.Select(SplitWorld.Records, Gen.Int[2, 5], Gen.Long).Sample((records, folds, seed) =>
    {
        if (TryPlan(records, folds, seed) is not { } plan)
            return;
        Assert.All(plan.Assignments.Where(a => a.Record.Group is not null).GroupBy(a => a.Record.Group), g => Assert.Single(g.Select(a => a.Fold).Distinct()));
        Assert.All(plan.Assignments.GroupBy(a => a.Record.Hash), g => Assert.Single(g.Select(a => a.Fold).Distinct()));
    });

    [Fact]
    public void The_order_of_the_images_does_not_matter() => Gen.Select(SplitWorld.Records, Gen.Int[2, 5], Gen.Long, Gen.Int).Sample((records, folds, seed, order) =>
    {
        if (TryPlan(records, folds, seed) is not { } plan)
            return;
        ImageRecord[] shuffled = [.. records];
        RandomStream.Create(order, "test").Shuffle(shuffled);
        Assert.Equal(plan.Fingerprint, StratifiedGroupKFold.Plan(shuffled, folds, seed, []).Fingerprint);
    });

    [Fact]
    public void Single_images_are_balanced_to_one_in_every_grade_and_in_size() => Gen.Select(Gen.Int[0, 4].Array[20, 120], Gen.Int[2, 10], Gen.Long).Sample((grades, folds, seed) =>
    {
        FoldPlan plan = StratifiedGroupKFold.Plan(SplitWorld.Singles(grades), folds, seed, []);
        ImmutableArray<ImmutableArray<int>> balance = plan.Balance(5);
        for (int g = 0; g < 5; g++)
            Assert.InRange(balance.Max(f => f[g]) - balance.Min(f => f[g]), 0, 1);
        Assert.InRange(balance.Max(f => f.Sum()) - balance.Min(f => f.Sum()), 0, 1);
    });

    [Fact]
    public void Groups_of_one_grade_are_balanced_to_the_largest_group() => Gen.Select(Gen.Select(Gen.Int[0, 2], Gen.Int[1, 6]).Array[10, 40], Gen.Int[2, 5], Gen.Long).Sample((groups, folds, seed) =>
    {
        ImageRecord[] records = [.. groups.SelectMany((g, i) => Enumerable.Range(0, g.Item2).Select(j => SplitWorld.Record($"{i}_{j}", g.Item1, patient: $"p{i}")))];
        ImmutableArray<ImmutableArray<int>> balance = StratifiedGroupKFold.Plan(records, folds, seed, []).Balance(3);
        for (int g = 0; g < 3; g++)
        {
            int largest = groups.Where(x => x.Item1 == g).Select(x => x.Item2).DefaultIfEmpty().Max();
            Assert.InRange(balance.Max(f => f[g]) - balance.Min(f => f[g]), 0, largest);
        }
    });

    [Fact]
    public void Another_seed_gives_another_plan()
    {
        ImmutableArray<ImageRecord> records = SplitWorld.Singles(Enumerable.Range(0, 60).Select(i => i % 3));
        Assert.NotEqual(StratifiedGroupKFold.Plan(records, 5, 1, []).Fingerprint, StratifiedGroupKFold.Plan(records, 5, 2, []).Fingerprint);
    }

    [Fact]
    public void Fewer_groups_than_folds_are_refused()
    {
        ImageRecord[] records = [.. Enumerable.Range(0, 20).Select(i => SplitWorld.Record($"i{i}", 0, patient: $"p{i % 3}"))];
        GradusException error = Assert.Throws<GradusException>(() => StratifiedGroupKFold.Plan(records, 5, 1, []));
        Assert.StartsWith("5 folds need at least 5 groups; found 3 among 20 images", error.Message, StringComparison.Ordinal);
        Assert.Equal(Fault.Request, error.Fault);
    }

    [Fact]
    public void Many_images_are_split_in_a_moment()
    {
        var records = Enumerable.Range(0, 30_000).Select(i => SplitWorld.Record($"i{i}", i % 5, patient: $"p{i / 2}")).ToImmutableArray();
        FoldPlan plan = StratifiedGroupKFold.Plan(records, 10, 1, []);
        Assert.Equal(15_000, plan.GroupCount);
        Assert.All(plan.Balance(5), f => Assert.InRange(f.Sum(), 2_990, 3_010));
    }
}
