using System.IO.MemoryMappedFiles;

namespace Gradus.Imaging;

/// <summary>The file of pixels as it was when mapped; read-only.</summary>
internal sealed unsafe class PixelMap : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private readonly int _slotBytes;

    /// <summary>Maps the file; one that is missing, or shorter than a slot, has no slots.</summary>
    public PixelMap(string path, int slotBytes)
    {
        _slotBytes = slotBytes;
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return;
        }
        Slots = (int)Math.Min(stream.Length / slotBytes, int.MaxValue);
        if (Slots == 0)
        {
            stream.Dispose();
            return;
        }
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, (long)Slots * slotBytes, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    /// <summary>Whole slots in the file.</summary>
    public int Slots { get; }

    /// <summary>The pixels of a slot.</summary>
    public ReadOnlySpan<byte> this[int slot]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(slot);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Slots);
            return new ReadOnlySpan<byte>(_start + (long)slot * _slotBytes, _slotBytes);
        }
    }

    /// <summary>Unmaps; spans handed out must not be read any more.</summary>
    public void Dispose()
    {
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }
}
