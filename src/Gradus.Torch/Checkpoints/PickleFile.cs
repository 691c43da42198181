using System.Collections.Frozen;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// PyTorch's own files (.pth, .pt, .th, .bin) in the zip format of PyTorch 1.6 and in the one before, read without running anything:
/// see <see cref="PickleMachine"/>. The tensors are those of the dictionary at the root, or under state_dict, model and the like, without
/// the <c>module.</c> that DataParallel puts before every name.
/// </summary>
public sealed class PickleFile : WeightsFile
{
    private const long LongestPickle = 32 << 20;
    private const int ChunkBytes = 1 << 24;
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture); // 0x1950a86a20f9469cfc6c
    private static readonly string[] Roots = ["state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "ema_state_dict", "state_dict_ema", "model_ema", "module"];

    // What DataParallel and torch.compile put before every name; no network is published under such names.
    private static readonly string[] Wrappers = ["module._orig_mod.", "_orig_mod.module.", "module.", "_orig_mod."];

    private readonly FileStream _stream;
    private readonly ZipArchive? _zip;
    private readonly FrozenDictionary<string, (PickleTensor Tensor, WeightsEntry Entry)> _tensors;
    private readonly FrozenDictionary<string, long> _places; // of storages in an old file, in bytes from its start
    private readonly string _folder; // of storages in a zip

    private PickleFile(string path, FileStream stream, ZipArchive? zip, string folder, IReadOnlyList<(string Name, PickleTensor Tensor)> tensors, IReadOnlyDictionary<string, long> places)
        : base(path)
    {
        (_stream, _zip, _folder) = (stream, zip, folder);
        _tensors = tensors.ToFrozenDictionary(t => t.Name, t => (t.Tensor, new WeightsEntry(t.Name, t.Tensor.Storage.Type, t.Tensor.Shape)), StringComparer.Ordinal);
        _places = places.ToFrozenDictionary(StringComparer.Ordinal);
        Names = [.. tensors.Select(t => t.Name)];
    }

    /// <inheritdoc/>
    public override string Format => _zip is null ? "PyTorch pickle (before 1.6)" : "PyTorch zip";

    /// <inheritdoc/>
    public override ImmutableArray<string> Names { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => FrozenDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public override WeightsEntry this[string name] => _tensors.TryGetValue(name, out (PickleTensor, WeightsEntry Entry) found) ? found.Entry : throw NoTensor(name);

    /// <inheritdoc/>
    public override bool Contains(string name) => _tensors.ContainsKey(name);

    /// <inheritdoc/>
    public override Tensor Load(string name)
    {
        if (!_tensors.TryGetValue(name, out (PickleTensor Tensor, WeightsEntry) found))
            throw NoTensor(name);
        using var scope = NewDisposeScope();
        PickleTensor t = found.Tensor;
        try
        {
            if (t.Count == 0)
                return empty(t.Shape.AsSpan(), t.Storage.Type, CPU).MoveToOuterDisposeScope();
            // The run of numbers from the tensor's first to its last; a transposed tensor is put in order after it was read.
            long span = 1 + t.Shape.Zip(t.Stride, (size, stride) => (size - 1) * stride).Sum();
            Tensor run = empty([span], t.Storage.Type, CPU);
            Read(t.Storage, t.Offset, run);
            Tensor ordered = run.as_strided([.. t.Shape], [.. t.Stride]).contiguous();
            return (ReferenceEquals(ordered, run) ? run : ordered).MoveToOuterDisposeScope();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Damaged(Path, $"the numbers of '{SafetensorsHeader.Shown(name)}' end too early", e);
        }
        catch (ExternalException e)
        {
            throw new GradusException($"'{SafetensorsHeader.Shown(name)}' could not be made", Path, e.Message.Split('\n')[0], "Free memory", inner: e);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _zip?.Dispose();
        _stream.Dispose();
    }

    internal static PickleFile OpenZip(string path) => Open(path, stream =>
    {
        ZipArchive zip;
        try
        {
            zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            ZipArchiveEntry description = zip.Entries.FirstOrDefault(e => e.FullName == "data.pkl" || e.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
                ?? throw new GradusException("is a zip archive, but not PyTorch's", path, "no data.pkl in it", "Give a file that torch.save wrote", Fault.Request);
            if (description.Length > LongestPickle || description.Length > stream.Length)
                throw Damaged(path, $"a description of {description.Length} bytes in a file of {stream.Length}");
            string folder = description.FullName[..^"data.pkl".Length];
            CheckByteOrder(zip, folder, path);
            using Stream pickle = description.Open();
            IReadOnlyList<(string, PickleTensor)> tensors = Tensors(new PickleMachine(pickle, path).Run(), path);
            foreach ((string name, PickleTensor tensor) in tensors)
            {
                ZipArchiveEntry? storage = zip.GetEntry($"{folder}data/{tensor.Storage.Key}");
                // PyTorch never compresses numbers; that also means that none can be larger than the file.
                if (storage is null || storage.Length != storage.CompressedLength || storage.Length < tensor.Storage.Count * PickleTypes.Size(tensor.Storage.Type))
                    throw Damaged(path, $"no {tensor.Storage.Count} numbers for '{SafetensorsHeader.Shown(name)}'");
            }
            return new PickleFile(path, stream, zip, folder, tensors, FrozenDictionary<string, long>.Empty);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(path, "a zip archive that is cut or broken", e);
        }
    });

    internal static PickleFile OpenStream(string path) => Open(path, stream =>
    {
        // Pickles one after the other: a magic number, the protocol, facts about the machine, the object, the order of the storages.
        var input = new CountingStream(stream);
        if (new PickleMachine(input, path).Run() is not BigInteger magic || magic != Magic)
            throw new GradusException("is a pickle, but not of PyTorch", path, "no magic number", "Give a file that torch.save wrote", Fault.Request);
        if (new PickleMachine(input, path).Run() is not 1001L)
            throw new GradusException("has another version of PyTorch's old format", path, remedy: "Load and save it in Python once more", fault: Fault.Request);
        if (new PickleMachine(input, path).Run() is PickleDictionary machine && machine.Pairs.Any(p => p is { Key: "little_endian", Value: false }))
            throw BigEndian(path);
        IReadOnlyList<(string Name, PickleTensor Tensor)> tensors = Tensors(new PickleMachine(input, path).Run(), path);
        if (new PickleMachine(input, path).Run() is not PickleList keys)
            throw Damaged(path, "no list of storages");

        var places = new Dictionary<string, long>(StringComparer.Ordinal);
        var sizes = new Dictionary<string, (ScalarType Type, long Count)>(StringComparer.Ordinal);
        foreach ((_, PickleTensor tensor) in tensors)
            sizes.TryAdd(tensor.Storage.Key, (tensor.Storage.Type, tensor.Storage.Count));
        long at = input.Count;
        Span<byte> prefix = stackalloc byte[8];
        foreach (object? item in keys.Items)
        {
            if (item is not string key)
                throw Damaged(path, "a storage without a name");
            stream.Position = at;
            if (at + 8 > stream.Length)
                throw Damaged(path, "its end, before the numbers of all tensors");
            stream.ReadExactly(prefix);
            long count = System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (!sizes.TryGetValue(key, out (ScalarType Type, long Count) stated))
                throw Damaged(path, "numbers that belong to no tensor of its weights"); // their size is unknown, so nothing after them can be found
            long bytes = stated.Count * PickleTypes.Size(stated.Type);
            if (count != stated.Count || at + 8 + bytes > stream.Length)
                throw Damaged(path, $"{count} numbers where {stated.Count} should be, or the end of the file");
            places[key] = at + 8;
            at += 8 + bytes;
        }
        foreach ((string name, PickleTensor tensor) in tensors)
        {
            if (!places.ContainsKey(tensor.Storage.Key))
                throw Damaged(path, $"no numbers for '{SafetensorsHeader.Shown(name)}'");
        }
        return new PickleFile(path, stream, null, "", tensors, places);
    });

    private static PickleFile Open(string path, Func<FileStream, PickleFile> read)
    {
        FileStream? stream = null;
        try
        {
            stream = File.OpenRead(path);
            PickleFile file = read(stream);
            stream = null; // the file owns it now
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
        finally
        {
            stream?.Dispose();
        }
    }

    private static IReadOnlyList<(string Name, PickleTensor Tensor)> Tensors(object? root, string path)
    {
        if (root is not PickleDictionary dictionary)
            throw new GradusException("holds no dictionary of tensors", path, "another object", "In Python save model.state_dict()", Fault.Request);
        // A training state keeps a few tensors of its own beside the network's, so the dictionary with the most of them is it.
        (string Name, PickleTensor Tensor)[] found = Roots.Select(r => dictionary.Pairs.FirstOrDefault(p => p.Key == r).Value).OfType<PickleDictionary>()
            .Append(dictionary).Select(Of).MaxBy(tensors => tensors.Length)!;
        if (found.Length == 0)
            throw new GradusException("holds no dictionary of tensors", path, $"the keys {string.Join(", ", dictionary.Pairs.Take(8).Select(p => SafetensorsHeader.Shown(p.Key)))}", $"They may stand at the root or under {string.Join(", ", Roots.Take(4))}", Fault.Request);
        string prefix = Wrappers.FirstOrDefault(w => found.All(t => t.Name.StartsWith(w, StringComparison.Ordinal))) ?? "";
        return [.. found.GroupBy(t => t.Name[prefix.Length..], StringComparer.Ordinal).Select(g => (g.Key, g.Last().Tensor))]; // as in Python, the last of two equal keys counts

        static (string, PickleTensor)[] Of(PickleDictionary d) => [.. d.Pairs.Where(p => p.Value is PickleTensor).Select(p => (p.Key, (PickleTensor)p.Value!))];
    }

    private static void CheckByteOrder(ZipArchive zip, string folder, string path)
    {
        if (zip.GetEntry($"{folder}byteorder") is not { Length: < 16 } entry)
            return; // PyTorch before 2.1 did not say, and wrote little-endian
        using var reader = new StreamReader(entry.Open());
        if (reader.ReadToEnd().Trim() != "little")
            throw BigEndian(path);
    }

    private void Read(PickleStorage storage, long offset, Tensor run)
    {
        long size = PickleTypes.Size(storage.Type), skip = offset * size;
        if (_zip is null)
        {
            lock (_stream)
            {
                _stream.Position = _places[storage.Key] + skip;
                Fill(_stream, run, size);
            }
            return;
        }
        lock (_stream)
        {
            using Stream data = _zip.GetEntry($"{_folder}data/{storage.Key}")!.Open();
            var discard = new byte[Math.Min(skip, 1 << 16)];
            for (long left = skip; left > 0; left -= Math.Min(left, discard.Length))
                data.ReadExactly(discard, 0, (int)Math.Min(left, discard.Length));
            Fill(data, run, size);
        }
    }

    // A span holds at most 2 GiB, a tensor may be larger.
    private static void Fill(Stream data, Tensor run, long size)
    {
        long step = ChunkBytes / size;
        for (long at = 0; at < run.numel(); at += step)
        {
            using Tensor chunk = run.narrow(0, at, Math.Min(step, run.numel() - at));
            data.ReadExactly(chunk.bytes);
        }
    }

    private static GradusException Damaged(string path, string found, Exception? inner = null) => new("is damaged", path, found, "Get the file again", Fault.Request, inner);

    private static GradusException BigEndian(string path) => new("was written on a big-endian machine", path, remedy: "Load and save it in Python once more", fault: Fault.Request);

    /// <summary>Buffers small reads and knows how far it has come, since the numbers begin where the last pickle ends.</summary>
    private sealed class CountingStream(Stream inner) : Stream
    {
        private readonly BufferedStream _buffered = new(inner, 1 << 16);

        public long Count { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Count;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int read = _buffered.Read(buffer);
            Count += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
