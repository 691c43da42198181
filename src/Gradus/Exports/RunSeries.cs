using Gradus.Metrics;
using Gradus.Runs;

namespace Gradus.Exports;

/// <summary>A figure of an epoch, under a name that other programs group by: <c>qwk_tuned/validation</c>.</summary>
/// <param name="Name">The figure, a slash, and what it is about.</param>
/// <param name="Epoch">1 for the first.</param>
/// <param name="At">When the epoch ended, as far as its run tells: its start and the seconds of its epochs.</param>
/// <param name="Value">Finite.</param>
public sealed record SeriesPoint(string Name, int Epoch, DateTimeOffset At, double Value);

/// <summary>The figures of a run's epochs as series. Default and tuned thresholds have different names everywhere.</summary>
public static class RunSeries
{
    /// <summary>All points, epoch by epoch; what is undefined is left out.</summary>
    public static IEnumerable<SeriesPoint> Of(LoggedRun run)
    {
        DateTimeOffset at = run.Info.CreatedUtc;
        foreach (EpochRecord epoch in run.Records)
        {
            at += TimeSpan.FromSeconds(epoch.Seconds);
            foreach ((string name, double? value) in Figures(epoch))
            {
                if (value is { } finite && double.IsFinite(finite))
                    yield return new SeriesPoint(name, epoch.Epoch, at, finite);
            }
        }
    }

    private static IEnumerable<(string Name, double? Value)> Figures(EpochRecord epoch) =>
    [
        .. Split("train", epoch.Train), .. Split("validation", epoch.Validation),
        ("qwk_cross_fitted/validation", epoch.CrossFittedQwk),
        .. epoch.Thresholds.Values.Select((t, k) => ($"thresholds/{k + 1}", (double?)t)),
        .. epoch.Validation.Default.PredictedCounts.Select((n, k) => ($"predicted_default/{k}", (double?)n)),
        .. epoch.Validation.Tuned.PredictedCounts.Select((n, k) => ($"predicted_tuned/{k}", (double?)n)),
        .. epoch.Draw.Realised.Select((n, k) => ($"drawn/{k}", (double?)n)),
        ("learning_rate/head", epoch.LearningRates.Head), ("learning_rate/backbone", epoch.LearningRates.Backbone),
        ("speed/images_per_second", epoch.ImagesPerSecond), ("speed/data_wait", epoch.DataWaitFraction),
    ];

    private static IEnumerable<(string Name, double? Value)> Split(string name, SplitRecord split)
    {
        return [($"loss/{name}", split.Loss), ($"auc/{name}", split.Default.Auc), .. At("default", split.Default), .. At("tuned", split.Tuned)];

        IEnumerable<(string, double?)> At(string thresholds, MetricSet metrics) =>
            [($"qwk_{thresholds}/{name}", metrics.Qwk), ($"accuracy_{thresholds}/{name}", metrics.Accuracy), ($"mae_{thresholds}/{name}", metrics.Mae)];
    }
}
