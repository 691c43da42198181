using System.Text.Json;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>What a header says.</summary>
/// <param name="Entries">The tensors in the header's order.</param>
/// <param name="Offsets">Where each tensor's data begins, in bytes from the start of the file.</param>
/// <param name="Metadata">The string map.</param>
internal sealed record SafetensorsLayout(IReadOnlyList<WeightsEntry> Entries, IReadOnlyDictionary<string, long> Offsets, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// Reads the JSON of a safetensors file without building a document, so that a hostile header costs no more memory than its own
/// size a few times over, and checks that the tensors tile the data exactly.
/// </summary>
internal ref struct SafetensorsHeader
{
    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private readonly List<(WeightsEntry Entry, long Offset)> _places = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private Utf8JsonReader _reader;

    private SafetensorsHeader(string path, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        (_path, _dataStart, _dataLength) = (path, dataStart, dataLength);
        _reader = new Utf8JsonReader(json);
    }

    /// <exception cref="GradusException">The header is not JSON of the format, or its offsets do not tile the data.</exception>
    public static SafetensorsLayout Read(string path, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        var header = new SafetensorsHeader(path, json, dataStart, dataLength);
        try
        {
            header.ReadAll();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException is how the reader reports text that is not Unicode.
            throw new GradusException("the header is not valid JSON", path, $"the fault near byte {header._reader.BytesConsumed} of it", "Get the file again", Fault.Request, e);
        }
        header.CheckTiling();
        return new SafetensorsLayout([.. header._places.Select(p => p.Entry)], header._places.ToDictionary(p => p.Entry.Name, p => p.Offset), header._metadata);
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
                    shape = ReadNumbers(name, "the shape", ElementTypes.MostDimensions);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(name, "data_offsets", 2);
                    break;
                default:
                    throw Malformed(name, "has a key that is unknown or there twice", $"'{WeightsEntry.Shown(key)}'");
            }
        }
        if (type is null || shape is null || offsets is not { Count: 2 })
            throw Malformed(name, "needs a dtype, a shape and two data_offsets", null);
        _places.Add(Entry(name, type, shape, offsets[0], offsets[1]));
    }

    private readonly (WeightsEntry Entry, long Offset) Entry(string name, string typeName, List<long> shape, long begin, long end)
    {
        if (!ElementTypes.TryGet(typeName, out ScalarType type, out int size))
            throw Malformed(name, $"has a dtype other than {string.Join(", ", ElementTypes.Names)}", $"'{WeightsEntry.Shown(typeName)}'");
        if (begin > end || end > _dataLength)
            throw Malformed(name, $"lies outside the {_dataLength} bytes of data", $"data_offsets [{begin}, {end}]");
        long bytes = WeightsEntry.BytesOf([.. shape], size) ?? throw Malformed(name, "has a shape too large to count", WeightsEntry.Describe([.. shape]));
        if (bytes != end - begin)
            throw Malformed(name, $"takes {bytes} bytes by its dtype {typeName} and shape {WeightsEntry.Describe([.. shape])}", $"{end - begin}");
        return (new WeightsEntry(name, type, [.. shape]), _dataStart + begin);
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
        foreach ((WeightsEntry entry, long offset) in _places.OrderBy(p => p.Offset).ThenBy(p => p.Entry.Bytes))
        {
            if (offset < at)
                throw Malformed(entry.Name, "overlaps the tensor before it", $"offset {offset - _dataStart}, expected {at - _dataStart}");
            if (offset > at)
                throw Malformed(entry.Name, "leaves a gap behind the tensor before it", $"offset {offset - _dataStart}, expected {at - _dataStart}");
            at = offset + entry.Bytes;
        }
        if (at != _dataStart + _dataLength)
            throw new GradusException("the tensors do not fill the data", _path, $"{at - _dataStart} of {_dataLength} bytes named in the header", "Get the file again", Fault.Request);
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
                ? new GradusException($"the header must be {what}", _path, $"{_reader.TokenType}", "Get the file again", Fault.Request)
                : Malformed(name, $"must be {what}", $"{_reader.TokenType}");
    }

    private readonly GradusException Malformed(string name, string problem, string? found) =>
        new($"'{WeightsEntry.Shown(name)}' {problem}", _path, found, "Get the file again", Fault.Request);
}
