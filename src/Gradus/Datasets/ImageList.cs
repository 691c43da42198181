using Gradus.Audit;

namespace Gradus.Datasets;

/// <summary>Images named on a command line: files, folders, or a split of an .npz.</summary>
public static class ImageList
{
    /// <summary>
    /// The images in the order given, those of a folder by name. An image's id is its file name without extension; a slot's is
    /// SPLIT_00012, as everywhere.
    /// </summary>
    /// <param name="paths">Image files, folders (not their sub-folders), or <c>FILE.npz#SPLIT</c>.</param>
    /// <exception cref="GradusException">A path is missing, a folder holds no image, or two images have one id.</exception>
    public static IReadOnlyList<(ImageId Id, ImageLocation Location)> Find(IReadOnlyList<string> paths)
    {
        List<(ImageId Id, ImageLocation Location)> images = [.. paths.SelectMany(Of)];
        if (images.GroupBy(i => i.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException($"two images have the id '{twice.Key}'", twice.First().Location.ToString(), twice.Last().Location.ToString(), "Predict them one after the other", Fault.Request);
        return images;
    }

    /// <summary>
    /// Files of the folders among <paramref name="paths"/> that are passed over, since their names are no images'.
    /// </summary>
    public static IReadOnlyList<string> PassedOver(IReadOnlyList<string> paths) =>
        [.. paths.Where(Directory.Exists).SelectMany(Others).Select(f => Path.GetFileName(f))];

    private static IEnumerable<string> Others(string folder) =>
        Directory.EnumerateFiles(Path.GetFullPath(folder)).Where(f => !ImageFormats.LooksLikeImage(f) && !ImageFolder.IsHidden(f)).Order(StringComparer.Ordinal);

    private static IEnumerable<(ImageId, ImageLocation)> Of(string path)
    {
        if (path.LastIndexOf(".npz#", StringComparison.OrdinalIgnoreCase) is > 0 and var at)
            return Slots(path[..(at + 4)], path[(at + 5)..]);
        if (Directory.Exists(path))
            return InFolder(path);
        if (!File.Exists(path))
            throw new GradusException("there is no such file or folder", path, fault: Fault.Request);
        if (path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
            throw new GradusException("an .npz has several splits", path, remedy: $"Name one: {path}#test", fault: Fault.Request);
        return [(new ImageId(Path.GetFileNameWithoutExtension(path)), new FileLocation(Path.GetFullPath(path)))];
    }

    private static (ImageId, ImageLocation)[] InFolder(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(Path.GetFullPath(folder)).Where(ImageFormats.LooksLikeImage).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            string[] other = [.. Others(folder).Select(f => Path.GetFileName(f))];
            string? found = other.Length > 0 ? $"{other.Length} other files: {AuditFinding.Few(other)}" : null;
            throw new GradusException("the folder holds no images", folder, found, "Give the folder that holds them directly", fault: Fault.Request);
        }
        return [.. files.Select(f => (new ImageId(Path.GetFileNameWithoutExtension(f)), (ImageLocation)new FileLocation(f)))];
    }

    private static (ImageId, ImageLocation)[] Slots(string path, string split)
    {
        string full = Path.GetFullPath(path), key = $"{split}_images";
        int count = NpzSplit.Open(NpzArchive.Open(full), split, mayLackLabels: true).Count;
        return [.. Enumerable.Range(0, count).Select(i => (NpzDatasetReader.Id(split, i), (ImageLocation)new ArraySlot(full, key, i)))];
    }
}
