using System.Diagnostics.CodeAnalysis;
using Gradus.Datasets;
using Gradus.Imaging;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Prediction;

/// <summary>An image ready for the network, or the reason why it is not.</summary>
internal sealed record Prepared(ImageId Id, ImageLocation Location, PreparedImage? Image, string? Problem)
{
    /// <summary>False where there is a problem in its place.</summary>
    [MemberNotNullWhen(true, nameof(Image))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsReady => Image is not null;
}

/// <summary>Prepares images for a network that is asked and not trained, beside its work.</summary>
internal static class Preparation
{
    /// <summary>How many images are prepared and scored together.</summary>
    public const int BatchSize = 32;

    /// <summary>The images batch by batch, the next one under way while the caller works on this one.</summary>
    public static IEnumerable<Prepared[]> Batches(Recipe recipe, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, CancellationToken stop)
    {
        (ImageId, ImageLocation)[][] batches = [.. images.Chunk(BatchSize)];
        Task<Prepared[]> next = PrepareAsync(recipe, batches.FirstOrDefault() ?? [], stop);
        for (int b = 0; b < batches.Length; b++)
        {
            stop.ThrowIfCancellationRequested();
            Prepared[] ready = next.GetAwaiter().GetResult();
            if (b + 1 < batches.Length)
                next = PrepareAsync(recipe, batches[b + 1], stop);
            yield return ready;
        }
    }

    /// <summary>Images that are ready, as the networks of their recipe take them before normalisation: (B, 3, H, W) float32 on 0 to 255.</summary>
    public static Tensor Input(IReadOnlyList<Prepared> ready, int size, Device device)
    {
        using var scope = NewDisposeScope();
        int bytes = size * size * 3;
        Tensor pixels = empty([ready.Count, size, size, 3], dtype: ScalarType.Byte); // (B, H, W, 3)
        for (int i = 0; i < ready.Count; i++)
            ready[i].Image!.Image.Pixels.CopyTo(pixels.bytes.Slice(i * bytes, bytes));
        return BatchInput.ToFloat(pixels.to(device)).MoveToOuterDisposeScope();
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
            return new Prepared(id, location, ImageDecoder.Prepare(recipe, location), null);
        }
        catch (GradusException e)
        {
            return new Prepared(id, location, null, e.Message);
        }
    }
}
