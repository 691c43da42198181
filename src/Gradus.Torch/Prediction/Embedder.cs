using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Shift;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>What a checkpoint's backbone sees in images: its feature map, averaged over the picture.</summary>
public static class Embedder
{
    /// <summary>The features, (N, C), of all images that can be read, prepared as the checkpoint says.</summary>
    public static ImageFeatures Embed(Checkpoint checkpoint, IReadOnlyList<ImageRecord> images, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        var kept = ImmutableArray.CreateBuilder<ImageRecord>(images.Count);
        var values = new List<float>();
        int done = 0;
        foreach (Prepared[] batch in Preparation.Batches(checkpoint.Info.Recipe, [.. images.Select(r => (r.Id, r.Location))], stop))
        {
            // Prediction lists the others with their reason.
            Prepared[] good = [.. batch.Where(p => p.IsReady)];
            if (good.Length > 0)
                values.AddRange(Forward(checkpoint, good));
            kept.AddRange(batch.Index().Where(b => b.Item.IsReady).Select(b => images[done + b.Index]));
            progress?.Report(new WorkProgress("embed", done += batch.Length, images.Count, "images"));
        }
        return new ImageFeatures($"the backbone of {checkpoint.Info.Run}, epoch {checkpoint.Info.Epoch}", kept.ToImmutable(), [.. values]);
    }

    private static float[] Forward(Checkpoint checkpoint, Prepared[] images)
    {
        using IDisposable inference = inference_mode();
        using var scope = NewDisposeScope();
        Tensor input = BatchInput.Normalise(Preparation.Input(images, checkpoint.Info.Recipe.Size, checkpoint.Device), checkpoint.Info.Normalisation);
        return [.. checkpoint.Model.Features(input).mean([2, 3]).cpu().contiguous().data<float>()]; // (B, C)
    }
}
