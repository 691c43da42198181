using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Grading;
using Gradus.Imaging;
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

    /// <summary>Prepares and scores every image; unreadable ones are listed, not fatal.</summary>
    public static PredictionSet Predict(Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        CheckpointInfo info = checkpoint.Info;
        (ImageId, ImageLocation)[][] batches = [.. images.Chunk(BatchSize)];
        var readable = new List<Prepared>();
        var failed = new List<(ImageId, string)>();
        var logits = new List<float>();
        int done = 0;
        Task<Prepared[]> next = PrepareAsync(info.Recipe, batches.FirstOrDefault() ?? [], stop);
        for (int b = 0; b < batches.Length; b++)
        {
            stop.ThrowIfCancellationRequested();
            Prepared[] prepared = next.GetAwaiter().GetResult();
            if (b + 1 < batches.Length) // the next images are prepared while the network works on these
                next = PrepareAsync(info.Recipe, batches[b + 1], stop);
            Prepared[] good = [.. prepared.Where(p => p.Problem is null)];
            failed.AddRange(prepared.Where(p => p.Problem is not null).Select(p => (p.Id, p.Problem!)));
            if (good.Length > 0)
                logits.AddRange(Forward(checkpoint, good));
            readable.AddRange(good.Select(p => p with { Pixels = [] })); // pixels are no longer needed
            done += prepared.Length;
            progress?.Report(new WorkProgress("predict", done, images.Count, "images"));
        }
        if (logits.Exists(l => !float.IsFinite(l)))
            throw new GradusException($"the network of {info.Run}, epoch {info.Epoch}, gives outputs that are no numbers", remedy: "Its training diverged; take another checkpoint");
        var all = new Logits(readable.Count, info.Target.OutputCount(info.Scale), [.. logits]);
        return new PredictionSet([.. readable.Select(p => p.Id)], [.. readable.Select(p => p.Hash)], info.Target.Link(all), [.. failed], [.. readable.SelectMany(p => p.Notes.Select(n => (p.Id, n)))]);
    }

    private static float[] Forward(Checkpoint checkpoint, Prepared[] images)
    {
        using IDisposable inference = inference_mode();
        using var scope = NewDisposeScope();
        int size = checkpoint.Info.Recipe.Size, bytes = size * size * 3;
        Tensor pixels = empty([images.Length, size, size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        for (int i = 0; i < images.Length; i++)
            images[i].Pixels.CopyTo(pixels.bytes.Slice(i * bytes, bytes));
        Tensor input = BatchInput.Normalise(BatchInput.ToFloat(pixels.to(checkpoint.Device)), checkpoint.Info.Normalisation);
        return [.. checkpoint.Model.call(input).cpu().contiguous().data<float>()]; // (B, M)
    }

    private static Task<Prepared[]> PrepareAsync(Recipe recipe, (ImageId Id, ImageLocation Location)[] images, CancellationToken stop) => Task.Run(
        () =>
        {
            var prepared = new Prepared[images.Length];
            Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, i => prepared[i] = Prepare(recipe, images[i].Id, images[i].Location));
            return prepared;
        },
        stop);

    private static Prepared Prepare(Recipe recipe, ImageId id, ImageLocation location)
    {
        try
        {
            PreparedImage image = ImageDecoder.Prepare(recipe, location);
            return new Prepared(id, image.Hash, image.Image.Pixels, image.Notes, null);
        }
        catch (GradusException e)
        {
            return new Prepared(id, default, [], [], e.Message);
        }
    }

    private readonly record struct Prepared(ImageId Id, ContentHash Hash, byte[] Pixels, ImmutableArray<string> Notes, string? Problem);
}
