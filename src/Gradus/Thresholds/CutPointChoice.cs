using Gradus.Experiments;

namespace Gradus.Thresholds;

/// <summary>Which cut points are taken.</summary>
public enum CutPointChoice
{
    /// <summary>Those with the highest metric on the images given.</summary>
    Optimum,

    /// <summary>The optimum, moved a stated share of the way back to the default.</summary>
    Shrunk,

    /// <summary>For each threshold the median of the optima of resampled images.</summary>
    Bootstrap,
}

/// <summary>How cut points are chosen and judged.</summary>
public sealed record CutPointOptions
{
    /// <summary>How far shrunk cut points go back where nothing is said.</summary>
    public const double UsualShrink = 0.5;

    /// <summary>What the cut points make as great as possible, and are judged by.</summary>
    public ThresholdMetric Metric { get; init; } = ThresholdMetric.Qwk;

    /// <summary>Which cut points are taken.</summary>
    public CutPointChoice Choice { get; init; } = CutPointChoice.Optimum;

    /// <summary>For <see cref="CutPointChoice.Shrunk"/>: 0 is the optimum, 1 the default.</summary>
    public double Shrink { get; init; } = UsualShrink;

    /// <summary>How far they may go; null where they are free.</summary>
    public ThresholdBounds? Bounds { get; init; }

    /// <summary>For cumulative outputs: one threshold for all, or one an output.</summary>
    public ThresholdTuning Outputs { get; init; } = ThresholdTuning.Shared;

    /// <summary>For one an output: none is below that of the output before it. Then outputs that fall cannot contradict each other. Cut points of a score always rise.</summary>
    public bool Ordered { get; init; }

    /// <summary>
    /// For one an output: how often the search starts anew from random thresholds, at least 0, besides the shared and the default ones; null takes 8 to 64,
    /// more the fewer images there are, since few leave many places where no single threshold can better the others.
    /// </summary>
    public int? Restarts { get; init; }

    /// <summary>The restarts for so many images.</summary>
    internal int RestartsFor(int images) => Restarts ?? Math.Clamp(4000 / Math.Max(1, images), 8, 64);

    /// <summary>For <see cref="CutPointChoice.Bootstrap"/>: how often the images are drawn anew, at least 1.</summary>
    public int Resamples { get; init; } = 200;

    /// <summary>Folds of the cross-fitting, at least 2.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Fixes folds, resamples and intervals.</summary>
    public long Seed { get; init; }
}
