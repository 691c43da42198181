using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gradus.Datasets;

/// <summary>The name by which a person knows an image: the value in the label file's id column. Never a row number.</summary>
[JsonConverter(typeof(ImageIdJson))]
public readonly record struct ImageId(string Value) : IComparable<ImageId>
{
    /// <inheritdoc/>
    public int CompareTo(ImageId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Ordinal order.</summary>
    public static bool operator <(ImageId left, ImageId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(ImageId left, ImageId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(ImageId left, ImageId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(ImageId left, ImageId right) => left.CompareTo(right) >= 0;

    private sealed class ImageIdJson : JsonConverter<ImageId>
    {
        public override ImageId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? throw new JsonException("an image id is a text"));

        public override void Write(Utf8JsonWriter writer, ImageId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
