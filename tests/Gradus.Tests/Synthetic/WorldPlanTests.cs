using CsCheck;
using Gradus.Datasets;
using Gradus.Synthetic;

namespace Gradus.Tests.Synthetic;

public sealed class WorldPlanTests
{
    private static readonly Gen<WorldSpec> Specs = Gen.Select(Gen.Int[60, 260], Gen.Int[20, 90], Gen.Int[0, 60], Gen.Long).Select((train, test, external, seed) => new WorldSpec(train, test, external, seed));

    [Fact]
    public void The_usual_world_has_at_least_twenty_images_of_every_grade()
    {
        PlantedWorld planted = new WorldPlan(new WorldSpec()).Planted;
        Assert.All(planted.TrainCounts, count => Assert.True(count >= 20));
        Assert.Equal(399, planted.TrainCounts.Sum()); // one label is no grade
        Assert.Equal([36, 17, 41, 13, 13], planted.TestCounts);
        Assert.Equal((120, 150), (planted.TestCounts.Sum(), planted.ExternalCounts.Sum()));
    }

    [Fact]
    public void The_sets_differ_in_their_distribution_of_grades()
    {
        PlantedWorld planted = new WorldPlan(new WorldSpec()).Planted;
        Assert.True(planted.TestCounts[0] / 120.0 < planted.TrainCounts[0] / 400.0 - 0.1);
        Assert.True(planted.ExternalCounts[0] / 150.0 > planted.TrainCounts[0] / 400.0 + 0.2);
    }

    [Fact]
    public void No_image_carries_two_faults() => Specs.Sample(
        spec =>
        {
            PlantedWorld planted = new WorldPlan(spec).Planted;
            ImageId[] faulty = [
                .. planted.ExactDuplicates.SelectMany(g => g.Ids), .. planted.Conflicts.SelectMany(g => g.Ids),
                .. planted.TestLeaks.SelectMany(l => new[] { l.Train, l.Test }), .. planted.NearDuplicates.SelectMany(n => new[] { n.Original, n.Copy }),
                .. planted.Corrupt, .. planted.OutOfScale.Select(o => o.Id),
            ];
            Assert.Equal(faulty.Length, faulty.Distinct().Count());
        },
        iter: 60);

    [Fact]
    public void Every_id_is_given_once_across_the_sets() => Specs.Sample(
        spec =>
        {
            var plan = new WorldPlan(spec);
            ImageId[] ids = [.. plan.Train.Concat(plan.Test).Concat(plan.External).Select(image => image.Id)];
            Assert.Equal((spec.Train + spec.Test + spec.External, ids.Length), (ids.Length, ids.Distinct().Count()));
        },
        iter: 60);

    [Fact]
    public void Within_a_grade_the_cameras_of_training_are_balanced() => Specs.Sample(
        spec =>
        {
            foreach (IGrouping<int, PlannedImage> grade in new WorldPlan(spec).Train.GroupBy(image => image.Grade))
            {
                int[] counts = [.. FundusCamera.Current.Select(camera => grade.Count(image => image.Camera == camera))];
                Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            }
        },
        iter: 30);

    [Fact]
    public void A_world_too_small_for_its_faults_is_refused() =>
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => new WorldPlan(new WorldSpec(Train: 40))).Fault);
}
