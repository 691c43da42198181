using System.Collections.Immutable;

namespace Gradus.Dashboard.Charts;

/// <summary>Curves without their noise, for looking at; figures are never taken from them.</summary>
internal static class Smoothing
{
    /// <summary>
    /// The exponential moving average, corrected for its start (Kingma and Ba 2015, section 3), so that the first points are not drawn to zero. What
    /// is missing stays missing.
    /// </summary>
    /// <param name="values">In order.</param>
    /// <param name="weight">Of what went before, 0 for none to below 1.</param>
    public static ImmutableArray<double?> Smooth(ImmutableArray<double?> values, double weight)
    {
        if (weight <= 0)
            return values;
        var smooth = ImmutableArray.CreateBuilder<double?>(values.Length);
        double sum = 0, total = 0;
        foreach (double? value in values)
        {
            if (value is not { } v)
            {
                smooth.Add(null);
                continue;
            }
            sum = weight * sum + (1 - weight) * v;
            total = weight * total + (1 - weight);
            smooth.Add(sum / total);
        }
        return smooth.ToImmutable();
    }
}
