using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Gradus.Datasets;

/// <summary>An array of an .npz, in C order and little-endian.</summary>
public sealed class NpyArray
{
    private readonly string _where;
    private readonly int _itemSize;

    internal NpyArray(string where, ImmutableArray<int> shape, string dtype, byte[] data)
    {
        (_where, Shape, DType, Data) = (where, shape, dtype, data);
        _itemSize = dtype[^1] - '0';
    }

    /// <summary>Items along each dimension; empty for a scalar.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>NumPy's name: |u1, |i1, &lt;u2, &lt;i2, &lt;u4, &lt;i4, &lt;u8, &lt;i8, &lt;f4 or &lt;f8.</summary>
    public string DType { get; }

    /// <summary>The items, last dimension fastest. Shared by all who hold the array: never write to it.</summary>
    public byte[] Data { get; }

    /// <summary>Number of items, the product of the shape.</summary>
    public int Count => Data.Length / _itemSize;

    /// <summary>Shape and type for a person: <c>(780, 28, 28, 1) of |u1</c>.</summary>
    internal string Described => $"({string.Join(", ", Shape)}) of {DType}";

    /// <summary>Item number <paramref name="i"/> in C order, as an integer: a grade, an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    /// <exception cref="GradusException">The item is not a whole number, or too large for one of 64 bits.</exception>
    [SuppressMessage("Naming", "CA1720", Justification = "It is the mathematical word, not a type's name.")]
    public long Integer(int i)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(i);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(i, Count);
        ReadOnlySpan<byte> item = Data.AsSpan(i * _itemSize, _itemSize);
        return DType[1..] switch
        {
            "u1" => item[0],
            "i1" => (sbyte)item[0],
            "u2" => BinaryPrimitives.ReadUInt16LittleEndian(item),
            "i2" => BinaryPrimitives.ReadInt16LittleEndian(item),
            "u4" => BinaryPrimitives.ReadUInt32LittleEndian(item),
            "i4" => BinaryPrimitives.ReadInt32LittleEndian(item),
            "u8" when BinaryPrimitives.ReadUInt64LittleEndian(item) is var value => value <= long.MaxValue ? (long)value : throw NotWhole(i, $"{value}"),
            "i8" => BinaryPrimitives.ReadInt64LittleEndian(item),
            "f4" => Whole(i, BinaryPrimitives.ReadSingleLittleEndian(item)),
            "f8" => Whole(i, BinaryPrimitives.ReadDoubleLittleEndian(item)),
            _ => throw new InvalidOperationException(DType),
        };
    }

    private long Whole(int i, double value) =>
        Math.Abs(value) <= 1L << 53 && Math.Floor(value) == value ? (long)value : throw NotWhole(i, $"{value}");

    private GradusException NotWhole(int i, string found) => new($"item {i} is not a whole number of 64 bits", _where, found);
}
