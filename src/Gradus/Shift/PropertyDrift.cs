using System.Collections.Immutable;

namespace Gradus.Shift;

/// <summary>A property of the test images (or of external ones) beside the training images'.</summary>
/// <param name="Property">Which.</param>
/// <param name="Distance">Kolmogorov-Smirnov distance to the training images as they are.</param>
/// <param name="Difference">Difference of the means, in pooled standard deviations; positive where the other set has more.</param>
/// <param name="SameGrades">The distance to the training images weighted to the other set's estimated grades; null without an estimate.</param>
/// <param name="Drifted">
/// True where the images differ by more than their grades explain: a distance of <see cref="Smallest"/> or more that chance brings about less than
/// once in a hundred comparisons of all properties.
/// </param>
public sealed record PropertyDrift(ImageProperty Property, KsTest Distance, double Difference, KsTest? SameGrades, bool Drifted)
{
    /// <summary>Less is no drift, however many images prove it.</summary>
    public const double Smallest = 0.15;

    private const double Level = 0.01;

    /// <summary>The chance below which a distance counts: a hundredth for all properties together.</summary>
    public static double Chance { get; } = Level / ImageProperty.All.Length;

    /// <summary>The distance that counts: of the weighted images where there is an estimate.</summary>
    public KsTest Decisive => SameGrades ?? Distance;

    /// <summary>Compares every property.</summary>
    /// <param name="training">(N) labelled images.</param>
    /// <param name="weights">(N) how often each stands for one of the other set; null where that is not known.</param>
    /// <param name="other">(M) at least one.</param>
    public static ImmutableArray<PropertyDrift> Compare(IReadOnlyList<ImageProperties> training, double[]? weights, IReadOnlyList<ImageProperties> other) =>
    [
        .. ImageProperty.All.Select(property =>
        {
            double[] a = [.. training.Select(property.Value)], b = [.. other.Select(property.Value)];
            KsTest plain = KolmogorovSmirnov.Compare(a, [], b);
            KsTest? same = weights is null ? null : KolmogorovSmirnov.Compare(a, weights, b);
            KsTest decisive = same ?? plain;
            return new PropertyDrift(property, plain, Standardised(a, b), same, decisive.Distance >= Smallest && decisive.P < Chance);
        }),
    ];

    private static double Standardised(double[] a, double[] b)
    {
        (double meanA, double varianceA) = Moments(a);
        (double meanB, double varianceB) = Moments(b);
        double pooled = Math.Sqrt((varianceA * a.Length + varianceB * b.Length) / (a.Length + b.Length));
        // Sets of one and the same value each differ by nothing or by more than can be said in deviations.
        return pooled > 1e-12 ? (meanB - meanA) / pooled : 0;
    }

    private static (double Mean, double Variance) Moments(double[] values)
    {
        double mean = values.Average();
        return (mean, values.Average(v => (v - mean) * (v - mean)));
    }
}
