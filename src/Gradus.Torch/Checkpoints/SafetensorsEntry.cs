using System.Collections.Frozen;
using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>What the header of a safetensors file says about one tensor.</summary>
/// <param name="Name">The published name, such as <c>features.0.0.weight</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
/// <param name="Offset">Where the data begins, in bytes from the start of the file.</param>
/// <param name="Length">Bytes of data, always the product of the shape and the element size.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Type, ImmutableArray<long> Shape, long Offset, long Length) : WeightsEntry(Name, Type, Shape);

/// <summary>The element types of the format that the engine has too.</summary>
internal static class SafetensorsTypes
{
    private static readonly FrozenDictionary<string, (ScalarType Type, int Size)> ByName = new Dictionary<string, (ScalarType, int)>
    {
        ["BOOL"] = (ScalarType.Bool, 1),
        ["U8"] = (ScalarType.Byte, 1),
        ["I8"] = (ScalarType.Int8, 1),
        ["I16"] = (ScalarType.Int16, 2),
        ["F16"] = (ScalarType.Float16, 2),
        ["BF16"] = (ScalarType.BFloat16, 2),
        ["I32"] = (ScalarType.Int32, 4),
        ["F32"] = (ScalarType.Float32, 4),
        ["I64"] = (ScalarType.Int64, 8),
        ["F64"] = (ScalarType.Float64, 8),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<ScalarType, (string Name, int Size)> ByType =
        ByName.ToFrozenDictionary(p => p.Value.Type, p => (p.Key, p.Value.Size));

    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    public static bool TryGet(string name, out ScalarType type, out int size)
    {
        bool known = ByName.TryGetValue(name, out (ScalarType Type, int Size) found);
        (type, size) = found;
        return known;
    }

    public static (string Name, int Size) Of(ScalarType type) =>
        ByType.TryGetValue(type, out (string, int) found) ? found : throw new ArgumentException($"the format has no element type for {type}", nameof(type));
}
