using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>What the index knows of one prepared image.</summary>
/// <param name="Hash">Of the source bytes.</param>
/// <param name="Slot">Its place in the file of pixels.</param>
/// <param name="Checksum">XxHash3 of its pixels.</param>
/// <param name="Note">The notes of its preparation, joined; empty where there are none.</param>
internal sealed record CacheEntry(ContentHash Hash, int Slot, ulong Checksum, string Note);

/// <summary>
/// The index file of a cache: records of one size, each with its own checksum, appended and never changed. The checksum is seeded
/// with the recipe, so that a record of another recipe is no record here. Of two records of a hash the later one holds.
/// </summary>
internal static class CacheIndex
{
    /// <summary>Bytes of a record: hash 32, slot 4, length of the note 4, checksum of the pixels 8, note 72, checksum of the record 8.</summary>
    public const int RecordBytes = 128;

    private const int SlotAt = 32;
    private const int NoteLengthAt = 36;
    private const int ChecksumAt = 40;
    private const int NoteAt = 48;
    private const int SealAt = 120;

    /// <summary>Reads every whole record; what is torn, damaged or of another recipe is passed over.</summary>
    /// <returns>The entries, and where the next record goes: behind the last good one.</returns>
    public static (List<CacheEntry> Entries, long End) Read(ReadOnlySpan<byte> file, long seed)
    {
        var entries = new List<CacheEntry>(file.Length / RecordBytes);
        long end = 0;
        for (int at = 0; at <= file.Length - RecordBytes; at += RecordBytes)
        {
            if (Parse(file.Slice(at, RecordBytes), seed) is not { } entry)
                continue;
            entries.Add(entry);
            end = at + RecordBytes;
        }
        return (entries, end);
    }

    /// <summary>Writes one record.</summary>
    public static void Write(CacheEntry entry, long seed, Span<byte> record)
    {
        record.Clear();
        entry.Hash.ToBytes().CopyTo(record);
        BinaryPrimitives.WriteInt32LittleEndian(record[SlotAt..], entry.Slot);
        BinaryPrimitives.WriteUInt64LittleEndian(record[ChecksumAt..], entry.Checksum);
        // A note too long for its field loses its end, by whole characters.
        Encoding.UTF8.GetEncoder().Convert(entry.Note, record[NoteAt..SealAt], flush: true, out _, out int noteLength, out _);
        BinaryPrimitives.WriteInt32LittleEndian(record[NoteLengthAt..], noteLength);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SealAt..], XxHash3.HashToUInt64(record[..SealAt], seed));
    }

    private static CacheEntry? Parse(ReadOnlySpan<byte> record, long seed)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(record[SealAt..]) != XxHash3.HashToUInt64(record[..SealAt], seed))
            return null;
        int slot = BinaryPrimitives.ReadInt32LittleEndian(record[SlotAt..]), noteLength = BinaryPrimitives.ReadInt32LittleEndian(record[NoteLengthAt..]);
        return new CacheEntry(
            new ContentHash(Convert.ToHexStringLower(record[..SlotAt])), slot, BinaryPrimitives.ReadUInt64LittleEndian(record[ChecksumAt..]), Encoding.UTF8.GetString(record.Slice(NoteAt, noteLength)));
    }
}
