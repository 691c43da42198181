using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Imaging;

namespace Gradus.Torch.Prediction;

/// <summary>An image ready for the network, or the reason why it is not.</summary>
internal readonly record struct Prepared(ImageId Id, ContentHash Hash, byte[] Pixels, ImmutableArray<string> Notes, string? Problem);

/// <summary>Prepares images beside the network's work.</summary>
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
}
