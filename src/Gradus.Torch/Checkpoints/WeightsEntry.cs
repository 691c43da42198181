using System.Collections.Frozen;
using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>What a weights file says about one tensor.</summary>
/// <param name="Name">The name that its publisher gave it, such as <c>features.0.0.weight</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
public sealed record WeightsEntry(string Name, ScalarType Type, ImmutableArray<long> Shape)
{
    /// <summary>The shape for a person: <c>1000x1280</c>, or <c>scalar</c>.</summary>
    public string ShapeText => Describe(Shape.AsSpan());

    /// <summary>How many elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Bytes of the tensor once loaded, which are those in the file unless several tensors share them.</summary>
    public long Bytes => Count * ElementTypes.Of(Type).Size;

    internal static string Describe(ReadOnlySpan<long> shape) => shape.IsEmpty ? "scalar" : string.Join('x', shape.ToArray());

    /// <summary>A name as it may stand in a message: on one line and not endless.</summary>
    internal static string Shown(string name)
    {
        string plain = string.Concat(name.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return name.Length > 80 ? plain + "…" : plain;
    }

    /// <summary>Bytes of a tensor, or null where the product cannot be counted.</summary>
    /// <remarks>Dimensions of zero do not excuse an overflow: the engine multiplies the others for its strides.</remarks>
    internal static long? BytesOf(ReadOnlySpan<long> shape, int elementSize)
    {
        Int128 bytes = elementSize;
        foreach (long dimension in shape)
        {
            bytes *= Math.Max(dimension, 1);
            if (bytes > long.MaxValue)
                return null;
        }
        return shape.Contains(0) ? 0 : (long)bytes;
    }
}

/// <summary>The element types that weights files and the engine have in common, under their names in safetensors.</summary>
internal static class ElementTypes
{
    /// <summary>The engine's own limit.</summary>
    public const int MostDimensions = 64;

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
