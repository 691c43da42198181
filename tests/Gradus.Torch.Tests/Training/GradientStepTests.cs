using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Torch.Models;
using Gradus.Torch.Training;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Training;

public sealed class GradientStepTests
{
    private static readonly TrainSpec Plain = new() { Epochs = 1, Batch = 6, Optimizer = new SgdSpec(0), TopLr = 0.1, BaseLrRatio = 1, BatchNorm = BatchNormMode.Frozen };

    [Theory]
    [InlineData(2)]
    [InlineData(4)] // parts of 1 and 2 images: each counts by its share
    [InlineData(6)]
    public void A_batch_in_parts_moves_the_weights_as_the_whole_batch_does(int parts)
    {
        (double wholeLoss, float[] whole) = Moved(Plain);
        (double loss, float[] inParts) = Moved(Plain with { Accumulate = parts });
        Assert.Equal(wholeLoss, loss, 1e-5);
        Assert.All(whole.Zip(inParts), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void In_bfloat16_the_weights_stay_float32_and_move_nearly_as_in_float32()
    {
        (double fullLoss, float[] full) = Moved(Plain);
        (double loss, float[] rounded) = Moved(Plain with { Precision = Precision.Bfloat16 });
        Assert.Equal(fullLoss, loss, 0.02);
        double distance = Math.Sqrt(full.Zip(rounded, (a, b) => (double)(a - b) * (a - b)).Sum()), length = Math.Sqrt(full.Sum(v => (double)v * v));
        Assert.InRange(distance / length, 1e-6, 0.3); // it differs, a little
    }

    [Fact]
    public void A_frozen_backbone_runs_without_a_graph()
    {
        using var scope = NewDisposeScope();
        using GradedClassifier model = Model();
        foreach (bool frozen in new[] { true, false })
        {
            model.SetTraining(true, BatchNormMode.Frozen, freezeBackbone: frozen);
            Tensor input = rand(2, 3, 32, 32).requires_grad_(true);
            model.call(input).sum().backward();
            Assert.Equal(frozen, input.grad is null);
        }
    }

    [Fact]
    public void What_auto_means_is_settled_when_a_run_begins_and_recorded()
    {
        using var world = new TinyWorld(6);
        Experiment experiment = world.Experiment with { Train = world.Experiment.Train with { Epochs = 1, Precision = Precision.Auto } };
        Precision recorded = world.Train(experiment).ReadInfo().Experiment.Train.Precision;
        Assert.Equal(Engine.IsFastAtBfloat16(CPU) ? Precision.Bfloat16 : Precision.Float32, recorded);
    }

    [Theory]
    [InlineData("cuda:7")]
    [InlineData("tpu")]
    public void A_device_that_is_not_there_is_a_wrong_request(string name)
    {
        Assert.SkipWhen(cuda.is_available() && cuda.device_count() > 7, "there are that many");
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => Engine.DeviceOf(name)).Fault);
    }

    [Fact]
    public void Two_thousand_steps_leave_memory_as_it_was_after_two_hundred()
    {
        using var model = GradedClassifier.Create(new ModelSpec { Backbone = "mobilenet_v2", Head = [new DropoutLayer(0.2)] }, PaddingStyle.Symmetric, 4, 1);
        model.ToChannelsLast();
        using var optimizer = new GroupedOptimizer(Plain.Optimizer, model.HeadParameters, model.BackboneParameters);
        optimizer.SetRates(new LearningRates(1e-4, 1e-4));
        model.SetTraining(true, BatchNormMode.Train);
        var step = new GradientStep(model, optimizer, new OrdinalTarget(), Normalisation.ImageNet, Plain with { Accumulate = 2, ClipNorm = 1 });
        using Tensor images = rand(4, 3, 32, 32), grades = tensor(new long[] { 0, 1, 2, 3 });
        (long live, long resident) after200 = default;
        for (int i = 1; i <= 2000; i++)
        {
            using (var scope = NewDisposeScope())
                step.Take(images * 255, grades);
            if (i == 200)
                after200 = Held();
        }
        (long live, long resident) end = Held();
        Assert.Equal(after200.live, end.live);
        Assert.InRange(end.resident - after200.resident, long.MinValue, (24 << 20) + after200.resident / 20);

        static (long, long) Held()
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return (TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount, process.WorkingSet64);
        }
    }

    private static GradedClassifier Model() => GradedClassifier.Create(new ModelSpec { Backbone = "resnet18" }, PaddingStyle.Symmetric, 4, 1);

    /// <summary>The loss of one step, and by how much each weight of a middle layer moved.</summary>
    private static (double Loss, float[] Moved) Moved(TrainSpec train)
    {
        using var scope = NewDisposeScope();
        using GradedClassifier model = Model();
        using var optimizer = new GroupedOptimizer(train.Optimizer, model.HeadParameters, model.BackboneParameters);
        optimizer.SetRates(new LearningRates(train.TopLr, train.TopLr));
        model.SetTraining(true, train.BatchNorm);
        Tensor watched = model.Backbone.state_dict()["layer2.0.conv1.weight"], before = watched.detach().clone();
        using var generator = new Generator(5);
        Tensor images = rand([6, 3, 32, 32], generator: generator) * 255;
        var step = new GradientStep(model, optimizer, new OrdinalTarget(), Normalisation.ImageNet, train);
        (double loss, float[] logits) = step.Take(images, tensor(new long[] { 0, 1, 2, 3, 4, 0 }));
        Assert.Equal(24, logits.Length);
        Assert.Equal(ScalarType.Float32, watched.dtype);
        return (loss, [.. (watched - before).contiguous().data<float>()]);
    }
}
