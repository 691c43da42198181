using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

public sealed partial class SafetensorsFile
{
    private static readonly JsonWriterOptions HeaderOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes tensors of any device and strides, row-major, one at a time, so that no second copy of the whole exists. Equal
    /// content gives equal bytes: names and metadata are sorted by ordinal; the data lies by falling element size, then by
    /// name, so that every tensor is aligned for readers that map the file.
    /// </summary>
    /// <exception cref="GradusException">The file could not be written; an older one is then still whole.</exception>
    /// <exception cref="ArgumentException">A name twice, the reserved name, or an element type that the format lacks.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        (string Name, Tensor Tensor)[] byName = [.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)];
        for (int i = 0; i < byName.Length; i++)
        {
            if (byName[i].Name == MetadataKey || (i > 0 && byName[i].Name == byName[i - 1].Name))
                throw new ArgumentException($"the name '{byName[i].Name}' is reserved or there twice", nameof(tensors));
        }
        (string Name, Tensor Tensor)[] inData = [.. byName.OrderByDescending(t => ElementTypes.Of(t.Tensor.dtype).Size)]; // a stable sort
        byte[] header = Header(byName, Places(inData), metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[PrefixLength];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach ((_, Tensor tensor) in inData)
                WriteRowMajor(stream, tensor);
        });
    }

    /// <summary>SHA-256 over names and values, as 64 lower-case hexadecimal digits; the same for every device and layout.</summary>
    internal static string Digest(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            foreach ((string name, Tensor tensor) in tensors.OrderBy(t => t.Name, StringComparer.Ordinal))
            {
                stream.Write(Encoding.UTF8.GetBytes(name));
                WriteRowMajor(stream, tensor);
            }
        }
        return Convert.ToHexStringLower(hash.Hash!);
    }

    private static Dictionary<string, (long Begin, long End)> Places((string Name, Tensor Tensor)[] inData)
    {
        var places = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        long at = 0;
        foreach ((string name, Tensor tensor) in inData)
        {
            long end = at + tensor.numel() * ElementTypes.Of(tensor.dtype).Size;
            places.Add(name, (at, end));
            at = end;
        }
        return places;
    }

    private static byte[] Header((string Name, Tensor Tensor)[] byName, Dictionary<string, (long Begin, long End)> places, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, HeaderOptions))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(p => p.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach ((string name, Tensor tensor) in byName)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", ElementTypes.Of(tensor.dtype).Name);
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [places[name].Begin, places[name].End]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % PrefixLength != 0) // the format allows trailing spaces, so that the data is aligned
            buffer.WriteByte((byte)' ');
        if (buffer.Length > LongestHeader)
            throw new ArgumentException($"the header would take {buffer.Length} bytes, more than readers accept", nameof(metadata));
        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string key, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(key);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void WriteRowMajor(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((Tensor chunk, _) in Chunks(tensor.cpu().contiguous()))
            stream.Write(chunk.bytes);
    }
}
