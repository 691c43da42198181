using System.Collections.Immutable;

namespace Gradus.Sampling;

/// <summary>Images of each grade, (K): counted, or expected and then not whole.</summary>
/// <param name="Counts">(K), each 0 or more.</param>
public sealed record ClassHistogram(ImmutableArray<double> Counts)
{
    /// <summary>The sum of the counts.</summary>
    public double Total => Counts.Sum();

    /// <summary>Counts grades, each 0 to <paramref name="classes"/>-1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A grade outside.</exception>
    public static ClassHistogram Count(IEnumerable<int> grades, int classes)
    {
        double[] counts = new double[classes];
        foreach (int grade in grades)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(grade);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(grade, classes);
            counts[grade]++;
        }
        return new ClassHistogram([.. counts]);
    }

    /// <summary>The counts rounded to whole numbers, for a message: "104, 18, 133".</summary>
    public override string ToString() => string.Join(", ", Counts.Select(c => $"{c:0}"));

    /// <summary>True for the same counts.</summary>
    public bool Equals(ClassHistogram? other) => other is not null && Counts.AsSpan().SequenceEqual(other.Counts.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (double count in Counts)
            hash.Add(count);
        return hash.ToHashCode();
    }
}
