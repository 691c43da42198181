using System.Collections.Frozen;
using Gradus.Torch.Checkpoints.Pickle;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// A state dict that PyTorch saved, in either of its formats, alone or inside a training checkpoint. The pickle in it is read by
/// a machine that can only make tensors and plain values, so that opening a file of unknown origin executes nothing;
/// objects of
/// other classes outside the state dict are passed over. Tensors may
/// share storages and have strides; they are delivered row-major, each with numbers of its own.
/// </summary>
public sealed class PickleFile : WeightsFile
{
    private readonly StorageSource _source;
    private readonly FrozenDictionary<string, PickleTensor> _views;
    private readonly Dictionary<string, Tensor?> _shared; // storages of several tensors are read once and kept

    private PickleFile(string path, string format, StorageSource source, IReadOnlyList<(string Name, PickleTensor View)> tensors)
        : base(path, format, [.. tensors.Select(t => new WeightsEntry(t.Name, t.View.Storage.Type, t.View.Shape))], FrozenDictionary<string, string>.Empty)
    {
        _source = source;
        _views = tensors.ToFrozenDictionary(t => t.Name, t => t.View, StringComparer.Ordinal);
        _shared = tensors.GroupBy(t => t.View.Storage.Key).Where(g => g.Skip(1).Any()).ToDictionary(g => g.Key, _ => (Tensor?)null, StringComparer.Ordinal);
    }

    /// <summary>Reads the format since PyTorch 1.6; on success the file owns the stream.</summary>
    internal static PickleFile FromZip(string path, FileStream stream, string? key)
    {
        try
        {
            (ZipStorages source, object? root, IReadOnlyList<string> passedOver) = ZipStorages.Open(path, stream);
            return Of(path, "PyTorch zip", source, root, key, passedOver);
        }
        catch (InvalidDataException e)
        {
            throw new GradusException("is a zip archive that is damaged or cut off", path, $"{stream.Length} bytes", "Get the file again", Fault.Request, e);
        }
    }

    /// <summary>Reads the format before PyTorch 1.6; on success the file owns the stream.</summary>
    internal static PickleFile FromStream(string path, FileStream stream, string? key)
    {
        (StreamStorages source, object? root, IReadOnlyList<string> passedOver) = StreamStorages.Open(path, stream);
        return Of(path, "PyTorch before 1.6", source, root, key, passedOver);
    }

    private protected override Tensor Read(WeightsEntry entry)
    {
        PickleTensor view = _views[entry.Name];
        Tensor tensor = empty(view.Shape.AsSpan(), entry.Type, CPU);
        if (entry.Count == 0)
            return tensor;
        bool shared = _shared.ContainsKey(view.Storage.Key);
        if (!shared && view.IsRowMajor)
        {
            _source.Fill(view.Storage, view.Offset * tensor.ElementSize, Chunks(tensor));
            return tensor;
        }
        Tensor all = shared ? Kept(view.Storage) : Whole(view.Storage);
        return tensor.copy_(view.IsRowMajor
            ? all.narrow(0, view.Offset, entry.Count).reshape([.. view.Shape])
            : all.as_strided([.. view.Shape], [.. view.Strides], view.Offset));
    }

    private protected override void Close()
    {
        lock (_shared)
        {
            foreach (Tensor? tensor in _shared.Values)
                tensor?.Dispose();
            _shared.Clear();
        }
        _source.Dispose();
    }

    private static PickleFile Of(
        string path, string format, StorageSource source, object? root, string? key, IReadOnlyList<string> passedOver)
    {
        var found = StateDict.Find(root, path, key);
        string said = found.Key is null ? format : $"{format}, under '{WeightsEntry.Shown(found.Key)}'";
        return new PickleFile(path, said, source, found.Tensors)
        {
            Key = found.Key,
            OtherKeys = found.OtherKeys,
            PassedOver = [.. passedOver],
        };
    }

    private Tensor Kept(PickleStorage storage)
    {
        lock (_shared)
            return _shared[storage.Key] ??= Whole(storage).DetachFromDisposeScope();
    }

    private Tensor Whole(PickleStorage storage)
    {
        Tensor all = empty([storage.Count], storage.Type, CPU); // (n)
        _source.Fill(storage, 0, Chunks(all));
        return all;
    }
}
