using System.Collections.Immutable;
using Gradus.Grading;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads <c>sampling</c>: one rule, since two would contradict each other.</summary>
internal static class SamplingReader
{
    private const int Most = 1_000_000_000;

    /// <summary>The rule, checked against the scale and the length of the training.</summary>
    public static SamplingSpec Sampling(YamlValue value, GradeScale scale, int epochs, ExperimentPaths paths) => value.Block(ExperimentKeys.Sampling, block =>
    {
        var rules = new List<(string Key, SamplingSpec Rule)>();
        Read("class_weights", v => new WeightedClasses(Weights(v, scale)));
        Read("balance", v => v.Choice<ClassBalance>() is var balance && balance == ClassBalance.Natural ? new EveryImageOnce() : new BalancedClasses(balance));
        Read("anneal", v => Anneal(v, epochs));
        Read("cap", v => new CappedClasses([.. Enumerable.Repeat<int?>(v.Whole(1, Most), scale.Count)]));
        Read("caps", v => new CappedClasses(Caps(v, scale)));
        Read("image_weights", v => v.Block(ExperimentKeys.ImageWeights, weights => new WeightedImages(
            paths.Full(weights.Required("file")),
            weights.Optional("strength", 1.0, s => s.Number("above 0", x => x > 0)))));
        if (rules.Count > 1)
        {
            (string second, YamlValue place) = value.Present([.. rules.Select(r => r.Key)])[1];
            throw place.Wrong($"is one rule, and {second} is a second one", string.Join(" and ", rules.Select(r => r.Key)), "Keep one of them");
        }
        return rules.Count == 0 ? new EveryImageOnce() : rules[0].Rule;

        void Read(string key, Func<YamlValue, SamplingSpec> read)
        {
            if (block.Optional(key) is { } rule)
                rules.Add((key, read(rule)));
        }
    });

    private static ImmutableArray<double> Weights(YamlValue value, GradeScale scale)
    {
        ImmutableArray<double> weights = [.. value.Items("weights").Select(w => w.Number("of at least 0", x => x >= 0))];
        if (weights.Length != scale.Count)
            throw ForEachGrade(value, "weight", weights.Length, scale);
        return weights.Any(w => w > 0) ? weights : throw value.Wrong("draws no image at all", "only zeros", "Give at least one grade a weight above 0");
    }

    private static AnnealedClasses Anneal(YamlValue value, int epochs) => value.Block(ExperimentKeys.Anneal, block =>
    {
        ClassBalance from = block.Optional("from", ClassBalance.Balanced, v => v.Choice(ClassBalance.Balanced, ClassBalance.Sqrt));
        YamlValue way = block.Required("epochs");
        int length = way.Whole(1, Most);
        return length < epochs
            ? new AnnealedClasses(from, length)
            : throw way.Wrong("is fewer than train.epochs, or the run never comes to the natural shares", $"{length} of {epochs} epochs", "Shorten it, or write balance in its place");
    });

    private static ImmutableArray<int?> Caps(YamlValue value, GradeScale scale)
    {
        ImmutableArray<int?> caps = [.. value.Items("caps").Select(c => c.IsNull ? (int?)null : c.Whole(1, Most))];
        if (caps.Length != scale.Count)
            throw ForEachGrade(value, "cap", caps.Length, scale);
        return caps.Any(c => c is not null) ? caps : throw value.Wrong("limits no grade", "only null", "Give a grade a number, or remove caps");
    }

    private static GradusException ForEachGrade(YamlValue value, string what, int found, GradeScale scale) =>
        value.Wrong($"has a {what} for each grade of the scale", $"{found} {what}s for {scale.Count} grades", $"Write {scale.Count} {what}s, for {string.Join(", ", scale.Names.Select(YamlValue.Shown))}");
}
