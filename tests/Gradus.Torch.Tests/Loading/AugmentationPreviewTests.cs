using Gradus.Experiments;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Loading;

public sealed class AugmentationPreviewTests
{
    private static Tensor Pixels()
    {
        Random random = RandomStream.Create(1, "test");
        byte[] bytes = new byte[6 * 32 * 32 * 3];
        random.NextBytes(bytes);
        return tensor(bytes, ScalarType.Byte).reshape(6, 32, 32, 3);
    }

    [Fact]
    public void All_steps_together_are_the_first_batch_of_the_training_loop()
    {
        using var scope = NewDisposeScope();
        var augmentation = new Augmentation([new FlipStep(), new BrightnessStep(0.9), new RotateStep(45, Fill.Reflect), new ScaleStep(0.5, 1, Fill.Reflect)]);
        AugmentationPreview preview = AugmentationPreview.Run(augmentation, Pixels(), 42, 2);
        Assert.Equal(["flip", "brightness", "rotate", "scale"], preview.Steps.Select(s => s.Name));
        for (int epoch = 1; epoch <= 2; epoch++)
        {
            Tensor trained = new BatchAugmenter(augmentation).Apply(BatchInput.ToFloat(Pixels()), RandomStream.Create(42, "augment", epoch, 0));
            byte[] expected = trained.round().to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().bytes.ToArray();
            Assert.Equal(expected, preview.Together[epoch - 1].Images.SelectMany(i => i.Pixels));
        }
    }

    [Fact]
    public void Fill_is_what_the_image_does_not_cover_whatever_it_is_filled_with()
    {
        using var scope = NewDisposeScope();
        foreach (Fill fill in Enum.GetValues<Fill>())
        {
            AugmentationPreview preview = AugmentationPreview.Run(new Augmentation([new BrightnessStep(0.99), new ScaleStep(0.5, 0.5, fill), new FlipStep()]), Pixels(), 1, 1);
            Assert.All(preview.Steps[1].Fill, share => Assert.Equal(0.75, share, 0.02));
            Assert.All(preview.Together[0].Fill, share => Assert.Equal(0.75, share, 0.02));
            Assert.All(preview.Steps[2].Fill, share => Assert.Equal(0, share));
        }
    }

    [Fact]
    public void A_step_that_does_nothing_is_shown_to_change_nothing()
    {
        using var scope = NewDisposeScope();
        AugmentationPreview preview = AugmentationPreview.Run(new Augmentation([new ScaleStep(1, 1, Fill.Black), new ContrastStep(0.3)]), Pixels(), 1, 1);
        Assert.Equal(0, preview.Steps[0].Changed);
        Assert.True(preview.Steps[1].Changed > 0.5);
    }
}
