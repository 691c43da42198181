using System.Text.RegularExpressions;

namespace Gradus.Datasets;

/// <summary>In what an id differs from the name of its file; each of them forgives what stands before it too.</summary>
internal enum NameDifference
{
    /// <summary>In nothing.</summary>
    None,

    /// <summary>
    /// Backslashes, the folder's own name or an absolute path, or accents written apart from their letters.
    /// </summary>
    Notation,

    /// <summary>The extension, or the letter case of the extension.</summary>
    Extension,

    /// <summary>The letter case of the name.</summary>
    LetterCase,

    /// <summary>Zeros before a number, which spreadsheets drop: 7 for 007.</summary>
    LeadingZeros,
}

/// <summary>The image files below a folder, found by ids that are not written exactly as the files are named.</summary>
internal sealed partial class NameIndex
{
    private static readonly NameDifference[] Differences =
        [NameDifference.Notation, NameDifference.Extension, NameDifference.LetterCase, NameDifference.LeadingZeros];

    private readonly Dictionary<(NameDifference Difference, string Name), List<string>> _files = [];
    private readonly Dictionary<string, List<string>> _anywhere = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _root, _name;
    private readonly string? _extension;

    /// <param name="root">The folder, with its last separator.</param>
    /// <param name="extension">What is appended to ids; null where a file may have any extension of an image.</param>
    public NameIndex(string root, string? extension)
    {
        (_root, _extension) = (root, extension);
        _name = ComposedText.Of(Path.GetFileName(Path.TrimEndingDirectorySeparator(root)));
        foreach (string path in ImageFolder.Below(root, extension))
        {
            string name = Slashes(Path.GetRelativePath(root, path));
            foreach (NameDifference difference in Differences)
            {
                Add((difference, Key(difference, name)), path);
                if (extension is null && Key(difference, Stem(name)) is var stem && stem != Key(difference, name))
                    Add((difference, stem), path);
            }
            if (!_anywhere.TryGetValue(Bare(name), out List<string>? namesakes))
                _anywhere.Add(Bare(name), namesakes = []);
            namesakes.Add(path);
        }
    }

    /// <summary>
    /// The files that the id may mean at the first difference at which there are any; several where it does not say
    /// which.
    /// </summary>
    public (NameDifference Difference, IReadOnlyList<string> Files) Find(string id)
    {
        string[] names = [.. Names(Slashes(id)).Select(n => n + _extension)];
        foreach (NameDifference difference in Differences)
        {
            IEnumerable<string> keys = names.Select(n => Key(difference, n));
            if (difference >= NameDifference.Extension && _extension is null)
                keys = keys.Concat(names.Where(ImageFormats.LooksLikeImage).Select(n => Key(difference, Stem(n))));
            else if (difference >= NameDifference.Extension && _extension is { Length: > 0 })
                keys = keys.Concat(Names(Slashes(id)).Where(HasExtension).Select(n => Key(difference, n)));
            string[] files = [
                .. keys.Distinct().SelectMany(k => _files.GetValueOrDefault((difference, k)) ?? []).Distinct()];
            if (files.Length > 0)
                return (difference, files);
        }
        return (NameDifference.None, []);
    }

    /// <summary>
    /// Files of the same name in any folder and with any extension, below the folder: for a remedy, never to be read.
    /// </summary>
    public IReadOnlyList<string> Namesakes(string id) =>
        [.. (_anywhere.GetValueOrDefault(Bare(Slashes(id))) ?? []).Select(p => Path.GetRelativePath(_root, p))];

    private void Add((NameDifference, string) key, string path)
    {
        if (!_files.TryGetValue(key, out List<string>? files))
            _files.Add(key, files = []);
        files.Add(path);
    }

    /// <summary>
    /// The id, and what is left of it behind each mention of the folder: train/im1 in the folder train.
    /// </summary>
    private IEnumerable<string> Names(string id)
    {
        yield return id.StartsWith("./", StringComparison.Ordinal) ? id[2..] : id;
        string[] steps = id.Split('/');
        for (int i = 0; i < steps.Length - 1; i++)
        {
            if (steps[i] == _name)
                yield return string.Join('/', steps[(i + 1)..]);
        }
    }

    private bool HasExtension(string name) => name.EndsWith(_extension!, StringComparison.OrdinalIgnoreCase);

    private static string Key(NameDifference difference, string name) => difference switch
    {
        NameDifference.Notation => name,
        NameDifference.Extension => Stem(name) + Path.GetExtension(name).ToLowerInvariant(),
        NameDifference.LetterCase => name.ToLowerInvariant(),
        _ => LeadingZeros().Replace(name.ToLowerInvariant(), ""),
    };

    private static string Slashes(string name) => ComposedText.Of(name.Replace('\\', '/'));

    private static string Stem(string name) => name[..^Path.GetExtension(name).Length];

    private static string Bare(string name)
    {
        string last = name[(name.LastIndexOf('/') + 1)..];
        return ImageFormats.LooksLikeImage(last) ? Stem(last) : last;
    }

    [GeneratedRegex("(?<![0-9])0+(?=[0-9])")]
    private static partial Regex LeadingZeros();
}
