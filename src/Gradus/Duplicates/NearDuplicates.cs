using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Duplicates;

/// <summary>
/// Finds images that show the same picture although their bytes differ: compressed again, resized, cropped to the disc, made brighter,
/// turned or mirrored.
/// </summary>
public static class NearDuplicates
{
    private const int Reports = 200;

    /// <summary>
    /// Reads every image and compares them. Images that cannot be read are listed and stop nothing. Memory is 2.5 KB an image, and
    /// 40 bytes a pair; pairs grow with the square of the images that show one picture.
    /// </summary>
    /// <exception cref="ArgumentException">Two records have the same key.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static NearDuplicateReport Find(
        IReadOnlyList<ImageRecord> images, NearDuplicateOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var fingerprinted = new FingerprintedImage?[images.Count];
        var unreadable = new UnreadableImage?[images.Count];
        int done = 0, every = Math.Max(1, images.Count / Reports);
        Parallel.For(0, images.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct, TaskScheduler = TaskScheduler.Current }, i =>
        {
            ImageKey key = ImageKey.Of(images[i]);
            try
            {
                fingerprinted[i] = new FingerprintedImage(key, Fingerprint.Of(images[i].Location), images[i].Hash);
            }
            catch (GradusException e)
            {
                unreadable[i] = new UnreadableImage(key, e.Problem);
            }
            int now = Interlocked.Increment(ref done);
            if (now % every == 0 || now == images.Count)
                progress?.Report(new WorkProgress("fingerprint", now, images.Count, "images"));
        });
        return Among([.. fingerprinted.OfType<FingerprintedImage>()], options, progress, ct) with
        {
            Unreadable = [.. unreadable.OfType<UnreadableImage>().OrderBy(u => u.Image)],
        };
    }

    /// <summary>Compares images whose fingerprints are known.</summary>
    /// <exception cref="ArgumentException">Two images have the same key.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static NearDuplicateReport Among(
        IReadOnlyList<FingerprintedImage> images, NearDuplicateOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        options ??= new NearDuplicateOptions();
        FingerprintedImage[] sorted = [.. images.OrderBy(i => i.Key)];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Key == sorted[i - 1].Key)
                throw new ArgumentException($"two images have the key {sorted[i].Key}", nameof(images));
        }

        // One image stands for all of the same bytes.
        IGrouping<object, FingerprintedImage>[] contents = [.. sorted.Where(i => !i.Fingerprint.IsBlank).GroupBy(i => i.Hash is { } hash ? (object)hash : i.Key)];
        ImageKey[] keys = [.. contents.Select(c => c.First().Key)];
        Fingerprint[] fingerprints = [.. contents.Select(c => c.First().Fingerprint)];

        var search = new PairSearch(fingerprints, options);
        SimilarPair[] pairs = search.Run(progress, ct);
        return new NearDuplicateReport
        {
            Options = options,
            Images = sorted.Length,
            Pairs = [.. pairs.Select(p => new NearDuplicatePair(keys[p.First], keys[p.Second], p.Distance, p.Similarity, p.Orientation))],
            Groups = [.. DuplicateGroups.Of(pairs, search.AreSimilar).Select(g => Group(g.Representative, g.Members)).OrderBy(g => g.Images[0])],
            Blank = [.. sorted.Where(i => i.Fingerprint.IsBlank).Select(i => i.Key)],
            Unreadable = [],
        };

        NearDuplicateGroup Group(int representative, int[] members) =>
            new(keys[representative], [.. members.SelectMany(m => contents[m]).Select(i => i.Key).Order()]);
    }
}
