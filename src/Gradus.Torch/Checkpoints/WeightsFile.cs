using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// A file of named tensors, whoever wrote it: safetensors, or a state dict that PyTorch saved. Names, shapes and types are read
/// and checked when the file is opened; each tensor's bytes are read when it is asked for. Reading is thread-safe.
/// </summary>
public abstract class WeightsFile : IDisposable
{
    private const string Expected = "Give a .safetensors file, or a state dict that PyTorch saved (.pth, .pt, .th, .bin)";
    private const int ChunkBytes = 1 << 24;

    private readonly FrozenDictionary<string, WeightsEntry> _entries;

    private protected WeightsFile(string path, string format, IReadOnlyList<WeightsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        (Path, Format, Metadata) = (path, format, metadata);
        Entries = [.. entries];
        _entries = Entries.ToFrozenDictionary(e => e.Name, StringComparer.Ordinal);
        Names = [.. Entries.Select(e => e.Name)];
    }

    /// <summary>The file, as it was asked for.</summary>
    public string Path { get; }

    /// <summary>What kind of file it is, for a person: <c>safetensors</c>, <c>PyTorch zip, under 'state_dict'</c>.</summary>
    public string Format { get; }

    /// <summary>The key under which the tensors lay in a training checkpoint; null where they are the whole.</summary>
    public string? Key { get; private protected init; }

    /// <summary>The keys of other state dicts in the file, such as an average of the weights.</summary>
    public ImmutableArray<string> OtherKeys { get; private protected init; } = [];

    /// <summary>
    /// Python's classes and functions that the file asks for beside its tensors; they were passed over and not run.
    /// </summary>
    public ImmutableArray<string> PassedOver { get; private protected init; } = [];

    /// <summary>All tensors in the order of the file.</summary>
    public ImmutableArray<WeightsEntry> Entries { get; }

    /// <summary>All names in the order of the file.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The string map of a safetensors header; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Shape and type of a tensor.</summary>
    /// <exception cref="GradusException">There is no tensor of this name.</exception>
    public WeightsEntry this[string name] => _entries.TryGetValue(name, out WeightsEntry? entry)
        ? entry
        : throw new GradusException($"there is no tensor '{WeightsEntry.Shown(name)}'", Path, $"{Names.Length} others");

    /// <summary>
    /// Opens a file of either kind, told by its content and not by its extension, and checks all that it says about its tensors
    /// against its size. Nothing in the file is executed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Which of several state dicts of a training checkpoint; null takes the only one, or the one
    /// that is plainly the network.</param>
    /// <exception cref="GradusException">The file is missing, of another kind, cut off or damaged, or holds several
    /// networks (fault: request).</exception>
    public static WeightsFile Open(string path, string? key = null)
    {
        FileStream? stream = OpenStream(path);
        try
        {
            if (!stream.CanSeek)
                throw new GradusException("is a pipe or a device, not a file of weights", path, remedy: Expected, fault: Fault.Request);
            Span<byte> prefix = stackalloc byte[FileContent.PrefixLength];
            prefix = prefix[..stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false)];
            stream.Position = 0;
            WeightsFile file = FileContent.IsSafetensors(prefix, stream.Length)
                ? Unkeyed(path, key, SafetensorsFile.FromStream(path, stream))
                : FileContent.IsZip(prefix) ? PickleFile.FromZip(path, stream, key)
                : FileContent.IsPickle(prefix) ? PickleFile.FromStream(path, stream, key)
                : throw new GradusException("holds no weights", path, FileContent.Describe(prefix, stream.Length), Expected, Fault.Request);
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

    private static SafetensorsFile Unkeyed(string path, string? key, SafetensorsFile file)
    {
        if (key is null)
            return file;
        file.Dispose();
        throw new GradusException($"has no state dict under '{WeightsEntry.Shown(key)}'", path,
            "a safetensors file, which holds one alone", "Leave the key out", Fault.Request);
    }

    /// <summary>True where the file holds a tensor of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Reads one tensor onto the CPU, row-major, with the file's shape and type.</summary>
    /// <exception cref="GradusException">No such tensor, the file shrank or was damaged since it was opened, or a truth value is neither 0 nor 1.</exception>
    public Tensor Load(string name)
    {
        WeightsEntry entry = this[name];
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        try
        {
            Tensor tensor = Read(entry);
            if (entry.Type == ScalarType.Bool && !HoldsTruthValues(tensor))
                throw new GradusException($"'{WeightsEntry.Shown(name)}' has truth values other than 0 and 1", Path, remedy: "Get the file again", fault: Fault.Request);
            return tensor.MoveToOuterDisposeScope();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(Path, e);
        }
        catch (ExternalException e)
        {
            throw new GradusException($"'{WeightsEntry.Shown(name)}' could not be made", Path, $"{entry.Bytes} bytes", "Free memory", inner: e);
        }
    }

    /// <summary>Closes the file; tensors that were loaded stay.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens any file for reading from all places.</summary>
    /// <exception cref="GradusException">It is missing, a folder, or may not be read.</exception>
    internal static FileStream OpenStream(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Reads a tensor of a known name into the current dispose scope.</summary>
    private protected abstract Tensor Read(WeightsEntry entry);

    /// <summary>Lets go of the file.</summary>
    private protected abstract void Close();

    /// <summary>A row-major tensor in pieces, since a span holds at most 2 GiB and a tensor may be larger; offsets in bytes.</summary>
    private protected static IEnumerable<(Tensor Chunk, long Offset)> Chunks(Tensor contiguous)
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

    private static GradusException Unreadable(string path, Exception e) => e switch
    {
        _ when File.Exists(System.IO.Path.Combine(path, "run.json")) => new("is a run and not a checkpoint", path, remedy: "Name one of its checkpoints/epoch-NNN.safetensors; gradus predict RUN --all takes all of them", fault: Fault.Request, inner: e),
        _ when Directory.Exists(path) => new("is a folder, not a file of weights", path, remedy: Expected, fault: Fault.Request, inner: e),
        FileNotFoundException or DirectoryNotFoundException => new("there is no such file", path, remedy: Expected, fault: Fault.Request, inner: e),
        UnauthorizedAccessException => new("may not be read", path, remedy: "Ask its owner for permission to read it", fault: Fault.Request, inner: e),
        ArgumentException or NotSupportedException or PathTooLongException => new("is not a path", WeightsEntry.Shown(path), remedy: Expected, fault: Fault.Request, inner: e),
        _ => new("could not be read to its end", path, remedy: "See whether its disk is there and whole, or copy the file again", inner: e),
    };
}
