using Gradus.Metrics;

namespace Gradus.Thresholds;

/// <summary>What cut points make as great as possible.</summary>
public enum ThresholdMetric
{
    /// <summary>Quadratic weighted kappa.</summary>
    Qwk,

    /// <summary>Linearly weighted kappa.</summary>
    LinearKappa,

    /// <summary>Unweighted kappa.</summary>
    Kappa,

    /// <summary>Share of images graded right.</summary>
    Accuracy,
}

/// <summary>What a metric is.</summary>
public static class ThresholdMetrics
{
    /// <summary>The metric of a confusion matrix; 0 where it is undefined.</summary>
    public static double Of(this ThresholdMetric metric, ConfusionMatrix matrix) => metric switch
    {
        ThresholdMetric.LinearKappa => Kappa.Linear(matrix),
        ThresholdMetric.Kappa => Kappa.Unweighted(matrix),
        ThresholdMetric.Accuracy => matrix.Accuracy ?? 0,
        _ => Kappa.Quadratic(matrix),
    };

    /// <summary>Its name in a sentence.</summary>
    public static string Name(this ThresholdMetric metric) => metric switch
    {
        ThresholdMetric.LinearKappa => "linear kappa",
        ThresholdMetric.Kappa => "kappa",
        ThresholdMetric.Accuracy => "accuracy",
        _ => "QWK",
    };

    /// <summary>What a prediction that is so many grades off costs.</summary>
    internal static long Cost(this ThresholdMetric metric, int distance) => metric switch
    {
        ThresholdMetric.Qwk => (long)distance * distance,
        ThresholdMetric.LinearKappa => distance,
        _ => distance == 0 ? 0 : 1,
    };
}
