namespace Gradus.Thresholds;

/// <summary>Which cut points are taken.</summary>
public enum CutPointChoice
{
    /// <summary>Those with the highest metric on the images given.</summary>
    Optimum,

    /// <summary>The optimum, moved a stated share of the way back to the default.</summary>
    Shrunk,

    /// <summary>For each cut point the median of the optima of resampled images.</summary>
    Bootstrap,
}

/// <summary>How cut points are chosen and judged.</summary>
public sealed record CutPointOptions
{
    /// <summary>What the cut points make as great as possible, and are judged by.</summary>
    public ThresholdMetric Metric { get; init; } = ThresholdMetric.Qwk;

    /// <summary>Which cut points are taken.</summary>
    public CutPointChoice Choice { get; init; } = CutPointChoice.Optimum;

    /// <summary>For <see cref="CutPointChoice.Shrunk"/>: 0 is the optimum, 1 the default.</summary>
    public double Shrink { get; init; } = 0.5;

    /// <summary>For <see cref="CutPointChoice.Bootstrap"/>: how often the images are drawn anew, at least 1.</summary>
    public int Resamples { get; init; } = 200;

    /// <summary>Folds of the cross-fitting, at least 2.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Fixes folds, resamples and intervals.</summary>
    public long Seed { get; init; }
}
