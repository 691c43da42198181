using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>Prepared images on disk, found by content hash and recipe.</summary>
public sealed class ImageCache : IDisposable
{
    /// <summary>Opens the cache of a recipe under <paramref name="root"/>; it need not exist yet.</summary>
    public static ImageCache Open(string root, Recipe recipe) => throw new NotImplementedException();

    /// <summary>The recipe.</summary>
    public Recipe Recipe => throw new NotImplementedException();

    /// <summary>The folder of this recipe.</summary>
    public string Folder => throw new NotImplementedException();

    /// <summary>Number of prepared images.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Bytes of an image, size * size * 3.</summary>
    public int SlotBytes => throw new NotImplementedException();

    /// <summary>Prepares what is missing.</summary>
    public PrepareReport Fill(IReadOnlyList<ImageRecord> records, IProgress<WorkProgress>? progress, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Finds an image.</summary>
    public bool TryGetSlot(ContentHash hash, out int slot) => throw new NotImplementedException();

    /// <summary>Copies an image's pixels.</summary>
    public void CopyTo(int slot, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>An image's pixels (size, size, 3), straight from the memory map; valid until the cache is disposed.</summary>
    public ReadOnlySpan<byte> Slot(int slot) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
