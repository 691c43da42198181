using System.Collections.Immutable;
using System.Globalization;
using Gradus.Experiments;
using Gradus.Grading;

namespace Gradus.Sampling;

/// <summary>What an epoch is to show. The one place where sampling settings become numbers; drawing and checking both go by it.</summary>
/// <param name="Images">Images in the epoch; the same in every epoch of a run.</param>
/// <param name="Expected">(K) images of each grade, whole and exact without replacement, else expected.</param>
/// <param name="WithReplacement">True where images are drawn by the classes' shares, false where each is shown at most once.</param>
/// <param name="Notes">Sentences about settings that cannot take effect; empty where all do.</param>
public sealed record EpochPlan(int Images, ClassHistogram Expected, bool WithReplacement, ImmutableArray<string> Notes)
{
    /// <summary>The images' own weights; null where the images of a class are all alike.</summary>
    public ImageWeighing? Weighing { get; init; }

    /// <summary>The plan of an epoch, a pure function of its arguments.</summary>
    /// <param name="spec">The rule.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="available">(K) training images of each grade, at least one in all.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <param name="weighing">The images' own weights, where the rule goes by them.</param>
    /// <exception cref="GradusException">The rule does not fit the scale, or leaves nothing to draw.</exception>
    public static EpochPlan Of(SamplingSpec spec, GradeScale scale, ClassHistogram available, int epoch, ImageWeighing? weighing = null) => spec switch
    {
        EveryImageOnce => Once(available, []),
        WeightedClasses weighted => Drawn(available, Masses(weighted.Weights, available, scale), WithoutEffect(weighted, available, scale)),
        BalancedClasses balanced => Levelled(available, Exponent(balanced.Balance)),
        AnnealedClasses annealed when epoch > annealed.Epochs => Once(available, []),
        AnnealedClasses annealed => Levelled(available, Exponent(annealed.From) + (1 - Exponent(annealed.From)) * (epoch - 1) / annealed.Epochs),
        WeightedImages => weighing is null
            ? throw new ArgumentNullException(nameof(weighing))
            : Drawn(available, [.. weighing.Masses.Counts], []) with { Weighing = weighing },
        CappedClasses capped => Once(Limited(capped, available, scale), WithoutEffect(capped, available, scale)),
        _ => throw new ArgumentOutOfRangeException(nameof(spec)),
    };

    private static double Exponent(ClassBalance balance) => balance switch
    {
        ClassBalance.Balanced => 0,
        ClassBalance.Sqrt => 0.5,
        ClassBalance.Natural => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(balance)),
    };

    private static EpochPlan Once(ClassHistogram counts, ImmutableArray<string> notes) => new((int)counts.Total, counts, WithReplacement: false, notes);

    // A class without images has no share, whatever the exponent: 0 to the power of 0 would be 1.
    private static EpochPlan Levelled(ClassHistogram available, double exponent) => Drawn(available, [.. available.Counts.Select(n => n == 0 ? 0 : Math.Pow(n, exponent))], []);

    private static EpochPlan Drawn(ClassHistogram available, double[] masses, ImmutableArray<string> notes)
    {
        double total = masses.Sum();
        return new EpochPlan((int)available.Total, new ClassHistogram([.. masses.Select(m => m / total * available.Total)]), WithReplacement: true, notes);
    }

    /// <summary>Each class's share of the draws before normalisation: its weight times its images, (K).</summary>
    private static double[] Masses(ImmutableArray<double> weights, ClassHistogram available, GradeScale scale)
    {
        if (weights.Length != scale.Count)
            throw Wrong($"there is one class weight for each of the {scale.Count} grades", $"{weights.Length}", "class_weights");
        if (weights.FirstOrDefault(w => !double.IsFinite(w) || w < 0, 0) is var bad && bad != 0)
            throw Wrong("a class weight is 0 or more", $"{bad}", "class_weights");
        // Divided by the largest, so that huge weights cannot overflow the sum.
        double largest = weights.Max();
        double[] masses = [.. weights.Zip(available.Counts, (w, n) => largest == 0 ? 0 : w / largest * n)];
        return masses.Sum() > 0 ? masses : throw Wrong("at least one grade with images has a class weight above 0", string.Join(", ", weights), "class_weights");
    }

    private static ClassHistogram Limited(CappedClasses capped, ClassHistogram available, GradeScale scale)
    {
        if (capped.Caps.Length != scale.Count)
            throw Wrong($"there is one cap for each of the {scale.Count} grades", $"{capped.Caps.Length}", "caps");
        return capped.Caps.FirstOrDefault(c => c < 1) is { } bad
            ? throw Wrong("a cap is 1 or more", $"{bad}", "caps")
            : new ClassHistogram([.. available.Counts.Zip(capped.Caps, (n, cap) => Math.Min(n, cap ?? n))]);
    }

    private static ImmutableArray<string> WithoutEffect(WeightedClasses weighted, ClassHistogram available, GradeScale scale) =>
    [
        .. scale.Names.Index().Where(n => weighted.Weights[n.Index] > 0 && available.Counts[n.Index] == 0)
            .Select(n => $"class_weights: grade {n.Index} ({n.Item}) has the weight {weighted.Weights[n.Index].ToString(CultureInfo.InvariantCulture)} and no training image."),
    ];

    private static ImmutableArray<string> WithoutEffect(CappedClasses capped, ClassHistogram available, GradeScale scale) =>
        Enumerable.Range(0, scale.Count).Any(k => available.Counts[k] > capped.Caps[k])
            ? []
            : [$"caps: no grade has more training images than its cap ({available}), so every image is shown once an epoch."];

    private static GradusException Wrong(string problem, string found, string key) => new(problem, "sampling", found, $"Correct '{key}'", Fault.Request);
}
