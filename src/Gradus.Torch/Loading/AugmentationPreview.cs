using System.Collections.Immutable;
using System.Diagnostics;
using Gradus.Experiments;
using Gradus.Imaging;
using static TorchSharp.torch;

namespace Gradus.Torch.Loading;

/// <summary>One way of changing a batch, seen on the batch of a preview.</summary>
/// <param name="Name">A step's name in experiment files, or "all, epoch 1".</param>
/// <param name="Images">(B) what came out.</param>
/// <param name="Changed">The share of values, 0 to 1, that moved by more than half a level.</param>
/// <param name="Fill">(B) the share of pixels, 0 to 1, that the image does not cover and the fill does.</param>
/// <param name="PerBatch">Mean wall-clock time for the batch.</param>
public sealed record AugmentedView(string Name, ImmutableArray<RgbImage> Images, double Changed, ImmutableArray<double> Fill, TimeSpan PerBatch);

/// <summary>An augmentation at work on prepared images: each step alone, then all of them as the first epochs of a run would have them.</summary>
/// <param name="Prepared">(B) as they come from the cache.</param>
/// <param name="Steps">Each step alone.</param>
/// <param name="Together">All steps, once for each of the first epochs.</param>
public sealed record AugmentationPreview(ImmutableArray<RgbImage> Prepared, ImmutableArray<AugmentedView> Steps, ImmutableArray<AugmentedView> Together)
{
    private const int Timed = 3;

    /// <summary>Shows the augmentation at work.</summary>
    /// <param name="augmentation">The experiment's.</param>
    /// <param name="pixels">(B, H, W, 3) uint8, a batch as the loader gives it.</param>
    /// <param name="seed">The run's.</param>
    /// <param name="epochs">How many epochs' views.</param>
    public static AugmentationPreview Run(Augmentation augmentation, Tensor pixels, long seed, int epochs)
    {
        using var scope = NewDisposeScope();
        Tensor batch = BatchInput.ToFloat(pixels); // (B, 3, H, W)
        return new AugmentationPreview(
            Images(batch),
            [.. augmentation.Steps.Select(step => View(Augmentation.Name(step), new Augmentation([step]), batch, seed, epoch: 1))],
            augmentation.Steps.IsEmpty ? [] : [.. Enumerable.Range(1, epochs).Select(epoch => View($"all, epoch {epoch}", augmentation, batch, seed, epoch))]);
    }

    private static AugmentedView View(string name, Augmentation augmentation, Tensor batch, long seed, int epoch)
    {
        using var scope = NewDisposeScope();
        // The stream of the training loop's first batch of that epoch.
        Tensor after = new BatchAugmenter(augmentation).Apply(batch, Stream()); // also warms up
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Timed; i++)
        {
            using Tensor again = new BatchAugmenter(augmentation).Apply(batch, Stream());
        }
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started) / Timed;
        return new AugmentedView(name, Images(after), AugmentationCheck.Changed(after, batch), Uncovered(augmentation, batch, Stream()), elapsed);

        Random Stream() => RandomStream.Create(seed, "augment", epoch, 0);
    }

    /// <summary>(B) What a white image leaves black when it goes the same way.</summary>
    private static ImmutableArray<double> Uncovered(Augmentation augmentation, Tensor batch, Random random)
    {
        // Each step draws as much from the stream as the real one does, or angles would differ; colours stay as they are.
        var geometry = new Augmentation([.. augmentation.Steps.Select(step => step switch
        {
            RotateStep s => s with { Fill = Experiments.Fill.Black },
            ScaleStep s => s with { Fill = Experiments.Fill.Black },
            BrightnessStep => new BrightnessStep(1e-9),
            ContrastStep => new ContrastStep(1e-9),
            _ => step,
        })]);
        Tensor covered = new BatchAugmenter(geometry).Apply(full_like(batch, 255), random);
        return [.. covered.lt(127.5).to(ScalarType.Float32).mean([1, 2, 3]).data<float>().Select(x => (double)x)];
    }

    private static ImmutableArray<RgbImage> Images(Tensor batch)
    {
        using var scope = NewDisposeScope();
        (int count, int height, int width) = ((int)batch.shape[0], (int)batch.shape[2], (int)batch.shape[3]);
        Tensor bytes = batch.round().clamp(0, 255).to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().cpu(); // (B, H, W, 3)
        ReadOnlySpan<byte> all = bytes.bytes;
        var images = ImmutableArray.CreateBuilder<RgbImage>(count);
        for (int i = 0; i < count; i++)
            images.Add(new RgbImage(width, height, all.Slice(i * height * width * 3, height * width * 3).ToArray()));
        return images.MoveToImmutable();
    }
}
