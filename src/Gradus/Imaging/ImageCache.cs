using System.IO.Hashing;
using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>
/// Prepared images on disk, found by content hash and recipe: a folder a recipe under one root. Filling it can be stopped at any
/// moment and goes on where it was; what it serves has been verified. Readers need no lock and may be many.
/// </summary>
public sealed class ImageCache : IDisposable
{
    private readonly CacheFolder _folder;
    private readonly List<PixelMap> _maps = [];
    private readonly Lock _refreshGate = new();
    private volatile Snapshot _snapshot;
    private bool _disposed;

    private ImageCache(CacheFolder folder, Recipe recipe)
    {
        (_folder, Recipe) = (folder, recipe);
        _snapshot = Refresh();
    }

    /// <summary>What the images have been through.</summary>
    public Recipe Recipe { get; }

    /// <summary>The folder of this recipe: the root and the first 16 digits of the recipe's fingerprint.</summary>
    public string Folder => _folder.Path;

    /// <summary>Number of images that can be found.</summary>
    public int Count => _snapshot.Entries.Count;

    /// <summary>Bytes of an image: size * size * 3.</summary>
    public int SlotBytes => _folder.SlotBytes;

    /// <summary>Opens the cache of a recipe. Nothing is written: a folder that is missing, damaged or of another recipe is an empty cache.</summary>
    /// <exception cref="GradusException">The folder is there but cannot be read.</exception>
    public static ImageCache Open(string root, Recipe recipe)
    {
        var folder = new CacheFolder(root, recipe);
        return Guarded(folder, "could not be read", "Choose another folder", () => new ImageCache(folder, recipe));
    }

    /// <summary>
    /// Makes sure that every image of <paramref name="records"/> is there, and whole. Images that cannot be used are reported, never
    /// a reason to stop. Two at a time, in one process or two, take turns, and the second finds the first one's work.
    /// </summary>
    /// <param name="records">Of any sources; the same image may occur often. Those with a hash that is already here are not read again.</param>
    /// <param name="progress">Called from worker threads, one at a time.</param>
    /// <param name="ct">Stops early; what was prepared stays.</param>
    /// <exception cref="GradusException">The disk is full, the folder is read-only, or the like; what was prepared stays.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public PrepareReport Fill(IReadOnlyList<ImageRecord> records, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var filling = new CacheFilling(Recipe, records, progress, ct);
        // What is known to be there needs no lock, so a finished cache may lie on a read-only disk.
        filling.Verify(Verified);
        if (filling.IsComplete)
            return filling.Report();
        return Guarded(_folder, "the cache could not be written", "Free space or choose another folder", () =>
        {
            using IDisposable alone = _folder.Lock(ct);
            _folder.Claim();
            (_snapshot, long indexEnd) = Reload();
            try
            {
                using var writer = new CacheWriter(_folder, indexEnd);
                filling.Prepare(Verified, IsKnown, writer);
            }
            finally
            {
                _snapshot = Refresh();
            }
            return filling.Report();
        });
    }

    /// <summary>Finds an image; the slot stays its own for as long as the cache is open.</summary>
    public bool TryGetSlot(ContentHash hash, out int slot)
    {
        bool found = _snapshot.Entries.TryGetValue(hash.Hex, out CacheEntry? entry);
        slot = entry?.Slot ?? -1;
        return found;
    }

    /// <summary>Copies an image's pixels (size, size, 3) to the start of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than <see cref="SlotBytes"/>.</exception>
    public void CopyTo(int slot, Span<byte> destination) => Slot(slot).CopyTo(destination);

    /// <summary>An image's pixels (size, size, 3), straight from the memory map; not to be read once the cache is disposed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such slot.</exception>
    public ReadOnlySpan<byte> Slot(int slot)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _snapshot.Pixels[slot];
    }

    /// <summary>Unmaps the pixels. What is on disk stays.</summary>
    public void Dispose()
    {
        lock (_refreshGate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _maps.ForEach(m => m.Dispose());
        }
    }

    private static T Guarded<T>(CacheFolder folder, string problem, string remedy, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException(problem, folder.Path, e.Message.TrimEnd('.'), remedy, inner: e);
        }
    }

    private bool IsKnown(ContentHash hash) => _snapshot.Entries.ContainsKey(hash.Hex);

    private CacheEntry? Verified(ContentHash hash)
    {
        Snapshot snapshot = _snapshot;
        return snapshot.Entries.GetValueOrDefault(hash.Hex) is { } entry && XxHash3.HashToUInt64(snapshot.Pixels[entry.Slot]) == entry.Checksum ? entry : null;
    }

    private Snapshot Refresh() => Reload().Snapshot;

    private (Snapshot Snapshot, long IndexEnd) Reload()
    {
        lock (_refreshGate)
        {
            if (!_folder.IsOfRecipe())
                return (new Snapshot([], Map()), 0);
            byte[] index = File.Exists(_folder.Index) ? File.ReadAllBytes(_folder.Index) : [];
            (List<CacheEntry> entries, long end) = CacheIndex.Read(index, _folder.Seed);
            // Mapped after the index was read: whatever a record vouches for was written before it.
            PixelMap pixels = Map();
            var known = new Dictionary<string, CacheEntry>(entries.Count);
            foreach (CacheEntry entry in entries)
            {
                if (entry.Slot >= 0 && entry.Slot < pixels.Slots)
                    known[entry.Hash.Hex] = entry;
            }
            return (new Snapshot(known, pixels), end);
        }
    }

    // Earlier maps stay until the end: spans of them may still be in use.
    private PixelMap Map()
    {
        var map = new PixelMap(_folder.Pixels, SlotBytes);
        _maps.Add(map);
        return map;
    }

    // By the hash in hexadecimal: dictionaries of strings come compiled with the runtime, those of a struct would be compiled at each start.
    private sealed record Snapshot(Dictionary<string, CacheEntry> Entries, PixelMap Pixels);
}
