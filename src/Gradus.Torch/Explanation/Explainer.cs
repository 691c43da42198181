using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Explanations;
using Gradus.Grading;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using Gradus.Torch.Models;
using Gradus.Torch.Prediction;
using static TorchSharp.torch;

namespace Gradus.Torch.Explanation;

/// <summary>Explanations of a set of images.</summary>
/// <param name="Images">Those that could be read, in the order asked.</param>
/// <param name="Failed">The others, each with the reason.</param>
public sealed record ExplanationSet(ImmutableArray<ImageExplanation> Images, ImmutableArray<(ImageId Id, string Problem)> Failed);

/// <summary>Explains a checkpoint's answers for images, which it prepares as the checkpoint says.</summary>
public static class Explainer
{
    private const int MostMaps = 16; // at a time: gradients keep every activation alive

    /// <summary>Prepares, grades and explains every image; unreadable ones are listed, not fatal. The same images and checkpoint give the same maps.</summary>
    /// <param name="checkpoint">The network, in evaluation mode as it is loaded.</param>
    /// <param name="images">What to explain.</param>
    /// <param name="method">How channels are weighed.</param>
    /// <param name="of">Whose origin is shown.</param>
    /// <param name="progress">Counts images.</param>
    /// <param name="stop">Cancels between batches.</param>
    /// <param name="model">Another network of the same kind in the checkpoint's place, as <see cref="SanityCheck"/> needs.</param>
    public static ExplanationSet Explain(
        Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, CamMethod method, CamScalar of, IProgress<WorkProgress>? progress, CancellationToken stop, GradedClassifier? model = null)
    {
        var explained = ImmutableArray.CreateBuilder<ImageExplanation>();
        var failed = ImmutableArray.CreateBuilder<(ImageId, string)>();
        int done = 0;
        foreach (Prepared[] batch in Preparation.Batches(checkpoint.Info.Recipe, images, stop))
        {
            failed.AddRange(batch.Where(p => !p.IsReady).Select(p => (p.Id, p.Problem!)));
            foreach (Prepared[] good in batch.Where(p => p.IsReady).Chunk(MostMaps))
                explained.AddRange(Batch(checkpoint, model ?? checkpoint.Model, good, method, of));
            done += batch.Length;
            progress?.Report(new WorkProgress("explain", done, images.Count, "images"));
        }
        return new ExplanationSet(explained.ToImmutable(), failed.ToImmutable());
    }

    /// <summary>
    /// The images as the network gets them, (B, 3, H, W) each, for norms to learn from: one image alone has no variance, and is left out. A batch lives
    /// until the next is asked for.
    /// </summary>
    internal static IEnumerable<Tensor> Inputs(Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, CancellationToken stop)
    {
        foreach (Prepared[] batch in Preparation.Batches(checkpoint.Info.Recipe, images, stop))
        {
            if (batch.Where(p => p.IsReady).ToArray() is not { Length: > 1 } good)
                continue;
            using var scope = NewDisposeScope();
            yield return Input(checkpoint, good);
        }
    }

    private static Tensor Input(Checkpoint checkpoint, Prepared[] images) =>
        BatchInput.Normalise(Preparation.Input(images, checkpoint.Info.Recipe.Size, checkpoint.Device), checkpoint.Info.Normalisation);

    private static IEnumerable<ImageExplanation> Batch(Checkpoint checkpoint, GradedClassifier model, Prepared[] images, CamMethod method, CamScalar of)
    {
        CheckpointInfo info = checkpoint.Info;
        using var scope = NewDisposeScope();
        Tensor input = Input(checkpoint, images);
        (ImmutableArray<HeatMap> maps, Logits logits) = GradCam.Maps(model, input, method, of, info.Target, info.TunedRule);
        GradedScores scores = info.Target.Link(logits);
        int[] grades = info.TunedRule.Grades(scores);
        int k = scores.Probabilities is { } p ? p.Length / images.Length : 0;
        return
        [
            .. images.Select((image, i) => new ImageExplanation(image.Id, image.Location, grades[i], scores.Score[i], [.. scores.Probabilities.AsSpan(i * k, k)], maps[i], image.Image!.Geometry)
            {
                Notes = image.Image.Notes,
            }),
        ];
    }
}
