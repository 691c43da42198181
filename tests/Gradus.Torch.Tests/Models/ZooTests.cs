using Gradus.Experiments;
using Gradus.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class ZooTests
{
    public static TheoryData<string> Names => [.. Zoo.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_card_counts_what_is_there(string name)
    {
        ModelCard card = Zoo.Card(name);
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = name }, PaddingStyle.Symmetric, 1000, 1);
        Anatomy anatomy = Anatomy.Of(model, card.InputSize);
        Assert.Equal(name, model.Backbone.Architecture);
        Assert.Equal(card.ParameterCount, model.parameters().Sum(p => p.numel()));
        Assert.Equal(card.ParameterCount, anatomy.Parameters);
        Assert.Equal(card.MultiplyAdds, anatomy.MultiplyAdds);
        Assert.NotEmpty(card.Weights);
        Assert.All(card.Weights.SelectMany(w => new[] { w.Name, w.Licence }).Append(card.Paper), Assert.NotEmpty);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_network_takes_32_pixels_of_one_channel_and_bfloat16(string name)
    {
        using Backbone backbone = Zoo.Create(new ModelSpec { Backbone = name, Channels = 1 }, PaddingStyle.Symmetric, 1);
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        backbone.eval();
        Tensor images = rand(2, 1, 32, 32, generator: new Generator(1));
        Tensor exact = backbone.call(images), rounded = backbone.call(images.to(ScalarType.BFloat16));
        Assert.Equal([2, backbone.FeatureChannels, 1, 1], exact.shape);
        Assert.Equal(ScalarType.BFloat16, rounded.dtype);
        double difference = ((exact - rounded).norm() / exact.norm()).item<float>();
        Assert.InRange(difference, 1e-6, 0.05); // NaN is in no range
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forward_leaves_only_its_result_behind_and_a_disposed_network_nothing(string name)
    {
        long atFirst = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = name, Pool = Pooling.Gem, Head = [new DropoutLayer(0.1), new LinearLayer(3), new BatchNormLayer(), new ReluLayer()] }, PaddingStyle.Symmetric, 4, 1))
        {
            using Tensor images = rand(2, 3, 32, 32);
            foreach (bool training in new[] { true, false })
            {
                model.SetTraining(training, BatchNormMode.Train);
                long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
                using (NewDisposeScope())
                {
                    Tensor logits = model.call(images);
                    Assert.Equal([2, 4], logits.shape);
                    Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                }
                Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                model.ToChannelsLast(); // the second round, evaluating, takes that path
            }
        }
        Assert.Equal(atFirst, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_network_built_inside_a_dispose_scope_outlives_it()
    {
        GradedClassifier model;
        using (NewDisposeScope())
            model = GradedClassifier.Create(new ModelSpec { Backbone = "resnet18", Pool = Pooling.Gem, Head = [new BatchNormLayer()] }, PaddingStyle.Symmetric, 4, 1);
        using (model)
        using (NewDisposeScope())
            Assert.Equal([2, 4], model.call(rand(2, 3, 64, 64)).shape);
    }

    [Fact]
    public void A_seed_fixes_the_weights_and_leaves_the_engines_own_numbers_alone()
    {
        using var scope = NewDisposeScope();
        Tensor state = Generator.Default.get_state();
        Backbone a = Zoo.Create("resnet18", PaddingStyle.Symmetric, 7), b = Zoo.Create("resnet18", PaddingStyle.Symmetric, 7), c = Zoo.Create("resnet18", PaddingStyle.Symmetric, 8);
        Assert.All(a.parameters().Zip(b.parameters()), pair => Assert.True(pair.First.Equals(pair.Second)));
        Assert.False(a.state_dict()["conv1.weight"].Equals(c.state_dict()["conv1.weight"]));
        Assert.True(Generator.Default.get_state().Equals(state));
    }

    [Fact]
    public void Weights_have_the_spread_that_he_et_al_prescribe()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Zoo.Create("resnet18", PaddingStyle.Symmetric, 1).state_dict()["layer4.1.conv2.weight"]; // (512, 512, 3, 3)
        Assert.Equal(Math.Sqrt(2.0 / (512 * 9)), weight.std().item<float>(), 1e-4);
        Assert.Equal(0, weight.mean().item<float>(), 1e-4);
    }

    [Theory]
    [InlineData("resnet181", "resnet18")]
    [InlineData("ResNet-50", "resnet50")]
    [InlineData("mobilenetv2", "mobilenet_v2")]
    public void An_unknown_name_is_answered_with_the_nearest_one(string asked, string nearest)
    {
        GradusException e = Assert.Throws<GradusException>(() => Zoo.Create(asked, PaddingStyle.Symmetric, 1));
        Assert.Equal(Fault.Request, e.Fault);
        Assert.Contains($"Did you mean '{nearest}'?", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_like_none_is_answered_with_the_list()
    {
        GradusException e = Assert.Throws<GradusException>(() => Zoo.Card("perceptron"));
        Assert.All(Zoo.Names, name => Assert.Contains(name, e.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("resnet18", 512)]
    [InlineData("se_resnext50_32x4d", 2048)]
    [InlineData("densenet121", 1024)]
    public void Without_its_stem_pool_a_network_has_maps_twice_as_large(string name, int channels)
    {
        using var scope = NewDisposeScope();
        Backbone without = Zoo.Create(new ModelSpec { Backbone = name, StemPool = false }, PaddingStyle.Symmetric, 1);
        Assert.Equal([1, channels, 6, 6], without.call(rand(1, 3, 96, 96)).shape);
    }

    [Fact]
    public void A_network_without_a_stem_pool_cannot_leave_it_out()
    {
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => Zoo.Create(new ModelSpec { Backbone = "mobilenet_v2", StemPool = false }, PaddingStyle.Symmetric, 1)).Fault);
    }

    [Fact]
    public void A_network_of_one_channel_takes_the_first_of_three()
    {
        using var scope = NewDisposeScope();
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = "resnet18", Channels = 1 }, PaddingStyle.Symmetric, 4, 1);
        model.SetTraining(false, BatchNormMode.Frozen);
        Tensor grey = rand(2, 1, 64, 64);
        Assert.True(model.call(grey.expand(2, 3, 64, 64)).allclose(model.call(grey)));
    }

    [Fact]
    public void A_residual_network_has_no_tensorflow_padding() =>
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => Zoo.Create("resnet18", PaddingStyle.TfSame, 1)).Fault);

    [Theory]
    [InlineData(4, new[] { 9f, 6, 6, 4 })] // even: windows start at 0 and 2, one row and column of zeros behind
    [InlineData(5, new[] { 4f, 6, 4, 6, 9, 6, 4, 6, 4 })] // odd: one row and column of zeros on each side
    public void Tensorflows_padding_depends_on_the_size(int size, float[] expected)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var generator = new Generator(1);
        var convolution = new Convolution(generator, 1, 1, 3, stride: 2, padding: PaddingStyle.TfSame);
        convolution.parameters().Single().fill_(1);
        Assert.Equal(expected, convolution.call(ones(1, 1, size, size)).data<float>().ToArray());
    }
}
