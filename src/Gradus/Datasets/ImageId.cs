namespace Gradus.Datasets;

/// <summary>The name by which a person knows an image: the value in the label file's id column. Never a row number.</summary>
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
}
