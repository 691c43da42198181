using System.Buffers.Binary;
using System.Numerics;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>
/// PyTorch's format before 1.6: five pickles one after the other (a magic number, a version, facts about the machine, the object,
/// the keys of its storages), then each storage as its element count in 8 bytes and its numbers.
/// </summary>
internal sealed class StreamStorages : StorageSource
{
    private const long Version = 1001;
    private const int CountBytes = 8;

    private static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber);

    private readonly FileStream _stream;
    private readonly string _path;
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal); // of the numbers, from the start of the file

    private StreamStorages(string path, FileStream stream) => (_path, _stream) = (path, stream);

    /// <summary>Reads the pickles and checks that the storages fill the rest of the file; on success the source owns the stream.</summary>
    public static (StreamStorages Source, object? Root, IReadOnlyList<string> PassedOver) Open(string path, FileStream stream)
    {
        var input = new PickleInput(stream, stream.Length, path, "");
        var machine = new PickleMachine(input, new PickleBudget(path, stream.Length));
        if (machine.Run() is not BigInteger magic || magic != Magic)
            throw Refusal(path, "holds no weights", "a pickle of something else than PyTorch's tensors", "Give a state dict that PyTorch saved, or a .safetensors file");
        if (machine.Run() is not Version)
            throw Refusal(path, $"has another version of the format than {Version}", null, "Save it again with a newer PyTorch");
        if (machine.Run() is not PickleDict facts || !facts.Items.Exists(item => item is ("little_endian", true)))
            throw Refusal(path, "must have little-endian numbers", null, "Save it again on another machine");
        object? root = machine.Run();
        if (machine.Run() is not PickleList keys)
            throw Refusal(path, "is damaged: it has no list of storages", null, "Get the file again");
        var source = new StreamStorages(path, stream);
        source.Place(keys, machine.Storages, input.Position);
        return (source, root, machine.PassedOver);
    }

    public override void Fill(PickleStorage storage, long skip, IEnumerable<(Tensor Chunk, long Offset)> chunks)
    {
        foreach ((Tensor chunk, long offset) in chunks)
            SafetensorsFile.ReadExactly(_stream, chunk.bytes, _offsets[storage.Key] + skip + offset, _path);
    }

    public override void Dispose() => _stream.Dispose();

    private void Place(PickleList keys, IReadOnlyDictionary<string, PickleStorage> storages, long at)
    {
        Span<byte> count = stackalloc byte[CountBytes];
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !storages.TryGetValue(key, out PickleStorage? storage) || _offsets.ContainsKey(key))
                throw Refusal(_path, "is damaged: its list of storages is not that of its tensors", null, "Get the file again");
            if (_stream.Length - at < CountBytes + storage.Bytes)
                throw Refusal(_path, $"is cut off: the storage '{WeightsEntry.Shown(key)}' needs {CountBytes + storage.Bytes} bytes", $"{_stream.Length - at}", "Get the file again");
            SafetensorsFile.ReadExactly(_stream, count, at, _path);
            long stated = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (stated != storage.Count)
                throw Refusal(_path, $"is damaged: the storage '{WeightsEntry.Shown(key)}' must have {storage.Count} elements", $"{stated}", "Get the file again");
            _offsets.Add(key, at + CountBytes);
            at += CountBytes + storage.Bytes;
        }
        if (_offsets.Count != storages.Count)
            throw Refusal(_path, $"is damaged: it lacks {storages.Count - _offsets.Count} of {storages.Count} storages", null, "Get the file again");
        if (at != _stream.Length)
            throw Refusal(_path, "is damaged: something follows the last storage", $"{_stream.Length - at} bytes", "Get the file again");
    }

    private static GradusException Refusal(string path, string problem, string? found, string remedy) => new(problem, path, found, remedy, Fault.Request);
}
