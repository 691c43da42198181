using System.Text.Json;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// Reads the JSON of a safetensors file without building a document, so that a hostile header costs no more memory than its own
/// size a few times over, and checks that the tensors tile the data exactly.
/// </summary>
internal ref struct SafetensorsHeader
{
    private const int MostDimensions = 64; // the engine's own limit

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private readonly List<SafetensorsEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private Utf8JsonReader _reader;

    private SafetensorsHeader(string path, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        (_path, _dataStart, _dataLength) = (path, dataStart, dataLength);
        _reader = new Utf8JsonReader(json);
    }

    /// <exception cref="GradusException">The header is not JSON of the format, or its offsets do not tile the data.</exception>
    public static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata) Read(
        string path, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        var header = new SafetensorsHeader(path, json, dataStart, dataLength);
        try
        {
            header.ReadAll();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException is how the reader reports text that is not Unicode.
            throw new GradusException("the header is not valid JSON", path, e.Message.Split('\n')[0].TrimEnd('.'), "Get the file again", inner: e);
        }
        header.CheckTiling();
        return (header._entries, header._metadata);
    }

    /// <summary>A name as it may stand in a message: on one line and not endless.</summary>
    public static string Shown(string name)
    {
        string plain = string.Concat(name.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return name.Length > 80 ? plain + "…" : plain;
    }

    private void ReadAll()
    {
        Expect(JsonTokenType.StartObject, "an object of tensors", null);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (Next() != JsonTokenType.EndObject)
        {
            string name = _reader.GetString()!;
            if (!seen.Add(name))
                throw Malformed(name, "is there twice", null);
            if (name == SafetensorsFile.MetadataKey)
                ReadMetadata();
            else
                ReadEntry(name);
        }
        while (_reader.Read())
        {
            // Reading on makes the reader refuse anything but white space behind the object.
        }
    }

    private void ReadMetadata()
    {
        Expect(JsonTokenType.StartObject, "an object of strings", SafetensorsFile.MetadataKey);
        while (Next() != JsonTokenType.EndObject)
        {
            string key = _reader.GetString()!;
            Expect(JsonTokenType.String, "a string", $"{SafetensorsFile.MetadataKey}.{key}");
            if (!_metadata.TryAdd(key, _reader.GetString()!))
                throw Malformed($"{SafetensorsFile.MetadataKey}.{key}", "is there twice", null);
        }
    }

    private void ReadEntry(string name)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        Expect(JsonTokenType.StartObject, "an object with dtype, shape and data_offsets", name);
        while (Next() != JsonTokenType.EndObject)
        {
            string key = _reader.GetString()!;
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(JsonTokenType.String, "a dtype", name);
                    type = _reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(name, "the shape", MostDimensions);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(name, "data_offsets", 2);
                    break;
                default:
                    throw Malformed(name, "has a key that is unknown or there twice", $"'{Shown(key)}'");
            }
        }
        if (type is null || shape is null || offsets is not { Count: 2 })
            throw Malformed(name, "needs a dtype, a shape and two data_offsets", null);
        _entries.Add(Entry(name, type, shape, offsets[0], offsets[1]));
    }

    private readonly SafetensorsEntry Entry(string name, string typeName, List<long> shape, long begin, long end)
    {
        if (!SafetensorsTypes.TryGet(typeName, out ScalarType type, out int size))
            throw Malformed(name, $"has a dtype other than {string.Join(", ", SafetensorsTypes.Names)}", $"'{Shown(typeName)}'");
        if (begin > end || end > _dataLength)
            throw Malformed(name, $"lies outside the {_dataLength} bytes of data", $"data_offsets [{begin}, {end}]");
        // Dimensions of zero do not excuse an overflow: the engine multiplies the others for its strides.
        Int128 bytes = size;
        foreach (long dimension in shape)
        {
            bytes *= Math.Max(dimension, 1);
            if (bytes > long.MaxValue)
                throw Malformed(name, "has a shape too large to count", WeightsEntry.Describe([.. shape]));
        }
        if (shape.Contains(0))
            bytes = 0;
        if (bytes != end - begin)
            throw Malformed(name, $"takes {bytes} bytes by its dtype {typeName} and shape {WeightsEntry.Describe([.. shape])}", $"{end - begin}");
        return new SafetensorsEntry(name, type, [.. shape], _dataStart + begin, end - begin);
    }

    private List<long> ReadNumbers(string name, string what, int most)
    {
        var numbers = new List<long>(4);
        Expect(JsonTokenType.StartArray, $"{what} as an array", name);
        while (Next() != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out long number) || number < 0)
                throw Malformed(name, $"{what} must be whole numbers from 0", null);
            if (numbers.Count == most)
                throw Malformed(name, $"{what} has more than {most} numbers", null);
            numbers.Add(number);
        }
        return numbers;
    }

    private readonly void CheckTiling()
    {
        long at = _dataStart;
        foreach (SafetensorsEntry entry in _entries.OrderBy(e => e.Offset).ThenBy(e => e.Length))
        {
            if (entry.Offset < at)
                throw Malformed(entry.Name, "overlaps the tensor before it", $"offset {entry.Offset - _dataStart}, expected {at - _dataStart}");
            if (entry.Offset > at)
                throw Malformed(entry.Name, "leaves a gap behind the tensor before it", $"offset {entry.Offset - _dataStart}, expected {at - _dataStart}");
            at = entry.Offset + entry.Length;
        }
        if (at != _dataStart + _dataLength)
            throw new GradusException("the tensors do not fill the data", _path, $"{at - _dataStart} of {_dataLength} bytes named in the header", "Get the file again");
    }

    private JsonTokenType Next()
    {
        if (!_reader.Read())
            throw new JsonException("the header ends early");
        return _reader.TokenType;
    }

    private void Expect(JsonTokenType token, string what, string? name)
    {
        if (Next() != token)
            throw name is null
                ? new GradusException($"the header must be {what}", _path, $"{_reader.TokenType}", "Get the file again")
                : Malformed(name, $"must be {what}", $"{_reader.TokenType}");
    }

    private readonly GradusException Malformed(string name, string problem, string? found) =>
        new($"'{Shown(name)}' {problem}", _path, found, "Get the file again");
}
