using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// A safetensors file: an 8-byte little-endian header length, a JSON header, the tensors' bytes (format 0.4, Hugging Face). The
/// header is read and wholly checked when the file is opened; each tensor's bytes are read when it is asked for. Reading is
/// thread-safe.
/// </summary>
public sealed partial class SafetensorsFile : WeightsFile
{
    /// <summary>The header's key for the string map; no tensor may have this name.</summary>
    public const string MetadataKey = "__metadata__";

    private const long LongestHeader = 100_000_000;
    private const int PrefixLength = 8;
    private const int ChunkBytes = 1 << 24;

    private readonly SafeFileHandle _handle;
    private readonly FrozenDictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(string path, SafeFileHandle handle, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
        : base(path)
    {
        _handle = handle;
        _entries = entries.ToFrozenDictionary(e => e.Name, StringComparer.Ordinal);
        Names = [.. entries.Select(e => e.Name)];
        Metadata = metadata;
    }

    /// <inheritdoc/>
    public override string Format => "safetensors";

    /// <summary>All names in the order of the header.</summary>
    public override ImmutableArray<string> Names { get; }

    /// <summary>The string map of the header; empty where it has none.</summary>
    public override IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Shape, type and place of a tensor.</summary>
    /// <exception cref="GradusException">There is no tensor of this name.</exception>
    public override SafetensorsEntry this[string name] => _entries.TryGetValue(name, out SafetensorsEntry? entry) ? entry : throw NoTensor(name);

    /// <summary>Opens a file and checks its header: lengths, shapes, types, and that the tensors tile the data without gap or overlap.</summary>
    /// <exception cref="GradusException">The file cannot be read or its header is wrong; the message names the tensor.</exception>
    public static new SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
            (IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata) = ReadHeader(path, handle);
            var file = new SafetensorsFile(path, handle, entries, metadata);
            handle = null; // the file owns it now
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>True where the file holds a tensor of this name.</summary>
    public override bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Reads one tensor onto the CPU, row-major, with the file's shape and type.</summary>
    /// <exception cref="GradusException">No such tensor, the file shrank since it was opened, or a truth value is neither 0 nor 1.</exception>
    public override Tensor Load(string name)
    {
        SafetensorsEntry entry = this[name];
        using var scope = NewDisposeScope();
        try
        {
            Tensor tensor = empty(entry.Shape.AsSpan(), entry.Type, CPU);
            foreach ((Tensor chunk, long at) in Chunks(tensor))
                ReadExactly(_handle, chunk.bytes, entry.Offset + at, Path);
            if (entry.Type == ScalarType.Bool && entry.Length > 0 && !HoldsTruthValues(tensor))
                throw new GradusException($"'{SafetensorsHeader.Shown(name)}' has truth values other than 0 and 1", Path, remedy: "Get the file again");
            return tensor.MoveToOuterDisposeScope();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(Path, e);
        }
        catch (ExternalException e)
        {
            throw new GradusException($"'{SafetensorsHeader.Shown(name)}' could not be made", Path, $"{entry.Length} bytes, {e.Message.Split('\n')[0]}", "Free memory", inner: e);
        }
    }

    /// <summary>Closes the file; tensors that were loaded stay.</summary>
    public override void Dispose() => _handle.Dispose();

    private static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata) ReadHeader(string path, SafeFileHandle handle)
    {
        long length = RandomAccess.GetLength(handle);
        if (length < PrefixLength)
            throw new GradusException("is too short for a safetensors file", path, $"{length} bytes", "Get the file again", Fault.Request);
        Span<byte> prefix = stackalloc byte[PrefixLength];
        ReadExactly(handle, prefix, 0, path);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > LongestHeader || (long)headerLength > length - PrefixLength)
            throw new GradusException($"is no safetensors file: its header would take {headerLength} bytes", path, $"a file of {length} bytes", "Give a .safetensors file, or get it again", Fault.Request);
        var json = new byte[headerLength];
        ReadExactly(handle, json, PrefixLength, path);
        long dataStart = PrefixLength + (long)headerLength;
        return SafetensorsHeader.Read(path, json, dataStart, length - dataStart);
    }

    // A span holds at most 2 GiB, a tensor may be larger.
    private static IEnumerable<(Tensor Chunk, long Offset)> Chunks(Tensor contiguous)
    {
        using Tensor flat = contiguous.reshape(-1); // (n), a view
        long size = contiguous.ElementSize, step = ChunkBytes / size;
        for (long start = 0; start < flat.numel(); start += step)
        {
            using Tensor chunk = flat.narrow(0, start, Math.Min(step, flat.numel() - start));
            yield return (chunk, start * size);
        }
    }

    private static bool HoldsTruthValues(Tensor tensor)
    {
        foreach ((Tensor chunk, _) in Chunks(tensor))
        {
            if (chunk.bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
                return false;
        }
        return true;
    }

    private static void ReadExactly(SafeFileHandle handle, Span<byte> target, long offset, string path)
    {
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(handle, target, offset);
            if (read == 0)
                throw new GradusException("became shorter while it was read", path, $"{offset} bytes", "Get the file again");
            target = target[read..];
            offset += read;
        }
    }
}
