using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Predictions;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>
/// Answers for images with a checkpoint and nothing else. There is no way to give it a recipe, a normalisation or thresholds: they
/// are the checkpoint's (ledger, rows 1, 2 and 18).
/// </summary>
public static class Predictor
{
    private const int BatchSize = 32;

    /// <summary>Prepares and grades every image; unreadable ones are listed, not fatal.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="images">What to grade.</param>
    /// <param name="tuned">True for the checkpoint's tuned thresholds, false for its default ones.</param>
    /// <param name="progress">Told of every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    public static PredictionSet Predict(
        Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, bool tuned, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        CheckpointInfo info = checkpoint.Info;
        var answered = ImmutableArray.CreateBuilder<ImagePrediction>();
        var failed = ImmutableArray.CreateBuilder<(ImageId, string)>();
        int[] byDefault = new int[info.Scale.Count], byTuning = new int[info.Scale.Count];
        int done = 0;

        int chunks = (images.Count + BatchSize - 1) / BatchSize;
        Task<Prepared[]> next = PrepareAsync(info.Recipe, images.Take(BatchSize).ToArray(), stop);
        for (int c = 0; c < chunks; c++)
        {
            stop.ThrowIfCancellationRequested();
            Prepared[] prepared = next.GetAwaiter().GetResult();
            if (c + 1 < chunks) // the next images are prepared while the network works on these
                next = PrepareAsync(info.Recipe, [.. images.Skip((c + 1) * BatchSize).Take(BatchSize)], stop);
            failed.AddRange(prepared.Where(p => p.Image is null).Select(p => (p.Id, p.Problem!)));
            Prepared[] readable = [.. prepared.Where(p => p.Image is not null)];
            if (readable.Length > 0)
            {
                GradedScores scores = info.Target.Link(Logits(checkpoint, readable));
                int[] defaults = info.DefaultRule.Grades(scores), tunedGrades = info.TunedRule.Grades(scores);
                for (int i = 0; i < readable.Length; i++)
                {
                    byDefault[defaults[i]]++;
                    byTuning[tunedGrades[i]]++;
                    int k = info.Scale.Count;
                    ImmutableArray<double> probabilities = scores.Probabilities is { } p ? [.. p.AsSpan(i * k, k)] : [];
                    answered.Add(new ImagePrediction(readable[i].Id, tuned ? tunedGrades[i] : defaults[i], scores.Score[i], probabilities));
                }
            }
            done += prepared.Length;
            progress?.Report(new WorkProgress("predict", done, images.Count, "images"));
        }
        return new PredictionSet(answered.ToImmutable(), failed.ToImmutable(), [.. byDefault], [.. byTuning]);
    }

    private static Logits Logits(Checkpoint checkpoint, Prepared[] images)
    {
        using IDisposable inference = inference_mode();
        using var scope = NewDisposeScope();
        int size = checkpoint.Info.Recipe.Size;
        Tensor pixels = empty([images.Length, size, size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        for (int i = 0; i < images.Length; i++)
            images[i].Image!.Pixels.CopyTo(pixels.bytes.Slice(i * size * size * 3));
        Tensor input = BatchInput.ToFloat(pixels.to(checkpoint.Device));
        Tensor logits = checkpoint.Model.call(BatchInput.Normalise(input, checkpoint.Info.Normalisation)); // (B, M)
        return new Logits(images.Length, (int)logits.shape[1], [.. logits.cpu().contiguous().data<float>()]);
    }

    private static Task<Prepared[]> PrepareAsync(Recipe recipe, (ImageId Id, ImageLocation Location)[] images, CancellationToken stop) => Task.Run(
        () =>
        {
            var prepared = new Prepared[images.Length];
            Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, i =>
            {
                try
                {
                    prepared[i] = new Prepared(images[i].Id, ImageDecoder.Prepare(recipe, images[i].Location).Image, null);
                }
                catch (GradusException e)
                {
                    prepared[i] = new Prepared(images[i].Id, null, e.Message);
                }
            });
            return prepared;
        },
        stop);

    private readonly record struct Prepared(ImageId Id, RgbImage? Image, string? Problem);
}
