using System.Buffers.Binary;
using System.Collections.Frozen;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// A safetensors file: an 8-byte little-endian header length, a JSON header, the tensors' bytes (format 0.4, Hugging Face).
/// Opening checks lengths, shapes, types, and that the tensors tile the data without gap or overlap.
/// </summary>
public sealed partial class SafetensorsFile : WeightsFile
{
    /// <summary>The header's key for the string map; no tensor may have this name.</summary>
    public const string MetadataKey = "__metadata__";

    internal const long LongestHeader = 100_000_000;
    internal const int PrefixLength = 8;

    private readonly FileStream _stream;
    private readonly FrozenDictionary<string, long> _offsets; // bytes from the start of the file

    private SafetensorsFile(string path, FileStream stream, SafetensorsLayout layout)
        : base(path, "safetensors", layout.Entries, layout.Metadata)
    {
        _stream = stream;
        _offsets = layout.Offsets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Reads and checks the header; on success the file owns the stream.</summary>
    internal static SafetensorsFile FromStream(string path, FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        ReadExactly(stream, prefix, 0, path);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if ((long)headerLength > stream.Length - PrefixLength)
            throw new GradusException($"is cut off: its header alone takes {headerLength} bytes", path, $"{stream.Length} bytes", "Get the file again", Fault.Request);
        var json = new byte[headerLength];
        ReadExactly(stream, json, PrefixLength, path);
        long dataStart = PrefixLength + (long)headerLength;
        return new SafetensorsFile(path, stream, SafetensorsHeader.Read(path, json, dataStart, stream.Length - dataStart));
    }

    private protected override Tensor Read(WeightsEntry entry)
    {
        Tensor tensor = empty(entry.Shape.AsSpan(), entry.Type, CPU);
        foreach ((Tensor chunk, long at) in Chunks(tensor))
            ReadExactly(_stream, chunk.bytes, _offsets[entry.Name] + at, Path);
        return tensor;
    }

    private protected override void Close() => _stream.Dispose();

    internal static void ReadExactly(FileStream stream, Span<byte> target, long offset, string path)
    {
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(stream.SafeFileHandle, target, offset);
            if (read == 0)
                throw new GradusException("became shorter while it was read", path, $"{offset} bytes", "Get the file again", Fault.Request);
            target = target[read..];
            offset += read;
        }
    }
}
