using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Runs;
using Gradus.Splitting;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;
using Gradus.Torch.Training;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Training;

public sealed class TrainerTests
{
    [Fact]
    public void A_run_leaves_metrics_checkpoints_and_a_description()
    {
        using var world = new TinyWorld();
        RunFolder run = world.Train(world.Experiment);
        RunInfo info = run.ReadInfo();
        Assert.Equal(RunStatus.Finished, info.Status);
        Assert.Equal([1, 2, 3], run.Metrics.Read().Select(r => r.Epoch));
        Assert.True(File.Exists(Path.Combine(run.Root, info.BestCheckpoint!)));
        Assert.True(File.Exists(run.SplitFile));
        Assert.All(run.Metrics.Read(), r => Assert.InRange(r.DataWaitFraction, 0, 1));
    }

    [Fact]
    public void Only_the_best_checkpoints_and_the_last_one_are_kept()
    {
        using var world = new TinyWorld();
        Experiment experiment = world.Experiment with { Select = new SelectSpec(SelectBy.Loss, 1), Train = world.Experiment.Train with { Epochs = 4 } };
        RunFolder run = world.Train(experiment);
        int best = Selection.Rank(run.Metrics.Read(), experiment.Select)[0];
        Assert.Equal(new SortedSet<int> { best, 4 }, run.Checkpoints());
    }

    [Fact]
    public void Predictions_of_the_checkpoint_are_those_of_the_validation_that_chose_it()
    {
        using var world = new TinyWorld();
        RunFolder run = world.Train(world.Experiment);
        EpochRecord last = run.Metrics.Read()[^1];
        using Checkpoint checkpoint = Checkpoint.Load(run.Checkpoint(last.Epoch), CPU);
        using RunData data = world.Load(world.Experiment);
        PredictionSet predictions = Predictor.Predict(checkpoint, [.. data.Partition.Validation.Records.Select(r => (r.Id, r.Location))], null, CancellationToken.None);
        Assert.Equal(last.Validation.Default.PredictedCounts, predictions.Counts(checkpoint.Info.DefaultRule, checkpoint.Info.Scale));
        Assert.Equal(last.Validation.Tuned.PredictedCounts, predictions.Counts(checkpoint.Info.TunedRule, checkpoint.Info.Scale));
        Assert.Empty(predictions.Failed);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_run_and_says_why()
    {
        using var world = new TinyWorld();
        Experiment experiment = world.Experiment with { Target = new RegressionTarget(), Train = world.Experiment.Train with { TopLr = 1e30, BaseLrRatio = 1, Epochs = 2 } };
        GradusException error = Assert.Throws<GradusException>(() => world.Train(experiment));
        Assert.Contains("lower top_lr", error.Message, StringComparison.Ordinal);
        string run = Assert.Single(Directory.GetDirectories(Path.Combine(world.Root, "runs")));
        Assert.Equal(RunStatus.Failed, RunFolder.Open(run).ReadInfo().Status);
    }

    [Fact]
    public void A_checkpoint_with_a_changed_byte_is_refused()
    {
        using var world = new TinyWorld(6);
        RunFolder run = world.Train(world.Experiment with { Train = world.Experiment.Train with { Epochs = 1 } });
        byte[] bytes = File.ReadAllBytes(run.Checkpoint(1));
        bytes[bytes.Length / 2] ^= 0x40;
        AtomicFile.Write(run.Checkpoint(1), stream => stream.Write(bytes));
        Assert.Contains("is damaged", Assert.Throws<GradusException>(() => Checkpoint.Load(run.Checkpoint(1), CPU)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Epochs_are_not_chosen_by_a_figure_that_one_grade_leaves_undefined()
    {
        using var world = new TinyWorld(6);
        using RunData data = world.Load(world.Experiment);
        DataPartition partition = data.Partition;
        var one = new ValidationSet([.. partition.Validation.Records.Where(r => r.Grade == 0)]);
        RunData lopsided = data with { Partition = partition with { Validation = one } };
        GradusException error = Assert.Throws<GradusException>(() => TrainingSession.Begin(world.Experiment with { Select = new SelectSpec(SelectBy.Auc) }, lopsided, Path.Combine(world.Root, "runs"), TimeProvider.System));
        Assert.Contains("--fold", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(world.Root, "runs")));
    }

    [Fact]
    public void Two_processes_cannot_train_one_run()
    {
        using var world = new TinyWorld();
        using RunData data = world.Load(world.Experiment);
        RunFolder run = TrainingSession.Begin(world.Experiment, data, Path.Combine(world.Root, "runs"), TimeProvider.System);
        GradusException? second = null;
        TrainingSession.Train(run, data, TimeProvider.System, new TrainingEvents
        {
            EpochFinished = _ => second ??= Assert.Throws<GradusException>(() => TrainingSession.Train(run, data, TimeProvider.System, new TrainingEvents(), CancellationToken.None)),
        }, CancellationToken.None);
        Assert.Contains("another process", second!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cross_entropy")]
    [InlineData("regression")]
    [InlineData("all_outputs")]
    [InlineData("coral")]
    [InlineData("corn")]
    [InlineData("soft_labels")]
    public void Every_target_trains_evaluates_and_predicts(string name)
    {
        Target target = name switch
        {
            "cross_entropy" => new ClassTarget(),
            "regression" => new RegressionTarget(RegressionLoss.SmoothL1),
            "coral" => new CoralTarget(),
            "corn" => new CornTarget(),
            "soft_labels" => new SoftLabelTarget(),
            _ => new OrdinalTarget(AllOutputs: true),
        };
        using var world = new TinyWorld(6);
        RunFolder run = world.Train(world.Experiment with { Target = target, Train = world.Experiment.Train with { Epochs = 1 } });
        EpochRecord record = Assert.Single(run.Metrics.Read());
        Assert.Equal(record.Validation.Default.PredictedCounts.Sum(), record.Validation.Tuned.PredictedCounts.Sum());
        Assert.Equal(target.IsCumulative, record.NonMonotoneRate is not null);
        using Checkpoint checkpoint = Checkpoint.Load(run.Checkpoint(1), CPU);
        Assert.Equal(target, checkpoint.Info.Target);
    }
}

public sealed class LedgerRow19_resume_restarted_the_schedule
{
    public static TheoryData<OptimizerSpec, ScheduleSpec, Precision, SamplingSpec> Settings => new()
    {
        { new SgdSpec(0.9), new CosineSchedule(1), Precision.Float32, new CappedClasses([2, null, null]) },
        { new SgdSpec(0.9, Nesterov: true), new ConstantSchedule(), Precision.Bfloat16, new AnnealedClasses(ClassBalance.Balanced, 3) },
        { new AdamSpec(), new PlateauSchedule(0.5, 0), Precision.Bfloat16, new WeightedClasses([1, 1.5, 1]) },
        { new AdamWSpec { WeightDecay = 0.01 }, new OneCycleSchedule(), Precision.Float32, new BalancedClasses(ClassBalance.Sqrt) },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_resumed_run_ends_with_the_same_bits_as_an_uninterrupted_one(OptimizerSpec optimizer, ScheduleSpec schedule, Precision precision, SamplingSpec sampling)
    {
        using var world = new TinyWorld(4);
        Experiment experiment = world.Experiment with
        {
            Model = new ModelSpec { Backbone = "mobilenet_v2", Head = [new DropoutLayer(0.3)] }, // a third of the weights to write
            Train = world.Experiment.Train with { Optimizer = optimizer, Schedule = schedule, Precision = precision, Accumulate = 2, TopLr = 1e-3, Epochs = 4 },
            Sampling = sampling,
        };
        RunFolder whole = world.Train(experiment);
        RunFolder broken = world.Train(experiment, stopAfter: 2);
        Assert.Equal([1, 2], broken.Metrics.Read().Select(r => r.Epoch));
        world.Train(experiment, resume: broken);

        Assert.Equal(Weights(whole.Checkpoint(4)), Weights(broken.Checkpoint(4)));
        Assert.Equal(whole.Metrics.Read().Select(r => GradusJson.Canonical(r.Draw)), broken.Metrics.Read().Select(r => GradusJson.Canonical(r.Draw)));
        Assert.Equal(whole.Metrics.Read().Select(r => r.LearningRates), broken.Metrics.Read().Select(r => r.LearningRates));
        Assert.Equal(whole.Metrics.Read().Select(r => r.Validation.Loss), broken.Metrics.Read().Select(r => r.Validation.Loss));
    }

    [Fact]
    public void Files_of_an_epoch_whose_state_was_not_written_are_written_again_the_same()
    {
        using var world = new TinyWorld();
        RunFolder whole = world.Train(world.Experiment);
        RunFolder broken = world.Train(world.Experiment, stopAfter: 2);
        // As after a kill between the checkpoint of epoch 3 and its state: a torn record and a checkpoint too many.
        AtomicFile.WriteText(broken.Metrics.FilePath, File.ReadAllText(broken.Metrics.FilePath) + "{\"epoch\":3,\"st");
        AtomicFile.WriteText(broken.Checkpoint(3), "half a file");
        world.Train(world.Experiment, resume: broken);
        Assert.Equal(Weights(whole.Checkpoint(3)), Weights(broken.Checkpoint(3)));
    }

    [Fact]
    public void A_run_whose_images_changed_is_not_resumed()
    {
        using var world = new TinyWorld();
        RunFolder broken = world.Train(world.Experiment, stopAfter: 1);
        File.Delete(Path.Combine(world.Root, "images", "none", "00.png"));
        GradusException error = Assert.Throws<GradusException>(() => world.Train(world.Experiment, resume: broken));
        Assert.Contains("have changed since this run began", error.Message, StringComparison.Ordinal);
    }

    private static string Weights(string path)
    {
        using WeightsFile file = WeightsFile.Open(path);
        var all = new System.Text.StringBuilder();
        foreach (string name in file.Names)
        {
            using Tensor tensor = file.Load(name);
            all.Append(name).Append(' ').AppendLine(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(tensor.bytes)));
        }
        return all.ToString();
    }
}

public sealed class LedgerRow14_freezing_that_froze_nothing
{
    [Fact]
    public void A_frozen_backbone_stands_still_and_the_record_says_so()
    {
        using var world = new TinyWorld();
        Experiment experiment = world.Experiment with { Train = world.Experiment.Train with { FreezeBackboneEpochs = 2, Epochs = 3 }, Select = new SelectSpec(Keep: 3) };
        RunFolder run = world.Train(experiment);
        Assert.Equal([0L, 0L], run.Metrics.Read().Take(2).Select(r => r.Trainable.Backbone));
        Assert.True(run.Metrics.Read()[2].Trainable.Backbone > 1_000_000);
        using WeightsFile first = WeightsFile.Open(run.Checkpoint(1)), second = WeightsFile.Open(run.Checkpoint(2)), third = WeightsFile.Open(run.Checkpoint(3));
        using Tensor a = first.Load("layer1.0.conv1.weight"), b = second.Load("layer1.0.conv1.weight"), c = third.Load("layer1.0.conv1.weight");
        Assert.True(a.equal(b).all().item<bool>());
        Assert.False(a.equal(c).all().item<bool>());
    }

    [Fact]
    public void A_frozen_tensor_that_moves_stops_the_run()
    {
        using Tensor weight = ones(3);
        var frozen = new FrozenTensors([("conv.weight", weight)]);
        frozen.Verify(1);
        weight.add_(1e-7f);
        weight[0] = 2;
        GradusException error = Assert.Throws<GradusException>(() => frozen.Verify(1));
        Assert.Contains("'conv.weight' is frozen but changed", error.Message, StringComparison.Ordinal);
    }
}
