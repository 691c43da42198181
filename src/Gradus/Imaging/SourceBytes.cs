using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>An image's bytes as they were found, read once for hashing and decoding alike.</summary>
internal sealed class SourceBytes : IDisposable
{
    private readonly byte[] _array;
    private readonly int _start;
    private readonly int _length;
    private readonly bool _rented;
    private ContentHash? _hash;

    private SourceBytes(ImageLocation location, byte[] array, int start, int length, bool rented) =>
        (Location, _array, _start, _length, _rented) = (location, array, start, length, rented);

    /// <summary>Where they are.</summary>
    public ImageLocation Location { get; }

    /// <summary>(H, W) or (H, W, 3) where the bytes are the pixels of an array's slot; empty where they are a file's.</summary>
    public ReadOnlyMemory<int> SlotShape { get; private init; }

    /// <summary>The bytes; gone once disposed.</summary>
    public ReadOnlySpan<byte> Span => _array.AsSpan(_start, _length);

    /// <summary>SHA-256 of a file's bytes, or of a slot's shape as NumPy writes it and its bytes.</summary>
    public ContentHash Hash => _hash ??= ComputeHash();

    /// <summary>Reads the bytes.</summary>
    /// <exception cref="GradusException">They are missing, empty, or cannot be read.</exception>
    public static SourceBytes Read(ImageLocation location) => location switch
    {
        FileLocation file => ReadFile(file),
        ArraySlot slot => ReadSlot(slot),
        _ => throw new ArgumentOutOfRangeException(nameof(location)),
    };

    /// <summary>Hands the buffer back.</summary>
    public void Dispose()
    {
        if (_rented)
            ArrayPool<byte>.Shared.Return(_array);
    }

    private static SourceBytes ReadFile(FileLocation location)
    {
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(location.Path, options: FileOptions.SequentialScan);
            long length = RandomAccess.GetLength(file);
            if (length == 0)
                throw Unusable(location, "empty (0 bytes)");
            if (length > Array.MaxLength)
                throw Unusable(location, $"{length} bytes, more than an image file may have");
            byte[] bytes = ArrayPool<byte>.Shared.Rent((int)length);
            int filled = 0;
            for (int read; filled < length && (read = RandomAccess.Read(file, bytes.AsSpan(filled, (int)length - filled), filled)) > 0;)
                filled += read;
            return new SourceBytes(location, bytes, 0, filled, rented: true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unusable(location, "missing", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unusable(location, $"unreadable: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static SourceBytes ReadSlot(ArraySlot slot)
    {
        NpyArray array = NpzArchive.Open(slot.Path).Get(slot.Key);
        SlotLayout layout;
        try
        {
            layout = SlotLayout.Of(array, slot.ToString());
        }
        catch (GradusException e)
        {
            throw Unusable(slot, $"not images: {array.Described}, where {e.Problem}", e);
        }
        if (slot.Index < 0 || slot.Index >= array.Shape[0])
            throw Unusable(slot, $"missing: the array has {array.Shape[0]} images");
        int length = array.Data.Length / array.Shape[0];
        if (length == 0)
            throw Unusable(slot, "empty (0 bytes)");
        (byte[] pixels, int start) = layout.Upright(array.Data, slot.Index * length);
        return new SourceBytes(slot, pixels, start, length, rented: false) { SlotShape = layout.Shape.AsMemory() };
    }

    private static GradusException Unusable(ImageLocation location, string problem, Exception? inner = null) => new(problem, location.ToString(), inner: inner);

    private ContentHash ComputeHash()
    {
        if (SlotShape.IsEmpty)
            return ContentHash.Of(Span);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"({string.Join(", ", SlotShape.ToArray())})"));
        hash.AppendData(Span);
        return new ContentHash(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
