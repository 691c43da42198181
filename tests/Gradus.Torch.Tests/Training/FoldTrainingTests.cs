using Gradus.Datasets;
using Gradus.Ensembles;
using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;
using Gradus.Torch.Training;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Training;

public sealed class FoldTrainingTests(FoldTrainingTests.Trained trained) : IClassFixture<FoldTrainingTests.Trained>
{
    [Fact]
    public void Every_image_is_scored_once_by_a_model_that_has_not_seen_it()
    {
        (FoldGroup group, OutOfFoldSet scores, Ensemble ensemble) = trained.Group;
        Assert.Equal(18, scores.Scores.Length);
        Assert.Equal([0, 1, 2], scores.Scores.Select(s => s.Fold!.Value).Distinct().Order());
        Assert.Equal(3, ensemble.Members[0].Checkpoints.Length);
        Assert.All(ensemble.Members[0].Checkpoints, c => Assert.EndsWith($"_f{c.Fold}", c.Run, StringComparison.Ordinal));

        // The file passes the check that test predictions cannot pass.
        EnsembleCandidate candidate = EnsembleCandidate.Find(group.Root, "", "", null, CPU, null, CancellationToken.None);
        Assert.Equal(scores.Values, candidate.Scores.Values);
    }

    [Fact]
    public void Stopped_and_started_again_it_trains_only_what_is_missing()
    {
        using var world = new TinyWorld(6);
        Experiment experiment = Short(world.Experiment);
        using (FoldData data = Load(world, experiment))
        {
            FoldGroup begun = FoldTraining.Group(data, Runs(world), TimeProvider.System);
            RunFolder first = FoldTraining.Run(begun, data, 0, TimeProvider.System);
            TrainingSession.Train(first, data.Folds[0].Data, TimeProvider.System, new TrainingEvents(), CancellationToken.None);
            Assert.Contains("fold 1", Assert.Throws<GradusException>(() => FoldTraining.Assemble(begun, data, null, CancellationToken.None)).Message, StringComparison.Ordinal);
        }
        (FoldGroup group, _, _) = Train(world, experiment with { Train = experiment.Train with { Device = "cpu" }, Split = new SplitSpec(3, 2) });
        Assert.Equal(4, Directory.GetDirectories(Runs(world)).Length); // three runs and their group
        Assert.Equal(3, group.Runs().Count);

        using FoldData other = Load(world, experiment with { Train = experiment.Train with { Seed = 1 } });
        Assert.NotEqual(group.Info.Fingerprint, other.Fingerprint);
        Assert.NotEqual(group.Root, FoldTraining.Group(other, Runs(world), TimeProvider.System).Root);
    }

    [Fact]
    public void The_ensemble_predicts_the_mean_of_its_checkpoints()
    {
        (FoldGroup group, _, Ensemble made) = trained.Group;
        Ensemble ensemble = EnsembleFile.Read(group.EnsembleFile);
        (ImageId, ImageLocation)[] images = [.. ImageList.Find([Path.Combine(trained.World.Root, "images", "mild")])];
        (PredictionSet together, int seen) = EnsemblePredictor.Predict(ensemble, CPU, images, null, CancellationToken.None);
        var single = ensemble.Members[0].Checkpoints.Select(c =>
        {
            using Checkpoint checkpoint = Checkpoint.Load(c.Path, CPU);
            return Predictor.Predict(checkpoint, images, null, CancellationToken.None);
        }).ToArray();
        for (int i = 0; i < images.Length; i++)
            Assert.Equal(single.Average(s => s.Scores.Score[i]), together.Scores.Score[i], 1e-6);
        Assert.Equal(images.Length, seen);
        Assert.All(together.Grade(made.TunedRule), p => Assert.Equal(1, p.Probabilities.Sum(), 6));
    }

    [Fact]
    public void A_file_of_test_predictions_never_fits_an_ensemble_whatever_its_columns()
    {
        (FoldGroup group, OutOfFoldSet scores, _) = trained.Group;
        OutOfFoldScore one = scores.Scores[0];
        string file = Path.Combine(trained.World.Root, "forged.csv");
        Refuses("no training or validation images", one with { Key = one.Key with { Id = new ImageId("test-001") } });
        Refuses("by id and content", one with { Hash = new ContentHash(new string('a', 64)) });
        Refuses("another fold", one with { Fold = (one.Fold + 1) % 3 });
        Refuses("another grade", one with { Grade = (one.Grade + 1) % 3 });
        Refuses("no fold", one with { Fold = null });

        void Refuses(string words, OutOfFoldScore forged)
        {
            OutOfFoldFile.Write(file, new OutOfFoldSet([forged, .. scores.Scores.Skip(1)]));
            GradusException error = Assert.Throws<GradusException>(() => EnsembleCandidate.Find(group.Root, "", "", file, CPU, null, CancellationToken.None));
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
            Assert.Equal(Fault.Request, error.Fault);
        }
    }

    [Fact]
    public void Runs_of_one_fold_make_an_ensemble_and_of_two_folds_do_not()
    {
        using var world = new TinyWorld(6);
        Experiment experiment = Short(world.Experiment);
        RunFolder a = world.Train(experiment), b = world.Train(experiment with { Target = new Grading.ClassTarget() }), c = world.Train(experiment with { Split = new SplitSpec(3, 1) });
        EnsembleCandidate[] found = [.. new[] { a, b, c }.Select(r => EnsembleCandidate.Find(r.Name, Runs(world), Path.Combine(world.Root, "cache"), null, CPU, null, CancellationToken.None))];
        EnsembleReport report = EnsembleReport.Create([.. found[..2].Select(f => (f.Member.Name, f.Scores))], EnsembleMethod.RankMean, experiment.Scale, FoldTraining.Options(0));
        Assert.Equal(6, report.Images);
        Assert.Throws<GradusException>(() => EnsembleReport.Create([.. found.Select(f => (f.Member.Name, f.Scores))], EnsembleMethod.Mean, experiment.Scale, FoldTraining.Options(0)));
    }

    private static Experiment Short(Experiment experiment) => experiment with { Train = experiment.Train with { Epochs = 1, Schedule = new ConstantSchedule() } };

    private static string Runs(TinyWorld world) => Path.Combine(world.Root, "runs");

    private static FoldData Load(TinyWorld world, Experiment experiment) => FoldData.Load(experiment, Path.Combine(world.Root, "cache"), null, CancellationToken.None);

    private static (FoldGroup Group, OutOfFoldSet Scores, Ensemble Ensemble) Train(TinyWorld world, Experiment experiment)
    {
        using FoldData data = Load(world, experiment);
        FoldGroup group = FoldTraining.Group(data, Runs(world), TimeProvider.System);
        for (int fold = 0; fold < data.Folds.Length; fold++)
        {
            RunFolder run = FoldTraining.Run(group, data, fold, TimeProvider.System);
            if (run.ReadInfo().Status != RunStatus.Finished)
                TrainingSession.Train(run, data.Folds[fold].Data, TimeProvider.System, new TrainingEvents(), CancellationToken.None);
        }
        (OutOfFoldSet scores, _, Ensemble ensemble) = FoldTraining.Assemble(group, data, null, CancellationToken.None);
        return (group, scores, ensemble);
    }

    /// <summary>Three folds of a tiny world, trained once for the tests that only look.</summary>
    public sealed class Trained : IDisposable
    {
        internal TinyWorld World { get; } = new(6);

        internal (FoldGroup Group, OutOfFoldSet Scores, Ensemble Ensemble) Group { get; }

        public Trained() => Group = Train(World, Short(World.Experiment));

        public void Dispose() => World.Dispose();
    }
}
