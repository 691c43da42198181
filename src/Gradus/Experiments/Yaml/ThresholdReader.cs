using Gradus.Grading;
using Gradus.Thresholds;

namespace Gradus.Experiments.Yaml;

/// <summary>Reads <c>thresholds</c>: one word, or a block.</summary>
internal static class ThresholdReader
{
    /// <summary>The specification, checked against the target.</summary>
    public static ThresholdSpec Thresholds(YamlValue value, Target target)
    {
        if (!value.IsBlock)
            return Outputs(value, target);
        return value.Block(ExperimentKeys.Thresholds, block =>
        {
            ThresholdTuning outputs = block.Optional("outputs", ThresholdTuning.Shared, v => Outputs(v, target));
            YamlValue? shrink = block.Optional("shrink");
            CutPointChoice choice = block.Optional("choice", shrink is null ? CutPointChoice.Optimum : CutPointChoice.Shrunk, v => v.Choice<CutPointChoice>());
            if (shrink is not null && choice != CutPointChoice.Shrunk)
                throw shrink.Wrong("belongs to choice: shrunk", choice.ToString().ToLowerInvariant(), "Remove one of them");
            return new ThresholdSpec
            {
                Outputs = outputs,
                Choice = choice,
                Shrink = shrink?.Number("from 0 to 1", x => x is >= 0 and <= 1) ?? CutPointOptions.UsualShrink,
                Ordered = block.Optional("ordered", false, v => Ordered(v, outputs)),
                Bounds = block.Optional<ThresholdBounds?>("bounds", null, Bounds),
            };
        });
    }

    private static ThresholdTuning Outputs(YamlValue value, Target target)
    {
        ThresholdTuning tuning = value.Choice<ThresholdTuning>();
        return tuning == ThresholdTuning.Shared || target.IsCumulative
            ? tuning
            : throw value.Wrong("is per_output only for cumulative targets: ordinal, coral and corn", "another target", "Remove it, or write target: ordinal");
    }

    private static bool Ordered(YamlValue value, ThresholdTuning outputs)
    {
        bool ordered = value.Flag();
        return !ordered || outputs == ThresholdTuning.PerOutput
            ? ordered
            : throw value.Wrong("is for one threshold an output; one for all has no order, and cut points always rise", "true", "Write outputs: per_output, or remove it");
    }

    private static ThresholdBounds Bounds(YamlValue value)
    {
        double[] ends = [.. value.Items("two numbers").Select(v => v.Number("from 0 to 1", x => x is >= 0 and <= 1))];
        return ends is [var low, var high]
            ? value.Located(() => new ThresholdBounds(low, high).Checked())
            : throw value.Wrong("is [low, high]", $"[{string.Join(", ", ends)}]", "Write for example bounds: [0.2, 0.8]");
    }
}
