using System.Buffers.Binary;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>
/// Looks over the directory of a zip archive before .NET reads it, which would make an object of every member however many there
/// are, and for a method that PyTorch does not use a decoder with a large window (PKWARE's APPNOTE, 4.3.12 to 4.3.16).
/// </summary>
internal static class ZipDirectory
{
    private const ulong MostMembers = 1 << 16;
    private const int EndBytes = 22;
    private const int LongestComment = ushort.MaxValue;
    private const int LocatorBytes = 20;
    private const int End64Bytes = 56;
    private const int MemberBytes = 46;
    private const ushort Stored = 0;
    private const ushort Deflated = 8;

    /// <summary>Refuses an archive of too many members, or of members that are neither stored nor deflated, or encrypted.</summary>
    /// <exception cref="InvalidDataException">The directory is damaged.</exception>
    public static void Check(string path, FileStream stream)
    {
        (ulong members, ulong at) = End(path, stream);
        if (members > MostMembers)
            throw new GradusException($"must have at most {MostMembers} members", path, $"a zip archive of {members}", "Save the tensors of one network alone", Fault.Request);
        Span<byte> member = stackalloc byte[MemberBytes];
        for (; members > 0; members--)
        {
            Read(path, stream, member, at);
            if (!member.StartsWith("PK\x01\x02"u8))
                throw new InvalidDataException();
            bool encrypted = (member[8] & 1) != 0;
            if (encrypted || BinaryPrimitives.ReadUInt16LittleEndian(member[10..]) is not (Stored or Deflated))
                throw new GradusException("must have members that are stored or deflated", path, encrypted ? "an encrypted archive" : "another compression", "Save it again with PyTorch", Fault.Request);
            at += MemberBytes;
            for (int length = 28; length <= 32; length += 2) // of name, extra field and comment
                at += BinaryPrimitives.ReadUInt16LittleEndian(member[length..]);
        }
    }

    /// <summary>How many members there are and where the directory begins, from the last record or its 64-bit twin.</summary>
    private static (ulong Members, ulong At) End(string path, FileStream stream)
    {
        var tail = new byte[Math.Min(stream.Length, EndBytes + LongestComment)];
        Read(path, stream, tail, (ulong)(stream.Length - tail.Length));
        int end = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        if (end < 0 || tail.Length - end < EndBytes)
            throw new InvalidDataException();
        ushort members = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 10));
        uint at = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        if ((members != ushort.MaxValue && at != uint.MaxValue) || end < LocatorBytes || !tail.AsSpan(end - LocatorBytes).StartsWith("PK\x06\x07"u8))
            return (members, at);
        Span<byte> end64 = stackalloc byte[End64Bytes];
        Read(path, stream, end64, BinaryPrimitives.ReadUInt64LittleEndian(tail.AsSpan(end - LocatorBytes + 8)));
        return (BinaryPrimitives.ReadUInt64LittleEndian(end64[32..]), BinaryPrimitives.ReadUInt64LittleEndian(end64[48..]));
    }

    private static void Read(string path, FileStream stream, Span<byte> target, ulong at)
    {
        if (at > (ulong)stream.Length || (ulong)stream.Length - at < (ulong)target.Length)
            throw new InvalidDataException();
        SafetensorsFile.ReadExactly(stream, target, (long)at, path);
    }
}
