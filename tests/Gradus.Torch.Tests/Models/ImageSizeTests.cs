using Gradus.Experiments;
using Gradus.Torch.Models;
using Gradus.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;
using Convolution = Gradus.Torch.Models.Convolution;

namespace Gradus.Torch.Tests.Models;

/// <summary>What networks make of images of any size, layout, type and number of channels.</summary>
public sealed class ImageSizeTests
{
    [Theory]
    [InlineData("efficientnet_b0", 32)]
    [InlineData("nasnetamobile", 33)] // its first convolution has no margin
    public void Any_size_from_32_pixels_has_a_map(string name, int divisor)
    {
        using Backbone backbone = Zoo.Create(new ModelSpec { Backbone = name, Channels = 1 }, PaddingStyle.Symmetric, 1);
        backbone.eval();
        using IDisposable noGrad = no_grad();
        for (int height = 32; height < 64; height++)
        {
            using var scope = NewDisposeScope();
            int width = 96 - height / 2;
            Tensor map = backbone.call(Strides.ChannelsLast(rand(1, 1, height, width)));
            Assert.Equal([1, backbone.FeatureChannels, MapSize(height), MapSize(width)], map.shape);
            Assert.True(map.isfinite().all().item<bool>());
        }

        int MapSize(int size) => divisor == 32 ? (size + 31) / 32 : ((size - 1) / 2 + 15) / 16;
    }

    [Theory]
    [InlineData("efficientnet_b0")]
    [InlineData("nasnetamobile")]
    public void Every_convolution_gets_its_channels_innermost(string name)
    {
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = name }, PaddingStyle.Symmetric, 4, 1);
        model.ToChannelsLast();
        int maps = 0;
        foreach (Convolution convolution in model.Backbone.modules().OfType<Convolution>())
        {
            convolution.register_forward_hook((_, input, output) =>
            {
                foreach (Tensor map in new[] { input, output }.Where(t => t.shape[1] > 1 && t.shape[2] * t.shape[3] > 1))
                {
                    Assert.Equal(1, map.stride(1));
                    maps++;
                }
                return output;
            });
        }
        foreach (bool training in new[] { true, false })
        {
            using var scope = NewDisposeScope();
            model.SetTraining(training, BatchNormMode.Train);
            model.call(rand(2, 3, 70, 64));
        }
        Assert.InRange(maps, 150, int.MaxValue);
    }

    [Theory]
    [InlineData("efficientnet_b0")]
    [InlineData("nasnetamobile")]
    public void Bfloat16_images_are_rounded_and_train_float32_weights(string name)
    {
        using var scope = NewDisposeScope();
        using GradedClassifier model = GradedClassifier.Create(new ModelSpec { Backbone = name }, PaddingStyle.Symmetric, 4, 1);
        model.ToChannelsLast();
        Tensor images = Images(4, 64);
        model.SetTraining(true, BatchNormMode.Train);
        EngineSeed.Set(1, 1);
        model.call(images.to(ScalarType.BFloat16)).square().sum().backward();
        Assert.All(model.BackboneParameters, p => Assert.Equal(ScalarType.Float32, p.Parameter.grad!.dtype));
        Assert.All(model.BackboneParameters, p => Assert.True(p.Parameter.grad!.isfinite().all().item<bool>(), p.Name));
        model.SetTraining(false, BatchNormMode.Train);
        using IDisposable noGrad = no_grad();
        Tensor exact = model.call(images), rounded = model.call(images.to(ScalarType.BFloat16));
        Assert.InRange((rounded - exact).norm().item<float>() / exact.norm().item<float>(), 0, 0.05);
    }

    /// <summary>What is computed in place must be needed by no gradient.</summary>
    [Theory]
    [InlineData("efficientnet_b0")]
    [InlineData("nasnetamobile")]
    public void The_gradient_is_the_slope(string name)
    {
        using var scope = NewDisposeScope();
        Backbone backbone = Zoo.Create(name, PaddingStyle.Symmetric, 1);
        backbone.to(ScalarType.Float64);
        Tensor images = Images(3, 64).to(ScalarType.Float64);
        Tensor[] weights = [.. backbone.parameters()];
        Tensor[] direction = [.. weights.Select((w, i) => arange(w.numel(), ScalarType.Float64).mul(0.7).add(i).sin().reshape(w.shape).mul(w.detach().abs().mean()))];
        Height().backward();
        double expected = weights.Zip(direction, (w, d) => w.grad!.mul(d).sum().item<double>()).Sum();
        const double Step = 1e-9; // longer ones cross the kinks of too many ReLUs
        double slope = (HeightAt(Step) - HeightAt(-Step)) / (2 * Step);
        Assert.Equal(1, slope / expected, 1e-4);

        Tensor Height()
        {
            EngineSeed.Set(1, 1);
            Tensor map = backbone.call(images);
            return map.mul(arange(map.numel(), ScalarType.Float64).sin().reshape(map.shape)).sum();
        }

        double HeightAt(double step)
        {
            using IDisposable noGrad = no_grad();
            Move(step);
            double height = Height().item<double>();
            Move(-step);
            return height;
        }

        void Move(double step)
        {
            foreach ((Tensor w, Tensor d) in weights.Zip(direction))
                w.add_(d, step);
        }
    }

    private static Tensor Images(long count, long size) => arange(count * 3 * size * size, ScalarType.Float32).mul(0.37f).sin().reshape(count, 3, size, size);
}
