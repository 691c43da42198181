namespace Gradus.Datasets;

/// <summary>Which image is meant among several sources: its source's name and its id. Never a position.</summary>
/// <param name="Source">The name of the source in the experiment.</param>
/// <param name="Id">The id, unique within its source.</param>
public readonly record struct ImageKey(string Source, ImageId Id) : IComparable<ImageKey>
{
    /// <summary>The key of a record.</summary>
    public static ImageKey Of(ImageRecord record) => new(record.Source, record.Id);

    /// <summary>Source first, then id, both in ordinal order.</summary>
    public int CompareTo(ImageKey other)
    {
        int bySource = string.CompareOrdinal(Source, other.Source);
        return bySource != 0 ? bySource : Id.CompareTo(other.Id);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}/{Id}";

    /// <summary>Source first, then id.</summary>
    public static bool operator <(ImageKey left, ImageKey right) => left.CompareTo(right) < 0;

    /// <summary>Source first, then id.</summary>
    public static bool operator >(ImageKey left, ImageKey right) => left.CompareTo(right) > 0;

    /// <summary>Source first, then id.</summary>
    public static bool operator <=(ImageKey left, ImageKey right) => left.CompareTo(right) <= 0;

    /// <summary>Source first, then id.</summary>
    public static bool operator >=(ImageKey left, ImageKey right) => left.CompareTo(right) >= 0;
}
