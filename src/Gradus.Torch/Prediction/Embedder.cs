using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Imaging;
using Gradus.Shift;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>What a checkpoint's backbone sees in images: its feature map, averaged over the picture.</summary>
public static class Embedder
{
    private const int BatchSize = 32;

    /// <summary>The features, (N, C), of all images that can be read, prepared as the checkpoint says.</summary>
    public static ImageFeatures Embed(Checkpoint checkpoint, IReadOnlyList<ImageRecord> images, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        var kept = ImmutableArray.CreateBuilder<ImageRecord>(images.Count);
        var values = new List<float>();
        int done = 0;
        foreach (ImageRecord[] batch in images.Chunk(BatchSize))
        {
            var prepared = new RgbImage?[batch.Length];
            Parallel.For(0, batch.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, i => prepared[i] = Prepare(checkpoint.Info.Recipe, batch[i]));
            RgbImage[] good = [.. prepared.OfType<RgbImage>()];
            if (good.Length > 0)
                values.AddRange(Forward(checkpoint, good));
            kept.AddRange(batch.Where((_, i) => prepared[i] is not null));
            progress?.Report(new WorkProgress("embed", done += batch.Length, images.Count, "images"));
        }
        return new ImageFeatures($"the backbone of {checkpoint.Info.Run}, epoch {checkpoint.Info.Epoch}", kept.ToImmutable(), [.. values]);
    }

    private static float[] Forward(Checkpoint checkpoint, RgbImage[] images)
    {
        using IDisposable inference = inference_mode();
        using var scope = NewDisposeScope();
        int size = checkpoint.Info.Recipe.Size, bytes = size * size * 3;
        Tensor pixels = empty([images.Length, size, size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        for (int i = 0; i < images.Length; i++)
            images[i].Pixels.CopyTo(pixels.bytes.Slice(i * bytes, bytes));
        Tensor input = BatchInput.Normalise(BatchInput.ToFloat(pixels.to(checkpoint.Device)), checkpoint.Info.Normalisation);
        return [.. checkpoint.Model.Features(input).mean([2, 3]).cpu().contiguous().data<float>()]; // (B, C)
    }

    private static RgbImage? Prepare(Recipe recipe, ImageRecord image)
    {
        try
        {
            return ImageDecoder.Prepare(recipe, image.Location).Image;
        }
        catch (GradusException)
        {
            return null; // prediction lists it with its reason
        }
    }
}
