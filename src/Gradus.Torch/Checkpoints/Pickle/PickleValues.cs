using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints.Pickle;

// What the machine works on, beside null, bool, long, double, string and object?[] for a tuple.

/// <summary>A dictionary in the order of its keys, which may repeat; nothing is hashed.</summary>
internal sealed class PickleDict
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>A list.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>Something that is parsed and ignored: bytes, sets.</summary>
internal sealed class PickleBytes
{
    public static PickleBytes Ignored { get; } = new();
}

/// <summary>
/// A class or function that is none of ours, or an object of it: it is passed over, with all that it holds, and nothing
/// of it is run.
/// </summary>
/// <param name="Name">Module and name with a dot.</param>
internal sealed record PickleForeign(string Name);

/// <summary>A storage: numbers of one type in a row, kept outside the pickle.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Count">Elements.</param>
internal sealed record PickleStorage(string Key, ScalarType Type, long Count)
{
    public long Bytes => Count * ElementTypes.Of(Type).Size;
}

/// <summary>A tensor: a view into a storage, checked to lie inside it.</summary>
/// <param name="Storage">The numbers.</param>
/// <param name="Offset">The first element.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Strides">Elements from one place to the next, a dimension each, not negative.</param>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    /// <summary>True where its elements lie one after the other, row-major.</summary>
    public bool IsRowMajor
    {
        get
        {
            long expected = 1;
            for (int i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                    return Shape.Contains(0);
                expected *= Shape[i];
            }
            return true;
        }
    }
}
