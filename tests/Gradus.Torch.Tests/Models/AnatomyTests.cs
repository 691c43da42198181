using Gradus.Experiments;
using Gradus.Torch.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class AnatomyTests
{
    [Fact]
    public void Layers_are_counted_in_the_order_in_which_they_run()
    {
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "resnet18", Head = [new DropoutLayer(0.1)] }, PaddingStyle.Symmetric, 1000, 1);
        Anatomy anatomy = Anatomy.Of(model, 64);
        AssertLayer(anatomy.Layers[0], "conv1", "Convolution", [1, 64, 32, 32], 64 * 3 * 7 * 7, 64L * 3 * 7 * 7 * 32 * 32);
        AssertLayer(anatomy.Layers[1], "bn1", "BatchNorm2d", [1, 64, 32, 32], 128, 0);
        AssertLayer(anatomy.Layers[2], "layer1.0.conv1", "Convolution", [1, 64, 16, 16], 64 * 64 * 9, 64L * 64 * 9 * 16 * 16);
        Assert.Equal(["layer4.1.bn2", "head.0", "head.1", "fc"], anatomy.Layers.TakeLast(4).Select(l => l.Name));
        AssertLayer(anatomy.Layers[^1], "fc", "Affine", [1, 1000], 513_000, 512_000);
    }

    [Fact]
    public void A_grouped_convolution_counts_its_groups_once()
    {
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "resnext50_32x4d" }, PaddingStyle.Symmetric, 5, 1);
        AnatomyLayer grouped = Anatomy.Of(model, 32).Layers.Single(l => l.Name == "layer1.0.conv2"); // 32 groups of 4 by 4 channels on an 8x8 map
        Assert.Equal(32L * 4 * 4 * 9 * 8 * 8, grouped.MultiplyAdds);
    }

    [Fact]
    public void A_network_is_left_as_it_was_found()
    {
        using var scope = NewDisposeScope();
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "mobilenet_v2", Channels = 1, Head = [new DropoutLayer(0.1)] }, PaddingStyle.Symmetric, 5, 1);
        model.ToChannelsLast();
        model.SetTraining(true, BatchNormMode.Frozen);
        Dictionary<string, Tensor> before = model.NamedTensors().ToDictionary(t => t.Name, t => t.Tensor.clone());
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Anatomy anatomy = Anatomy.Of(model, 32);
        Assert.Equal(anatomy.Layers, Anatomy.Of(model, 32).Layers, new SameCosts()); // no observer is left either

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(model.training);
        Assert.All(model.Backbone.modules().OfType<BatchNorm2d>(), norm => Assert.False(norm.training));
        Assert.All(model.Head.modules(), module => Assert.True(module.training));
        Assert.All(model.NamedTensors(), t => Assert.True(t.Tensor.Equals(before[t.Name]), t.Name));
    }

    [Fact]
    public void An_image_that_is_too_small_is_refused()
    {
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "mobilenet_v2" }, PaddingStyle.Symmetric, 5, 1);
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => Anatomy.Of(model, 31)).Fault);
    }

    private static void AssertLayer(AnatomyLayer layer, string name, string type, long[] shape, long parameters, long multiplyAdds)
    {
        Assert.Equal((name, type, parameters, multiplyAdds), (layer.Name, layer.Type, layer.Parameters, layer.MultiplyAdds));
        Assert.Equal(shape, layer.OutputShape);
    }

    private sealed class SameCosts : IEqualityComparer<AnatomyLayer>
    {
        public bool Equals(AnatomyLayer? x, AnatomyLayer? y) => (x?.Name, x?.MultiplyAdds) == (y?.Name, y?.MultiplyAdds);

        public int GetHashCode(AnatomyLayer obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
