namespace Gradus.Duplicates;

/// <summary>Two hashes within the radius.</summary>
/// <param name="First">Position of the one.</param>
/// <param name="Second">Position of the other.</param>
/// <param name="Distance">Number of differing bits.</param>
public readonly record struct HammingPair(int First, int Second, int Distance) : IComparable<HammingPair>
{
    /// <summary>By position.</summary>
    public int CompareTo(HammingPair other) => First != other.First ? First.CompareTo(other.First) : Second.CompareTo(other.Second);

    /// <summary>By position.</summary>
    public static bool operator <(HammingPair left, HammingPair right) => left.CompareTo(right) < 0;

    /// <summary>By position.</summary>
    public static bool operator >(HammingPair left, HammingPair right) => left.CompareTo(right) > 0;

    /// <summary>By position.</summary>
    public static bool operator <=(HammingPair left, HammingPair right) => left.CompareTo(right) <= 0;

    /// <summary>By position.</summary>
    public static bool operator >=(HammingPair left, HammingPair right) => left.CompareTo(right) >= 0;
}
