using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using Gradus.Torch.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Training;

public sealed class WeightAverageTests
{
    [Fact]
    public void The_average_is_the_one_of_the_formula_and_the_weights_come_back()
    {
        using var scope = NewDisposeScope();
        using GradedClassifier model = Model();
        Parameter weight = model.HeadParameters[0].Parameter;
        using var average = new WeightAverage(model, 0.5);
        using IDisposable noGrad = no_grad();
        double expected = weight.flatten()[0].item<float>();
        for (int step = 0; step < 6; step++)
        {
            weight.add_(1);
            average.Update(step);
            expected += (1 - Math.Min(0.5, (1.0 + step) / (10 + step))) * (weight.flatten()[0].item<float>() - expected);
        }
        byte[] raw = Bytes(model);
        using (average.Apply())
        {
            Assert.Equal(expected, weight.flatten()[0].item<float>(), 1e-5);
            Assert.NotEqual(raw, Bytes(model));
        }
        Assert.Equal(raw, Bytes(model));
    }

    [Fact]
    public void Statistics_of_batch_norms_are_averaged_and_counters_copied()
    {
        using var scope = NewDisposeScope();
        using GradedClassifier model = Model();
        using var average = new WeightAverage(model, 0.9);
        using IDisposable noGrad = no_grad();
        (string Name, Tensor Tensor) mean = model.NamedTensors().First(t => t.Name.EndsWith("running_mean", StringComparison.Ordinal)), count = model.NamedTensors().First(t => t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        mean.Tensor.fill_(1);
        count.Tensor.fill_(7);
        average.Update(step: 1_000_000);
        using (average.Apply())
        {
            Assert.Equal(0.1, mean.Tensor.flatten()[0].item<float>(), 1e-6);
            Assert.Equal(7, count.Tensor.item<long>());
        }
    }

    [Fact]
    public void A_resumed_run_with_averaging_ends_bit_for_bit_as_an_uninterrupted_one()
    {
        using var world = new TinyWorld();
        Experiment experiment = Averaged(world.Experiment, 0.8);
        RunFolder whole = world.Train(experiment);
        RunFolder cut = world.Train(experiment, stopAfter: 2);
        Assert.Equal(2, cut.Metrics.Read().Count);
        world.Train(experiment, resume: cut);
        Assert.Equal(Tensors(whole.Checkpoint(3)), Tensors(cut.Checkpoint(3)));
        Assert.Equal(Tensors(whole.StateFile), Tensors(cut.StateFile));
    }

    [Fact]
    public void The_average_is_what_validation_judges_and_the_checkpoint_keeps()
    {
        using var world = new TinyWorld(6);
        RunFolder averaged = world.Train(Averaged(world.Experiment, 0.9)), plain = world.Train(world.Experiment);
        Assert.Equal(plain.Metrics.Read()[0].Train.Loss, averaged.Metrics.Read()[0].Train.Loss); // learning itself is not touched
        Assert.NotEqual(plain.Metrics.Read()[0].Validation.Loss, averaged.Metrics.Read()[0].Validation.Loss);
        using WeightsFile state = WeightsFile.Open(averaged.StateFile), checkpoint = WeightsFile.Open(plain.Checkpoint(3));
        using Tensor raw = state.Load("raw.conv1.weight"), learned = checkpoint.Load("conv1.weight");
        Assert.Equal(raw.bytes.ToArray(), learned.bytes.ToArray());
    }

    [Fact]
    public void A_frozen_backbone_is_its_own_average_bit_for_bit()
    {
        using var world = new TinyWorld(6);
        Experiment experiment = Averaged(world.Experiment, 0.9);
        experiment = experiment with { Train = experiment.Train with { FreezeBackboneEpochs = 9, Epochs = 2, Schedule = new ConstantSchedule() } };
        RunFolder run = world.Train(experiment);
        using Network start = Network.Build(experiment, CPU);
        using WeightsFile kept = WeightsFile.Open(run.Checkpoint(2));
        foreach ((string name, Parameter parameter) in start.Model.BackboneParameters)
        {
            using Tensor after = kept.Load(name);
            Assert.Equal(parameter.cpu().contiguous().bytes.ToArray(), after.bytes.ToArray());
        }
    }

    private static Experiment Averaged(Experiment experiment, double decay) => experiment with { Train = experiment.Train with { Ema = decay } };

    private static GradedClassifier Model() => GradedClassifier.Create(new ModelSpec { Backbone = "resnet18" }, PaddingStyle.Symmetric, new OrdinalTarget(), new GradeScale(["a", "b", "c"]), seed: 1);

    private static byte[] Bytes(GradedClassifier model) => [.. model.NamedTensors().SelectMany(t => t.Tensor.contiguous().bytes.ToArray())];

    private static Dictionary<string, string> Tensors(string path)
    {
        using WeightsFile file = WeightsFile.Open(path);
        return file.Names.ToDictionary(n => n, n =>
        {
            using Tensor tensor = file.Load(n);
            return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(tensor.bytes));
        });
    }
}
