using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gradus.Datasets;

/// <summary>SHA-256 of an image's source bytes: what an image is, whatever it is called. A type of its own so that a list of hashes is never taken for a list of ids.</summary>
[JsonConverter(typeof(ContentHashJson))]
public readonly record struct ContentHash
{
    private readonly string? _hex;

    /// <summary>Wraps 64 hexadecimal digits.</summary>
    /// <exception cref="GradusException">Anything else, an image id for example.</exception>
    public ContentHash(string hex)
    {
        if (hex.Length != 64 || !hex.All(char.IsAsciiHexDigit))
            throw new GradusException("a content hash is 64 hexadecimal digits", found: $"'{hex}'", remedy: "If these are image ids, give them where ids are expected");
        _hex = hex.ToLowerInvariant();
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Hex => _hex ?? new string('0', 64);

    /// <summary>Hashes bytes.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <summary>The 32 bytes of the hash.</summary>
    public byte[] ToBytes() => Convert.FromHexString(Hex);

    /// <inheritdoc/>
    public override string ToString() => Hex;

    private sealed class ContentHashJson : JsonConverter<ContentHash>
    {
        public override ContentHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, ContentHash value, JsonSerializerOptions options) => writer.WriteStringValue(value.Hex);
    }
}
