using System.IO.Hashing;
using Gradus.Datasets;
using Microsoft.Win32.SafeHandles;

namespace Gradus.Imaging;

/// <summary>
/// Adds images to a cache from many threads. An index record is written only once the pixels that it vouches for are on disk, in
/// batches and beside the work, since reaching the disk takes as long for one image as for many, and no processor.
/// </summary>
internal sealed class CacheWriter : IDisposable
{
    private const int Batch = 16;

    private readonly CacheFolder _folder;
    private readonly SafeFileHandle _pixels;
    private readonly SafeFileHandle _index;
    private readonly Lock _pendingGate = new();
    private List<CacheEntry> _pending = [];
    private Task _background = Task.CompletedTask;
    private long _indexEnd;
    private int _nextSlot;

    /// <summary>Opens both files. Only the holder of the folder's lock may do so.</summary>
    public CacheWriter(CacheFolder folder, long indexEnd)
    {
        (_folder, _indexEnd) = (folder, indexEnd);
        _pixels = File.OpenHandle(folder.Pixels, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _index = File.OpenHandle(folder.Index, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        // A torn tail goes, so that records stay on their grid; pixels without a record stay, since someone may have them mapped.
        if (RandomAccess.GetLength(_index) > indexEnd)
            RandomAccess.SetLength(_index, indexEnd);
        _nextSlot = checked((int)((RandomAccess.GetLength(_pixels) + folder.SlotBytes - 1) / folder.SlotBytes));
    }

    /// <summary>Writes an image's pixels to a slot of their own.</summary>
    public void Add(ContentHash hash, ReadOnlySpan<byte> pixels, string note)
    {
        int slot = Interlocked.Increment(ref _nextSlot) - 1;
        RandomAccess.Write(_pixels, pixels, (long)slot * _folder.SlotBytes);
        var entry = new CacheEntry(hash, slot, XxHash3.HashToUInt64(pixels), note);
        lock (_pendingGate)
        {
            _pending.Add(entry);
            if (_pending.Count < Batch || !_background.IsCompleted)
                return;
            // Throws what the last batch met: a full disk.
            _background.GetAwaiter().GetResult();
            _background = Task.Run(CommitPending);
        }
    }

    /// <summary>Brings everything added to disk. Call it when all have been added.</summary>
    public void Commit()
    {
        _background.GetAwaiter().GetResult();
        CommitPending();
    }

    /// <summary>Closes the files without committing.</summary>
    public void Dispose()
    {
        Task.WaitAny(_background);
        _pixels.Dispose();
        _index.Dispose();
    }

    /// <summary>Pixels first; only then the records that vouch for them.</summary>
    private void CommitPending()
    {
        List<CacheEntry> batch;
        lock (_pendingGate)
            (batch, _pending) = (_pending, []);
        if (batch.Count == 0)
            return;
        RandomAccess.FlushToDisk(_pixels);
        byte[] records = new byte[batch.Count * CacheIndex.RecordBytes];
        for (int i = 0; i < batch.Count; i++)
            CacheIndex.Write(batch[i], _folder.Seed, records.AsSpan(i * CacheIndex.RecordBytes, CacheIndex.RecordBytes));
        RandomAccess.Write(_index, records, _indexEnd);
        RandomAccess.FlushToDisk(_index);
        _indexEnd += records.Length;
    }
}
