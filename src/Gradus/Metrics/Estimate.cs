using System.Text.Json.Serialization;

namespace Gradus.Metrics;

/// <summary>A figure with its 95 % interval. What is undefined is null, never NaN.</summary>
/// <param name="Value">On the images given; null where it is undefined.</param>
/// <param name="Low">Lower end of the interval; null where there is none.</param>
/// <param name="High">Upper end of the interval; null where there is none.</param>
public readonly record struct Estimate(double? Value, double? Low, double? High)
{
    /// <summary>True where an interval of a difference leaves out 0: images drawn anew would seldom turn the sign.</summary>
    [JsonIgnore]
    public bool ExcludesZero => Low > 0 || High < 0;
}
