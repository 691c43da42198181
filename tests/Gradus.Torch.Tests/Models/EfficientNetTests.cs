using Gradus.Torch.Models;
using Gradus.Torch.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Models;

public sealed class EfficientNetTests
{
    [Fact]
    public void The_blocks_that_a_step_skips_follow_from_its_seed()
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Backbone backbone = Zoo.Create("efficientnet_b0", PaddingStyle.Symmetric, 1);
        Tensor images = rand(4, 3, 32, 32);
        Assert.True(Step(3).Equals(Step(3)));
        Assert.False(Step(3).Equals(Step(4)));

        Tensor Step(long step)
        {
            EngineSeed.Set(1, step);
            return backbone.call(images);
        }
    }

    [Fact]
    public void Each_image_skips_blocks_of_its_own_and_none_when_evaluating()
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Backbone backbone = Zoo.Create("efficientnet_b0", PaddingStyle.Symmetric, 1);
        foreach (BatchNorm2d norm in backbone.modules().OfType<BatchNorm2d>())
            norm.eval(); // so that images of one batch know nothing of each other
        Tensor same = rand(1, 3, 32, 32).expand(16, 3, 32, 32).contiguous();
        EngineSeed.Set(1, 1);
        Assert.InRange(DistinctRows(backbone.call(same)), 4, 16); // 9 of 16 blocks have a shortcut; an image skips 1.1 on average
        backbone.eval();
        Tensor state = Generator.Default.get_state();
        Assert.Equal(1, DistinctRows(backbone.call(same)));
        Assert.True(Generator.Default.get_state().Equals(state));
    }

    [Theory]
    [InlineData("efficientnet_b0", PaddingStyle.Symmetric, 1e-5, 0.1)]
    [InlineData("efficientnet_b0", PaddingStyle.TfSame, 1e-3, 0.1)]
    [InlineData("efficientnet_b5", PaddingStyle.Symmetric, 1e-3, 0.01)]
    public void Batch_norm_has_the_constants_of_its_weights(string name, PaddingStyle padding, double eps, double momentum)
    {
        using Backbone backbone = Zoo.Create(name, padding, 1);
        Assert.All(backbone.modules().OfType<BatchNorm2d>(), norm => Assert.Equal((eps, momentum), (norm.eps, norm.momentum)));
    }

    [Fact]
    public void Tensorflows_padding_looks_at_other_pixels()
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Backbone symmetric = Zoo.Create("efficientnet_b0", PaddingStyle.Symmetric, 1), tensorflow = Zoo.Create("efficientnet_b0", PaddingStyle.TfSame, 1);
        symmetric.eval();
        tensorflow.eval();
        Tensor image = rand(1, 3, 64, 64);
        Tensor a = symmetric.call(image), b = tensorflow.call(image);
        Assert.Equal(a.shape, b.shape);
        Assert.InRange(Distance(a, b), 0.05, 2);
    }

    private static int DistinctRows(Tensor batch)
    {
        Tensor[] rows = [.. Enumerable.Range(0, (int)batch.shape[0]).Select(i => batch[i])];
        return rows.Where((row, i) => !rows.Take(i).Any(earlier => Distance(row, earlier) < 1e-5)).Count();
    }

    // Relative, since the values of a network that has seen no image are tiny.
    private static float Distance(Tensor a, Tensor b) => (a - b).norm().item<float>() / b.norm().item<float>();
}
