using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace Gradus.Torch.Exports;

/// <summary>
/// An event as TensorBoard's files hold it: the length (8 bytes), its checksum (4), the event, its checksum (4), all little-endian. Checksums are
/// CRC-32C, turned by 15 bits and moved by a constant (tensorflow/core/lib/hash/crc32c.h).
/// </summary>
internal static class EventRecord
{
    private const uint Moved = 0xA282EAD8;

    public static void Append(Stream stream, Event happened)
    {
        byte[] data = happened.ToByteArray();
        Span<byte> length = stackalloc byte[8], sum = stackalloc byte[4];
        BinaryPrimitives.WriteInt64LittleEndian(length, data.Length);
        stream.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(sum, Checksum(length));
        stream.Write(sum);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(sum, Checksum(data));
        stream.Write(sum);
    }

    /// <summary>The masked checksum.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + Moved;
    }
}
