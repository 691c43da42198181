using System.Collections.Immutable;
using System.Text;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>What a file of weights says about one tensor.</summary>
/// <param name="Name">The published name, such as <c>features.0.0.weight</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
public record WeightsEntry(string Name, ScalarType Type, ImmutableArray<long> Shape)
{
    /// <summary>The shape for a person: <c>1000x1280</c>, or <c>scalar</c>.</summary>
    public string ShapeText => Describe(Shape.AsSpan());

    internal static string Describe(ReadOnlySpan<long> shape) => shape.IsEmpty ? "scalar" : string.Join('x', shape.ToArray());
}

/// <summary>Named tensors in a file, whatever its format; what it holds decides, not what it is called.</summary>
public abstract class WeightsFile : IDisposable
{
    private protected WeightsFile(string path) => Path = path;

    /// <summary>The file, as it was asked for.</summary>
    public string Path { get; }

    /// <summary>The format, for a person.</summary>
    public abstract string Format { get; }

    /// <summary>All names in the order of the file.</summary>
    public abstract ImmutableArray<string> Names { get; }

    /// <summary>What the file says beside tensors; empty where its format cannot say anything.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Shape and type of a tensor.</summary>
    /// <exception cref="GradusException">There is no tensor of this name.</exception>
    public abstract WeightsEntry this[string name] { get; }

    /// <summary>True where the file holds a tensor of this name.</summary>
    public abstract bool Contains(string name);

    /// <summary>Reads one tensor onto the CPU, row-major, with the file's shape and type.</summary>
    /// <exception cref="GradusException">No such tensor, or its data cannot be read.</exception>
    public abstract Tensor Load(string name);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Opens safetensors, or PyTorch's pickles of either format, and checks all but the numbers.</summary>
    /// <exception cref="GradusException">The file cannot be read, is something else, or asks for more than tensors.</exception>
    public static WeightsFile Open(string path) => Kind(path) switch
    {
        WeightsKind.Zip => PickleFile.OpenZip(path),
        WeightsKind.Pickle => PickleFile.OpenStream(path),
        _ => SafetensorsFile.Open(path),
    };

    /// <summary>The tensor or the refusal that names it.</summary>
    private protected GradusException NoTensor(string name) => new($"there is no tensor '{SafetensorsHeader.Shown(name)}'", Path, $"{Names.Length} others");

    private protected static GradusException Unreadable(string path, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => new GradusException("there is no such file", path, remedy: "Check the path", fault: Fault.Request, inner: e),
        UnauthorizedAccessException => new GradusException(Directory.Exists(path) ? "is a folder, not a file of weights" : "may not be read", path, remedy: "Check the path", fault: Fault.Request, inner: e),
        _ => new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e),
    };

    private enum WeightsKind
    {
        Safetensors,
        Zip,
        Pickle,
    }

    private static WeightsKind Kind(string path)
    {
        Span<byte> start = stackalloc byte[64];
        int read;
        try
        {
            using FileStream stream = File.OpenRead(path);
            read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
        start = start[..read];
        if (start.StartsWith("PK\u0003\u0004"u8))
            return WeightsKind.Zip;
        if (start.Length >= 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5)
            return WeightsKind.Pickle;
        return Stranger(start) is { } stranger
            ? throw new GradusException("is no file of weights", path, stranger, "Give a .safetensors file, or a .pth of PyTorch", Fault.Request)
            : WeightsKind.Safetensors;
    }

    /// <summary>What a file that starts like this is, where it certainly is none of ours.</summary>
    private static string? Stranger(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
            return "an empty file";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return "a JPEG image";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return "a PNG image";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return "a gzip archive; unpack it first";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']))
            return "an HDF5 file";
        string text = Encoding.Latin1.GetString(start).TrimStart();
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "a Git LFS pointer; fetch the file itself with git lfs pull";
        if (text.StartsWith('<'))
            return "an HTML page; the download did not give the file";
        return start.Length >= 9 && start[8] != (byte)'{' && start.IndexOfAnyExceptInRange((byte)' ', (byte)'~') is -1 ? "a text file" : null;
    }
}
