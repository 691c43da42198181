using Gradus.Audit;

namespace Gradus.Datasets;

/// <summary>Finds the file of an id in a folder of images, and nothing outside that folder.</summary>
internal sealed class ImageFolder
{
    private readonly string _root;
    private readonly string? _extension;
    private readonly Dictionary<string, ILookup<string, string>> _stems = new(StringComparer.Ordinal);

    /// <param name="folder">The folder; may be a link to one.</param>
    /// <param name="extension">Appended to ids; empty where ids are file names; null where it is found by looking.</param>
    /// <exception cref="GradusException">There is no such folder.</exception>
    public ImageFolder(string folder, string? extension)
    {
        if (!Directory.Exists(folder))
            throw new GradusException("the folder of images does not exist", folder, remedy: "Correct 'images' of the source", fault: Fault.Request);
        string full = Path.GetFullPath(folder);
        _root = Path.EndsInDirectorySeparator(full) ? full : full + Path.DirectorySeparatorChar;
        _extension = extension;
    }

    /// <summary>The id's file, or the kind of problem and a clause that says it.</summary>
    public (string? Path, FindingKind Problem, string Detail) Find(string id)
    {
        // Checked on the resolved path: "a/../../b" leaves the folder as surely as "../b".
        if (id.Contains('\0') || Path.IsPathRooted(id) || !Inside(id + _extension))
            return (null, FindingKind.UnsafeId, "leads out of the folder of images");
        string path = Path.GetFullPath(_root + id + _extension);
        if ((_extension is not null || ImageFormats.LooksLikeImage(id)) && File.Exists(path))
            return (path, default, "");

        string[] alike = [.. Alike(_extension is null ? path : Path.GetFullPath(_root + id))];
        return (_extension, alike) switch
        {
            (null, [string only]) => (only, default, ""),
            (null, { Length: > 1 }) => (null, FindingKind.AmbiguousImage, $"has {alike.Length} files: {AuditFinding.Few([.. alike.Select(Path.GetFileName)])}"),
            (_, [string other, ..]) => (null, FindingKind.MissingImage, $"has no file '{Path.GetFileName(path)}', though '{Path.GetFileName(other)}' is there"),
            _ when LooksLikeHash(id) => (null, FindingKind.HashAsId, "looks like a content hash, and has no image"),
            _ => (null, FindingKind.MissingImage, $"has no image file in {_root}"),
        };
    }

    private bool Inside(string name)
    {
        string full = Path.GetFullPath(_root + name);
        return full.Length > _root.Length && full.StartsWith(_root, StringComparison.Ordinal);
    }

    /// <summary>Image files beside <paramref name="path"/> with its name as their stem; each folder is listed once.</summary>
    private IEnumerable<string> Alike(string path)
    {
        if (!path.StartsWith(_root, StringComparison.Ordinal))
            return [];
        string folder = Path.GetDirectoryName(path)!;
        if (!_stems.TryGetValue(folder, out ILookup<string, string>? stems))
        {
            IEnumerable<string> files = Directory.Exists(folder)
                ? Directory.EnumerateFiles(folder).Where(ImageFormats.LooksLikeImage).Order(StringComparer.Ordinal)
                : [];
            _stems[folder] = stems = files.ToLookup(f => Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal);
        }
        return stems[Path.GetFileName(path)];
    }

    private static bool LooksLikeHash(string id) => id.Length == 64 && id.All(char.IsAsciiHexDigit);
}
