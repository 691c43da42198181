using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gradus;

/// <summary>How Gradus writes JSON: camelCase keys, snake_case enum values and discriminators, and one canonical form to hash.</summary>
public static class GradusJson
{
    /// <summary>Options for files that people read.</summary>
    public static JsonSerializerOptions Indented { get; } = Options(indented: true);

    /// <summary>Options for one record a line.</summary>
    public static JsonSerializerOptions Compact { get; } = Options(indented: false);

    /// <summary>The value as JSON with keys sorted by ordinal and no white space: equal values give equal text.</summary>
    public static string Canonical<T>(T value) => Sorted(JsonSerializer.SerializeToNode(value, Compact))?.ToJsonString(Compact) ?? "null";

    /// <summary>SHA-256 of the canonical form, as 64 lower-case hexadecimal digits.</summary>
    public static string Fingerprint<T>(T value) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Canonical(value))));

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };
}
