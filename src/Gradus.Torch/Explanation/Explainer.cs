using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Explanations;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Explanation;

/// <summary>Explanations of a set of images.</summary>
/// <param name="Images">Those that could be read, in the order asked.</param>
/// <param name="Failed">The others, each with the reason.</param>
public sealed record ExplanationSet(ImmutableArray<ImageExplanation> Images, ImmutableArray<(ImageId Id, string Problem)> Failed);

/// <summary>Explains a checkpoint's answers for images, which it prepares as the checkpoint says.</summary>
public static class Explainer
{
    private const int BatchSize = 16;

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
        foreach ((ImageId Id, ImageLocation Location)[] batch in images.Chunk(BatchSize))
        {
            stop.ThrowIfCancellationRequested();
            var prepared = new PreparedImage?[batch.Length];
            var problems = new string?[batch.Length];
            Parallel.For(0, batch.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, i =>
            {
                try
                {
                    prepared[i] = ImageDecoder.Prepare(checkpoint.Info.Recipe, batch[i].Location);
                }
                catch (GradusException e)
                {
                    problems[i] = e.Message;
                }
            });
            failed.AddRange(batch.Index().Where(b => problems[b.Index] is not null).Select(b => (b.Item.Id, problems[b.Index]!)));
            (ImageId Id, ImageLocation Location, PreparedImage Image)[] good = [.. batch.Index().Where(b => prepared[b.Index] is not null).Select(b => (b.Item.Id, b.Item.Location, prepared[b.Index]!))];
            if (good.Length > 0)
                explained.AddRange(Batch(checkpoint, model ?? checkpoint.Model, good, method, of));
            done += batch.Length;
            progress?.Report(new WorkProgress("explain", done, images.Count, "images"));
        }
        return new ExplanationSet(explained.ToImmutable(), failed.ToImmutable());
    }

    private static IEnumerable<ImageExplanation> Batch(Checkpoint checkpoint, GradedClassifier model, (ImageId Id, ImageLocation Location, PreparedImage Image)[] images, CamMethod method, CamScalar of)
    {
        CheckpointInfo info = checkpoint.Info;
        using var scope = NewDisposeScope();
        int size = info.Recipe.Size, bytes = size * size * 3;
        Tensor pixels = empty([images.Length, size, size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        for (int i = 0; i < images.Length; i++)
            images[i].Image.Image.Pixels.CopyTo(pixels.bytes.Slice(i * bytes, bytes));
        Tensor input = BatchInput.Normalise(BatchInput.ToFloat(pixels.to(checkpoint.Device)), info.Normalisation);
        (ImmutableArray<HeatMap> maps, Logits logits) = GradCam.Maps(model, input, method, of, info.Target, info.TunedRule);
        GradedScores scores = info.Target.Link(logits);
        int[] grades = info.TunedRule.Grades(scores);
        int k = scores.Probabilities is { } p ? p.Length / images.Length : 0;
        return
        [
            .. images.Select((image, i) => new ImageExplanation(image.Id, image.Location, grades[i], scores.Score[i], [.. scores.Probabilities.AsSpan(i * k, k)], maps[i], image.Image.Geometry)
            {
                Notes = image.Image.Notes,
            }),
        ];
    }
}
