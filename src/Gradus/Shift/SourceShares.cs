using System.Collections.Immutable;
using Gradus.Experiments;

namespace Gradus.Shift;

/// <summary>How a source's images are distributed over the grades.</summary>
/// <param name="Name">The source.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Counts">(K) images of each grade.</param>
/// <param name="Distance">Sum of the absolute differences between its shares and the first main source's, 0 to 2.</param>
public sealed record SourceShares(string Name, SourceRole Role, ImmutableArray<int> Counts, double Distance)
{
    /// <summary>(K) shares; zeros where there is no image.</summary>
    public ImmutableArray<double> Shares => Of(Counts);

    /// <summary>Counts as shares.</summary>
    internal static ImmutableArray<double> Of(IReadOnlyList<int> counts) => [.. counts.Select(n => n / Math.Max(1.0, counts.Sum()))];
}
