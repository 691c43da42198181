using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gradus.Experiments;

/// <summary>What stands where a rotation or a scale looks outside the image.</summary>
public enum Fill
{
    /// <summary>0, 0, 0: right for photographs with a black surround.</summary>
    Black,

    /// <summary>128, 128, 128: right after ben_graham.</summary>
    Gray,

    /// <summary>The nearest pixel of the border.</summary>
    Edge,

    /// <summary>The image mirrored at its border.</summary>
    Reflect,
}

/// <summary>A random change to every image of a training batch.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(FlipStep), "flip")]
[JsonDerivedType(typeof(TransposeStep), "transpose")]
[JsonDerivedType(typeof(RotateStep), "rotate")]
[JsonDerivedType(typeof(ScaleStep), "scale")]
[JsonDerivedType(typeof(BrightnessStep), "brightness")]
[JsonDerivedType(typeof(ContrastStep), "contrast")]
public abstract record AugmentStep;

/// <summary>Left-right and up-down, each for half of the images.</summary>
public sealed record FlipStep : AugmentStep;

/// <summary>Rows and columns exchanged for half of the images.</summary>
public sealed record TransposeStep : AugmentStep;

/// <summary>A rotation about the centre, uniform in plus and minus <paramref name="Degrees"/> (above 0, up to 180).</summary>
public sealed record RotateStep(double Degrees, Fill Fill) : AugmentStep;

/// <summary>A magnification about the centre, uniform between <paramref name="Low"/> and <paramref name="High"/>.</summary>
public sealed record ScaleStep(double Low, double High, Fill Fill) : AugmentStep;

/// <summary>All channels times a factor uniform in 1 plus and minus <paramref name="Amount"/>.</summary>
public sealed record BrightnessStep(double Amount) : AugmentStep;

/// <summary>The distance from the image's mean times a factor uniform in 1 plus and minus <paramref name="Amount"/>.</summary>
public sealed record ContrastStep(double Amount) : AugmentStep;

/// <summary>The augmentation of an experiment: each kind of step at most once, and one fill for all that need one.</summary>
public sealed record Augmentation
{
    /// <summary>Checks the steps.</summary>
    /// <exception cref="GradusException">A step twice, two fills, or a parameter out of range.</exception>
    [JsonConstructor]
    public Augmentation(ImmutableArray<AugmentStep> steps)
    {
        Steps = steps.IsDefault ? [] : steps;
        if (Steps.GroupBy(s => s.GetType()).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw Wrong("each augmentation step stands once", Name(twice.First()) + " twice");
        Fill[] fills = [.. Steps.OfType<RotateStep>().Select(s => s.Fill).Concat(Steps.OfType<ScaleStep>().Select(s => s.Fill)).Distinct()];
        if (fills.Length > 1)
            throw Wrong("rotate and scale are one resampling and share one fill", string.Join(" and ", fills).ToLowerInvariant());
        Fill = fills.Length == 1 ? fills[0] : null;
        foreach (AugmentStep step in Steps)
            Check(step);
    }

    /// <summary>No augmentation.</summary>
    public static Augmentation None { get; } = new([]);

    /// <summary>The steps.</summary>
    public ImmutableArray<AugmentStep> Steps { get; }

    /// <summary>The fill of rotate and scale; null where there is neither.</summary>
    [JsonIgnore]
    public Fill? Fill { get; }

    /// <summary>The step's name in experiment files.</summary>
    public static string Name(AugmentStep step) => step switch
    {
        FlipStep => "flip",
        TransposeStep => "transpose",
        RotateStep => "rotate",
        ScaleStep => "scale",
        BrightnessStep => "brightness",
        ContrastStep => "contrast",
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    /// <inheritdoc/>
    public bool Equals(Augmentation? other) => other is not null && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode() => Steps.Length;

    private static void Check(AugmentStep step)
    {
        (bool good, string rule, string found) = step switch
        {
            RotateStep s => (s.Degrees is > 0 and <= 180, "degrees is above 0 and at most 180", $"{s.Degrees}"),
            ScaleStep s => (s.Low is >= 0.1 and <= 10 && s.High is >= 0.1 and <= 10 && s.Low <= s.High, "range is [low, high] between 0.1 and 10", $"[{s.Low}, {s.High}]"),
            BrightnessStep s => (s.Amount is > 0 and < 1, "amount is above 0 and below 1", $"{s.Amount}"),
            ContrastStep s => (s.Amount is > 0 and < 1, "amount is above 0 and below 1", $"{s.Amount}"),
            _ => (true, "", ""),
        };
        if (!good)
            throw Wrong($"{Name(step)}: {rule}", found);
    }

    private static GradusException Wrong(string problem, string found) => new(problem, found: found, fault: Fault.Request);
}
