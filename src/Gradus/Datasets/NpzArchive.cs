using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Compression;
using System.IO.Hashing;

namespace Gradus.Datasets;

/// <summary>A NumPy .npz: a zip of .npy arrays, stored or deflated. Safe for many threads; an array is read once and then kept.</summary>
/// <remarks>An entry's name is only ever a key: nothing is unpacked to disk, so a name such as <c>../x</c> reaches no file.</remarks>
public sealed class NpzArchive
{
    // Deflate cannot do better than 1032 to 1, so an entry that claims more lies about its size.
    private const long BestCompression = 1032;

    // The archives of an experiment: train, validation, test, one external. A fifth pushes out the least recently opened.
    private const int KeptOpen = 4;

    private static readonly Lock OpenGate = new();
    private static readonly LinkedList<NpzArchive> Recent = new();

    private readonly long _length;
    private readonly DateTime _written;
    private readonly ConcurrentDictionary<string, Lazy<NpyArray>> _arrays = new(StringComparer.Ordinal);

    private NpzArchive(string path, FileInfo file, ImmutableArray<string> keys) => (Path, _length, _written, Keys) = (path, file.Length, file.LastWriteTimeUtc, keys);

    /// <summary>The archive's full path.</summary>
    public string Path { get; }

    /// <summary>The arrays' names, in the order of the archive.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Opens an archive, or hands out the one that is already open where the file has not changed since.</summary>
    /// <exception cref="GradusException">The file is missing, cannot be read, or is not a zip.</exception>
    public static NpzArchive Open(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        var file = new FileInfo(full);
        if (!file.Exists)
            throw new GradusException(Directory.Exists(full) ? "is a folder, not an .npz archive" : "the archive is missing", full, remedy: "Name an .npz file", fault: Fault.Request);
        lock (OpenGate)
        {
            NpzArchive? known = Recent.FirstOrDefault(a => a.Path == full);
            if (known is not null)
                Recent.Remove(known);
            NpzArchive archive = known is not null && known._length == file.Length && known._written == file.LastWriteTimeUtc ? known : new NpzArchive(full, file, ReadKeys(full));
            Recent.AddFirst(archive);
            if (Recent.Count > KeptOpen)
                Recent.RemoveLast();
            return archive;
        }
    }

    /// <summary>The array named <paramref name="key"/>, with or without <c>.npy</c>.</summary>
    /// <exception cref="GradusException">There is none, or it is damaged, or of an order or a type that is not read.</exception>
    public NpyArray Get(string key)
    {
        string name = WithoutExtension(key);
        // A failed Lazy keeps its exception: a damaged array is reported each time without being read again.
        return _arrays.GetOrAdd(name, n => new Lazy<NpyArray>(() => Read(n))).Value;
    }

    private NpyArray Read(string key) => Guarded(Path, $"{Path}#{key}", zip =>
    {
        ZipArchiveEntry entry = zip.Entries.FirstOrDefault(e => WithoutExtension(e.FullName) == key)
            ?? throw new GradusException($"there is no array '{key}'", Path, $"it has {string.Join(", ", Keys)}", fault: Fault.Request);
        string where = $"{Path}#{key}";
        if (entry.Length / BestCompression > entry.CompressedLength)
            throw new GradusException("its compressed size cannot hold its stated size", where, $"{entry.CompressedLength} for {entry.Length} bytes");
        using Stream stream = entry.Open();
        var checksum = new Crc32();
        NpyArray array = NpyFormat.Read(new ChecksummedStream(stream, checksum), entry.Length, where);
        return checksum.GetCurrentHashAsUInt32() == entry.Crc32 ? array : throw new GradusException("its checksum does not match: the archive is damaged", where);
    });

    private static ImmutableArray<string> ReadKeys(string path) => Guarded(path, path, zip => zip.Entries.Select(e => WithoutExtension(e.FullName)).ToImmutableArray());

    private static T Guarded<T>(string path, string where, Func<ZipArchive, T> read)
    {
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            return read(zip);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            string? found = e is InvalidDataException ? "a file that is no zip archive, or is cut" : e.Message.TrimEnd('.');
            throw new GradusException("it cannot be read as an .npz", where, found, "Name a MedMNIST archive, or get it again", Fault.Request, e);
        }
    }

    private static string WithoutExtension(string name) => name.EndsWith(".npy", StringComparison.Ordinal) ? name[..^4] : name;
}
