using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using Gradus.Torch.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Training;

public sealed class CheckpointAverageTests
{
    [Fact]
    public void The_weights_are_the_mean_and_the_file_says_of_what()
    {
        using var world = new TinyWorld(6);
        RunFolder run = world.Train(world.Experiment);
        string output = Path.Combine(world.Root, "average.safetensors");
        AverageResult result = Make(world, output, run.Checkpoint(2), run.Checkpoint(3));
        Assert.Equal([2, 3], result.Info.AverageOf.Select(a => a.Epoch));
        Assert.True(result.EstimatedNorms > 0);
        using WeightsFile a = WeightsFile.Open(run.Checkpoint(2)), b = WeightsFile.Open(run.Checkpoint(3)), mean = WeightsFile.Open(output);
        using var scope = NewDisposeScope();
        Assert.True(mean.Load("conv1.weight").allclose((a.Load("conv1.weight") + b.Load("conv1.weight")) / 2, 0, 1e-7));
        Assert.False(mean.Load("bn1.running_var").allclose((a.Load("bn1.running_var") + b.Load("bn1.running_var")) / 2, 0, 1e-7));

        CheckpointInfo read = Checkpoint.ReadInfo(output);
        Assert.Equal(result.Info.AverageOf, read.AverageOf);
        Assert.Equal(result.Default.Qwk, read.ValidationQwk);
        Assert.Equal(result.Info.TunedRule.Values, read.TunedRule.Values);
    }

    [Fact]
    public void Estimated_statistics_of_the_first_norm_are_those_of_all_training_images()
    {
        using var world = new TinyWorld(6);
        using RunData data = world.Load(world.Experiment);
        using Network network = Network.Build(world.Experiment, CPU);
        var loader = new BatchLoader(data.Cache, 32, data.Partition.Training.Records, CPU);
        BatchNormEstimate.Run(network.Model, world.Experiment.Train, network.Normalisation, loader, null, CancellationToken.None);
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using ByteBatch all = loader.Load([.. Enumerable.Range(0, loader.Count)], loader.Count).Single();
        Tensor weight = network.Model.BackboneParameters.Single(p => p.Name == "conv1.weight").Parameter;
        Tensor features = nn.functional.conv2d(BatchInput.Normalise(BatchInput.ToFloat(all.Pixels), network.Normalisation), weight, strides: [2, 2], padding: [3, 3]); // (N, C, H, W)
        BatchNorm2d first = network.Model.Backbone.modules().OfType<BatchNorm2d>().First();
        Assert.True(first.running_mean!.allclose(features.mean([0, 2, 3]), 1e-3, 1e-4));
        Assert.False(network.Model.training);
    }

    [Fact]
    public void Norms_that_stood_still_keep_their_statistics()
    {
        using var world = new TinyWorld(6);
        Experiment experiment = world.Experiment with { Train = world.Experiment.Train with { BatchNorm = BatchNormMode.Frozen, Epochs = 2, Schedule = new ConstantSchedule() } };
        RunFolder run = world.Train(experiment);
        string output = Path.Combine(world.Root, "average.safetensors");
        Assert.Equal(0, Make(world, output, run.Checkpoint(1), run.Checkpoint(2)).EstimatedNorms);
        using WeightsFile a = WeightsFile.Open(run.Checkpoint(1)), mean = WeightsFile.Open(output);
        using Tensor before = a.Load("bn1.running_var"), after = mean.Load("bn1.running_var");
        Assert.Equal(before.bytes.ToArray(), after.bytes.ToArray());
    }

    [Fact]
    public void Checkpoints_that_differ_in_what_they_must_share_are_refused()
    {
        using var world = new TinyWorld(6);
        Experiment one = world.Experiment with { Train = world.Experiment.Train with { Epochs = 1, Schedule = new ConstantSchedule() } };
        string first = world.Train(one).Checkpoint(1);
        Refuses("recipe", one with { Recipe = new Recipe([new Resize(40)]) });
        Refuses("fold", one with { Split = new SplitSpec(3, 1) });
        Refuses("network", one with { Model = one.Model with { Pool = Pooling.Max } });
        Assert.Contains("two or more", Assert.Throws<GradusException>(() => Make(world, "x.safetensors", first)).Message, StringComparison.Ordinal);

        void Refuses(string word, Experiment other)
        {
            GradusException error = Assert.Throws<GradusException>(() => Make(world, Path.Combine(world.Root, "x.safetensors"), first, world.Train(other).Checkpoint(1)));
            Assert.Contains($"another {word}", error.Message, StringComparison.Ordinal);
        }
    }

    private static AverageResult Make(TinyWorld world, string output, params string[] checkpoints) =>
        CheckpointAverage.Make(checkpoints, output, Path.Combine(world.Root, "cache"), CPU, null, CancellationToken.None);
}
