using Gradus.Audit;

namespace Gradus.Datasets;

/// <summary>Finds the file of an id in a folder of images, and nothing outside that folder.</summary>
internal sealed class ImageFolder
{
    private readonly string _root;
    private readonly string? _extension;
    private readonly Dictionary<string, ILookup<string, string>> _stems = new(StringComparer.Ordinal);
    private readonly Lazy<NameIndex> _index;

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
        _index = new Lazy<NameIndex>(() => new NameIndex(_root, extension));
    }

    /// <summary>
    /// True for what programs leave beside a person's files: names that begin with a dot, and the folder of macOS's
    /// archives.
    /// </summary>
    public static bool IsHidden(string path) => Path.GetFileName(path) is "__MACOSX" or ['.', not '.', ..];

    /// <summary>
    /// Image files below a folder, as full paths in ordinal order, those in hidden folders left out; with
    /// <paramref name="extension"/> also files that have it.
    /// </summary>
    public static IEnumerable<string> Below(string folder, string? extension = null)
    {
        string root = Path.GetFullPath(folder);
        var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true,
            AttributesToSkip = default };
        return Directory.EnumerateFiles(root, "*", all)
            .Where(p => ImageFormats.LooksLikeImage(p)
                || (extension is { Length: > 0 } && p.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
            .Where(p => !Path.GetRelativePath(root, p).Split(Path.DirectorySeparatorChar).Any(IsHidden))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>
    /// The id's file and in what its name differs from the id, or the kind of problem and a clause that says it.
    /// </summary>
    public FoundImage Find(string id)
    {
        if (id.Contains('\0'))
            return FoundImage.None(FindingKind.UnsafeId, "leads out of the folder of images");
        // Checked on the resolved path: "a/../../b" leaves the folder as surely as "../b".
        bool inside = !Path.IsPathRooted(id) && Inside(id + _extension);
        FoundImage strict = inside
            ? Exact(id)
            : FoundImage.None(FindingKind.UnsafeId, "leads out of the folder of images");
        if (strict.Path is not null || strict.Problem == FindingKind.AmbiguousImage)
            return strict;
        (NameDifference difference, IReadOnlyList<string> files) = _index.Value.Find(id);
        if (files.Count == 1)
            return new FoundImage(files[0], difference, default, "");
        if (files.Count > 1)
        {
            string[] names = [.. files.Select(f => Path.GetRelativePath(_root, f))];
            return FoundImage.None(
                FindingKind.AmbiguousImage, $"may mean {names.Length} files: {AuditFinding.Few(names)}");
        }
        if (strict is not { Problem: FindingKind.MissingImage, IsPlain: true }
            || _index.Value.Namesakes(id) is not { Count: > 0 } others)
            return strict;
        return FoundImage.None(
            FindingKind.MissingImage, $"has no image file in {_root}, though {AuditFinding.Few(others)} is there");
    }

    private FoundImage Exact(string id)
    {
        string path = Path.GetFullPath(_root + id + _extension);
        if ((_extension is not null || ImageFormats.LooksLikeImage(id)) && File.Exists(path))
            return FoundImage.At(path);

        string[] alike = [.. Alike(_extension is null ? path : Path.GetFullPath(_root + id))];
        return (_extension, alike) switch
        {
            (null, [string only]) => FoundImage.At(only),
            (null, { Length: > 1 }) => FoundImage.None(
                FindingKind.AmbiguousImage,
                    $"has {alike.Length} files: {AuditFinding.Few([.. alike.Select(Path.GetFileName)])}"),
            (_, [string other, ..]) => FoundImage.None(
                FindingKind.MissingImage,
                    $"has no file '{Path.GetFileName(path)}', though '{Path.GetFileName(other)}' is there"),
            _ when LooksLikeHash(id) =>
                FoundImage.None(FindingKind.HashAsId, "looks like a content hash, and has no image"),
            _ => FoundImage.None(FindingKind.MissingImage, $"has no image file in {_root}") with { IsPlain = true },
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

/// <summary>What became of the search for an id's image.</summary>
/// <param name="Path">The file; null where there is none.</param>
/// <param name="Difference">In what its name differs from the id.</param>
/// <param name="Problem">Why there is no file.</param>
/// <param name="Detail">A clause that says it.</param>
internal sealed record FoundImage(string? Path, NameDifference Difference, FindingKind Problem, string Detail)
{
    /// <summary>True where nothing more is known than that there is no such file.</summary>
    public bool IsPlain { get; init; }

    public static FoundImage At(string path) => new(path, NameDifference.None, default, "");

    public static FoundImage None(FindingKind problem, string detail) =>
        new(null, NameDifference.None, problem, detail);
}
