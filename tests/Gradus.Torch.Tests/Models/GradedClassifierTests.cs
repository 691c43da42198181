using Gradus.Experiments;
using Gradus.Torch.Losses;
using Gradus.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class GradedClassifierTests : IDisposable
{
    private readonly GradedClassifier _model = GradedClassifier.Create(
        new ModelSpec { Backbone = "resnet18", Pool = Pooling.Gem, Head = [new BatchNormLayer(), new LinearLayer(8), new ReluLayer()] }, PaddingStyle.Symmetric, 4, 1);

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Names_are_the_published_ones_and_the_head_has_its_own()
    {
        string[] names = [.. _model.NamedTensors().Select(t => t.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Contains("layer4.1.bn2.running_var", names);
        Assert.Equal(["fc.bias", "fc.weight"], names.Where(n => n.StartsWith("fc.", StringComparison.Ordinal)).Order());
        Assert.Equal(["head.0.p", "head.1.bias", "head.1.weight", "head.2.bias", "head.2.weight"], _model.HeadParameters.Select(p => p.Name).Where(n => n.StartsWith("head", StringComparison.Ordinal)).Order());
        Assert.Equal(names.Count(n => !n.Contains("running", StringComparison.Ordinal) && !n.Contains("num_batches", StringComparison.Ordinal)), _model.BackboneParameters.Length + _model.HeadParameters.Length);
        Assert.Equal(_model.parameters().Count(), _model.BackboneParameters.Length + _model.HeadParameters.Length);
    }

    [Fact]
    public void Frozen_batch_norm_stands_while_the_rest_learns()
    {
        _model.SetTraining(true, BatchNormMode.Frozen);
        string[] moved = MovedByOneStep();
        Assert.DoesNotContain(moved, n => n.Contains(".bn", StringComparison.Ordinal) || n.StartsWith("bn1", StringComparison.Ordinal) || n.Contains("downsample.1", StringComparison.Ordinal));
        Assert.Contains("conv1.weight", moved);
        Assert.Contains("head.1.running_mean", moved);
        Assert.Contains("fc.weight", moved);
        Assert.All(_model.BackboneParameters.Where(p => p.Name.Contains("bn", StringComparison.Ordinal)), p => Assert.False(p.Parameter.requires_grad));
    }

    [Fact]
    public void Training_batch_norm_moves_everything()
    {
        _model.SetTraining(true, BatchNormMode.Frozen);
        _model.SetTraining(true, BatchNormMode.Train);
        Assert.Equal(_model.NamedTensors().Select(t => t.Name).Order(), MovedByOneStep().Order());
    }

    [Fact]
    public void Ledger_14_a_frozen_backbone_moves_no_tensor()
    {
        _model.SetTraining(true, BatchNormMode.Train, freezeBackbone: true);
        string[] moved = MovedByOneStep();
        Assert.All(moved, n => Assert.True(n.StartsWith("head.", StringComparison.Ordinal) || n.StartsWith("fc.", StringComparison.Ordinal), n));
        Assert.Contains("fc.weight", moved);
    }

    [Fact]
    public void Evaluating_moves_nothing_and_leaves_what_learns()
    {
        _model.SetTraining(true, BatchNormMode.Train, freezeBackbone: true);
        _model.SetTraining(false, BatchNormMode.Train);
        Assert.All(_model.BackboneParameters, p => Assert.False(p.Parameter.requires_grad));
        Dictionary<string, Tensor> before = Copies();
        Tensor first = _model.call(Images()), second = _model.call(Images());
        Assert.True(first.Equals(second));
        Assert.All(_model.NamedTensors(), t => Assert.True(t.Tensor.Equals(before[t.Name]), t.Name));
    }

    [Fact]
    public void Channels_last_reaches_weights_and_feature_map()
    {
        _model.SetTraining(false, BatchNormMode.Train);
        Tensor images = Images();
        Tensor before = _model.call(images);
        _model.ToChannelsLast();
        Tensor weight = _model.NamedTensors().Single(t => t.Name == "layer2.0.conv1.weight").Tensor; // (128, 64, 3, 3)
        Assert.Equal([128, 64, 3, 3], weight.shape);
        Assert.Equal([64 * 9, 1, 3 * 64, 64], weight.stride());
        Assert.Same(weight, _model.BackboneParameters.Single(p => p.Name == "layer2.0.conv1.weight").Parameter);
        long[] strides = [];
        _model.Backbone.register_forward_hook((_, _, output) =>
        {
            strides = output.stride();
            return output;
        });
        Assert.True(_model.call(images).allclose(before, rtol: 1e-4, atol: 1e-4));
        Assert.Equal([512 * 4, 1, 2 * 512, 512], strides); // (B, 512, 2, 2)
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bfloat16_images_train_float32_weights(bool channelsLast)
    {
        if (channelsLast)
            _model.ToChannelsLast();
        _model.SetTraining(false, BatchNormMode.Train);
        Tensor exact = _model.call(Images());
        Tensor rounded = _model.call(Images().to(ScalarType.BFloat16));
        Assert.Equal(ScalarType.Float32, rounded.dtype);
        Assert.InRange((rounded - exact).norm().item<float>() / exact.norm().item<float>(), 0, 0.05);
        _model.SetTraining(true, BatchNormMode.Train);
        _model.call(Images().to(ScalarType.BFloat16)).square().sum().backward();
        Assert.All(_model.BackboneParameters, p => Assert.Equal(ScalarType.Float32, p.Parameter.grad!.dtype));
        Assert.All(_model.BackboneParameters, p => Assert.True(p.Parameter.grad!.isfinite().all().item<bool>(), p.Name));
    }

    [Fact]
    public void A_training_step_leaves_no_tensor_behind()
    {
        _model.SetTraining(true, BatchNormMode.Train);
        MovedByOneStep();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 2; i++)
        {
            using var step = NewDisposeScope();
            TargetLoss.Compute(new Grading.OrdinalTarget(), _model.call(Images()), tensor(new long[] { 0, 2, 4, 1 })).backward();
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private string[] MovedByOneStep()
    {
        Dictionary<string, Tensor> before = Copies();
        using optim.Optimizer sgd = optim.SGD(_model.parameters().Where(p => p.requires_grad), 0.1);
        TargetLoss.Compute(new Grading.OrdinalTarget(), _model.call(Images()), tensor(new long[] { 0, 2, 4, 1 })).backward();
        sgd.step();
        return [.. _model.NamedTensors().Where(t => !t.Tensor.Equals(before[t.Name])).Select(t => t.Name)];
    }

    private Dictionary<string, Tensor> Copies() => _model.NamedTensors().ToDictionary(t => t.Name, t => t.Tensor.detach().clone());

    private static Tensor Images() => arange(4 * 3 * 64 * 64, ScalarType.Float32).mul(0.37f).sin().reshape(4, 3, 64, 64);
}
