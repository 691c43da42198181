namespace Gradus.Datasets;

/// <summary>
/// A split of an archive of images: SPLIT_images and SPLIT_labels, both checked. What this accepts, everything reads.
/// </summary>
internal sealed class NpzSplit
{
    private NpzSplit(NpyArray images, NpyArray? labels) => (Images, Labels) = (images, labels);

    /// <summary>The images.</summary>
    public NpyArray Images { get; }

    /// <summary>A label for each image, (N) or (N, 1); null where a test set has none.</summary>
    public NpyArray? Labels { get; }

    /// <summary>N.</summary>
    public int Count => Images.Shape[0];

    /// <summary>Opens a split.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="split">The name before <c>_images</c>.</param>
    /// <param name="mayLackLabels">True for a test set.</param>
    /// <exception cref="GradusException">An array is missing, or of a shape or type that is not read (fault:
    /// request).</exception>
    public static NpzSplit Open(NpzArchive archive, string split, bool mayLackLabels)
    {
        string labelsKey = $"{split}_labels";
        NpyArray images = Array(archive, $"{split}_images");
        _ = SlotLayout.Of(images, $"{archive.Path}#{split}_images");
        NpyArray? labels = mayLackLabels && !archive.Keys.Contains(labelsKey) ? null : Array(archive, labelsKey);
        int count = images.Shape[0];
        if (labels is not null && (labels.Shape is not ([_] or [_, 1]) || labels.Shape[0] != count))
        {
            throw new GradusException(
                $"there is one label for each of the {count} images, of shape ({count}, 1)",
                $"{archive.Path}#{labelsKey}",
                labels.Described,
                fault: Fault.Request
            );
        }
        return new NpzSplit(images, labels);
    }

    private static NpyArray Array(NpzArchive archive, string key)
    {
        if (archive.Keys.Contains(key))
            return archive.Get(key);
        string[] splits =
        [
            .. archive
                .Keys.Where(k => k.EndsWith("_images", StringComparison.Ordinal))
                .Select(k => k[..^"_images".Length]),
        ];
        throw new GradusException(
            $"there is no array '{key}'",
            archive.Path,
            string.Join(", ", archive.Keys.Take(20)),
            $"Splits with images here: {(splits.Length == 0 ? "none" : string.Join(", ", splits))}",
            Fault.Request
        );
    }
}
