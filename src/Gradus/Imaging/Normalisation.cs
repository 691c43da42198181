using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Imaging;

/// <summary>Turns bytes into the network's input: <c>(x / 255 - mean) / std</c> a channel. It travels in the checkpoint; nothing else may state it at prediction.</summary>
public sealed record Normalisation
{
    /// <summary>Means and standard deviations of R, G, B on the scale 0 to 1.</summary>
    /// <exception cref="GradusException">Not three of each, a mean outside 0 to 1, or a standard deviation that is not positive.</exception>
    [JsonConstructor]
    public Normalisation(ImmutableArray<double> mean, ImmutableArray<double> std)
    {
        if (mean.IsDefault || std.IsDefault || mean.Length != 3 || std.Length != 3)
            throw new GradusException("normalisation needs three means and three standard deviations", remedy: "Write mean: [0.485, 0.456, 0.406] and std: [0.229, 0.224, 0.225]", fault: Fault.Request);
        if (mean.Any(m => !(m is >= 0 and <= 1)) || std.Any(s => !(s is > 0 and <= 1)))
            throw new GradusException("means and standard deviations are on the scale 0 to 1", found: $"mean [{string.Join(", ", mean)}], std [{string.Join(", ", std)}]", remedy: "Divide values meant for 0 to 255 by 255", fault: Fault.Request);
        (Mean, Std) = (mean, std);
    }

    /// <summary>(3), R G B.</summary>
    public ImmutableArray<double> Mean { get; }

    /// <summary>(3), R G B.</summary>
    public ImmutableArray<double> Std { get; }

    /// <summary>The statistics of ImageNet that torchvision's weights were trained with.</summary>
    public static Normalisation ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    /// <inheritdoc/>
    public override string ToString() => $"mean [{string.Join(", ", Mean)}] std [{string.Join(", ", Std)}]";

    /// <inheritdoc/>
    public bool Equals(Normalisation? other) => other is not null && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean[0], Std[0]);
}
