using System.Collections.Immutable;

namespace Gradus.Shift;

/// <summary>An estimate of how the grades are distributed in a set without grades.</summary>
/// <param name="Distribution">(K) shares that sum to 1.</param>
/// <param name="Low">(K) lower ends of 95 % intervals, by resampling validation (within each grade) and test images.</param>
/// <param name="High">(K) upper ends.</param>
/// <param name="Doubts">Why it cannot be trusted, a sentence each without its full stop; empty where nothing speaks against it.</param>
public sealed record ShiftEstimate(ImmutableArray<double> Distribution, ImmutableArray<double> Low, ImmutableArray<double> High, ImmutableArray<string> Doubts)
{
    /// <summary>False where something speaks against it.</summary>
    public bool Trusted => Doubts.IsEmpty;

    /// <summary>All doubts in one text; null where there are none.</summary>
    public string? Reason => Trusted ? null : string.Join("; ", Doubts);

    /// <summary>Sum of the absolute differences to another distribution, 0 to 2.</summary>
    public double DistanceTo(IReadOnlyList<double> other) => Distribution.Zip(other, (a, b) => Math.Abs(a - b)).Sum();

    /// <summary>The same estimate with more doubts.</summary>
    internal ShiftEstimate Doubted(IEnumerable<string> doubts) => this with { Doubts = [.. Doubts, .. doubts] };
}
