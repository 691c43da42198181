using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Loading;

public sealed class AugmentationTests
{
    [Fact]
    public void Dihedral_steps_move_pixels_and_change_none()
    {
        using var scope = NewDisposeScope();
        Tensor images = Images(8, 6);
        Tensor changed = new BatchAugmenter(new Augmentation([new FlipStep(), new TransposeStep()])).Apply(images, RandomStream.Create(1, "test"));
        Assert.False(changed.equal(images).all().item<bool>());
        Assert.True(Sorted(changed).equal(Sorted(images)).all().item<bool>());
    }

    [Fact]
    public void The_same_generator_gives_the_same_images()
    {
        using var scope = NewDisposeScope();
        var augmenter = new BatchAugmenter(new Augmentation([new FlipStep(), new RotateStep(180, Fill.Black), new ScaleStep(0.8, 1.2, Fill.Black), new BrightnessStep(0.2), new ContrastStep(0.2)]));
        Tensor a = augmenter.Apply(Images(4, 16), RandomStream.Create(3, "test")), b = augmenter.Apply(Images(4, 16), RandomStream.Create(3, "test"));
        Assert.True(a.equal(b).all().item<bool>());
        Assert.Equal([3L * 16 * 16, 1, 3 * 16, 3], a.stride());
    }

    [Theory]
    [InlineData(Fill.Black, 0f)]
    [InlineData(Fill.Gray, 128f)]
    public void Shrinking_shows_the_fill_that_was_stated(Fill fill, float level)
    {
        using var scope = NewDisposeScope();
        Tensor white = full([1, 3, 32, 32], 255f);
        Tensor small = new BatchAugmenter(new Augmentation([new ScaleStep(0.5, 0.5, fill)])).Apply(white, RandomStream.Create(1, "test"));
        Assert.Equal(level, small[0, 0, 0, 0].item<float>());
        Assert.Equal(255f, small[0, 0, 16, 16].item<float>());
    }

    [Fact]
    public void A_rotation_by_border_or_mirror_never_shows_black()
    {
        using var scope = NewDisposeScope();
        foreach (Fill fill in new[] { Fill.Edge, Fill.Reflect })
        {
            Tensor turned = new BatchAugmenter(new Augmentation([new RotateStep(180, fill)])).Apply(full([4, 3, 32, 32], 200f), RandomStream.Create(1, "test"));
            Assert.Equal(200f, turned.min().item<float>(), 3);
        }
    }

    [Fact]
    public void Normalisation_is_the_formula_and_happens_on_the_scale_of_0_to_1()
    {
        using var scope = NewDisposeScope();
        Tensor pixels = tensor(new byte[] { 0, 51, 255 }).reshape(1, 1, 1, 3); // (B, H, W, 3)
        Tensor x = BatchInput.Normalise(BatchInput.ToFloat(pixels), new Normalisation([0.5, 0.2, 0.25], [0.5, 0.1, 0.75]));
        Assert.Equal([-1f, 0f, 1f], x.flatten().data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    internal static Tensor Images(int batch, int size)
    {
        using Generator generator = new(5);
        return rand([batch, 3, size, size], generator: generator) * 255;
    }

    private static Tensor Sorted(Tensor images) => images.reshape(images.shape[0], -1).sort(1).Values;
}

public sealed class LedgerRow15_an_augmentation_that_did_nothing
{
    [Fact]
    public void A_step_that_changes_no_pixel_is_an_error_that_names_it()
    {
        using var scope = NewDisposeScope();
        Tensor black = zeros(4, 3, 16, 16);
        GradusException error = Assert.Throws<GradusException>(() => AugmentationCheck.Verify(new Augmentation([new FlipStep(), new BrightnessStep(0.2)]), black, 1));
        Assert.Contains("'flip' changes no pixel", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_that_work_are_listed_with_the_share_they_change()
    {
        using var scope = NewDisposeScope();
        IReadOnlyList<(string Step, double Changed)> shares = AugmentationCheck.Verify(new Augmentation([new FlipStep(), new RotateStep(10, Fill.Black)]), AugmentationTests.Images(8, 16), 1);
        Assert.Equal(["flip", "rotate"], shares.Select(s => s.Step));
        Assert.All(shares, s => Assert.InRange(s.Changed, 0.3, 1));
    }
}
