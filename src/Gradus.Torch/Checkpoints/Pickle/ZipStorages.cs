using System.IO.Compression;
using System.Text;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>PyTorch's format since 1.6: a zip archive of <c>NAME/data.pkl</c> and <c>NAME/data/KEY</c>, stored or deflated.</summary>
internal sealed class ZipStorages : StorageSource
{
    private const string PickleName = "data.pkl";
    private const int SkipBytes = 1 << 16;

    private readonly ZipArchive _archive; // not thread-safe, hence the lock
    private readonly string _path;
    private readonly string _root;

    private ZipStorages(ZipArchive archive, string path, string root) => (_archive, _path, _root) = (archive, path, root);

    /// <summary>Reads the pickle and checks every storage against its member; on success the source owns the stream.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public static (ZipStorages Source, object? Root, IReadOnlyList<string> PassedOver) Open(string path, FileStream stream)
    {
        ZipDirectory.Check(path, stream);
        var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        ZipArchiveEntry[] pickles = [.. archive.Entries.Where(e => e.Name == PickleName)];
        if (pickles.Length != 1)
            throw Refusal(path, "holds no weights", $"a zip archive with {pickles.Length} members named {PickleName}", "Give a state dict that PyTorch saved, or a .safetensors file");
        var source = new ZipStorages(archive, path, pickles[0].FullName[..^PickleName.Length]);
        if (source.Member("constants.pkl") is not null)
            throw Refusal(path, "holds a program beside its weights", "a TorchScript archive", "Save the tensors alone: torch.save(torch.jit.load(path).state_dict(), other)");
        source.CheckByteOrder();

        var budget = new PickleBudget(path, stream.Length);
        budget.Declare(pickles[0].Length, PickleName);
        using Stream pickle = pickles[0].Open();
        var machine = new PickleMachine(new PickleInput(pickle, pickles[0].Length, path, $" of {PickleName}"), budget);
        object? root = machine.Run();
        foreach (PickleStorage storage in machine.Storages.Values)
            source.Check(storage);
        return (source, root, machine.PassedOver);
    }

    public override void Fill(PickleStorage storage, long skip, IEnumerable<(Tensor Chunk, long Offset)> chunks)
    {
        lock (_archive)
        {
            try
            {
                using Stream stream = Member($"data/{storage.Key}")!.Open();
                Skip(stream, skip);
                foreach ((Tensor chunk, _) in chunks)
                    stream.ReadExactly(chunk.bytes);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                throw Refusal(_path, $"the storage '{WeightsEntry.Shown(storage.Key)}' is damaged or cut off", null, "Get the file again", e);
            }
        }
    }

    public override void Dispose() => _archive.Dispose();

    private static void Skip(Stream stream, long bytes)
    {
        var skipped = new byte[Math.Min(SkipBytes, bytes)];
        for (; bytes > 0; bytes -= skipped.Length)
            stream.ReadExactly(skipped, 0, (int)Math.Min(skipped.Length, bytes));
    }

    private void CheckByteOrder()
    {
        if (Member("byteorder") is not { } member)
            return; // before PyTorch 2.1
        Span<byte> order = stackalloc byte[8];
        using Stream stream = member.Open();
        order = order[..stream.ReadAtLeast(order, order.Length, throwOnEndOfStream: false)];
        if (!order.SequenceEqual("little"u8))
            throw Refusal(_path, "must have little-endian numbers", $"the byte order '{WeightsEntry.Shown(Encoding.Latin1.GetString(order))}'", "Save it again on another machine");
    }

    private void Check(PickleStorage storage)
    {
        if (Member($"data/{storage.Key}") is not { } member)
            throw Refusal(_path, $"lacks the storage '{WeightsEntry.Shown(storage.Key)}'", null, "Get the file again");
        if (member.Length != storage.Bytes)
            throw Refusal(_path, $"the storage '{WeightsEntry.Shown(storage.Key)}' must have {storage.Bytes} bytes", $"{member.Length}", "Get the file again");
    }

    private ZipArchiveEntry? Member(string name) => _archive.GetEntry(_root + name);

    private static GradusException Refusal(string path, string problem, string? found, string remedy, Exception? inner = null) =>
        new(problem, path, found, remedy, Fault.Request, inner);
}
