using System.Collections.Immutable;
using Gradus.Metrics;
using Gradus.Runs;
using Gradus.Runs.Comparison;

namespace Gradus.Dashboard.Components;

/// <summary>The figures in which runs are compared. Each chart has one of them, at one kind of thresholds.</summary>
internal static class ComparedFigures
{
    private static readonly (string Name, string Title, Func<EpochRecord, double?> Value)[] Curves =
    [
        ("QWK, default", "Validation QWK at default thresholds", r => r.Validation.Default.Qwk),
        ("QWK, tuned", "Validation QWK at tuned thresholds", r => r.Validation.Tuned.Qwk),
        ("loss", "Validation loss", r => r.Validation.Loss),
        ("training loss", "Training loss", r => r.Train.Loss),
        ("AUC", "Validation AUC", r => r.Validation.Default.Auc),
        ("accuracy, default", "Validation accuracy at default thresholds", r => r.Validation.Default.Accuracy),
        ("learning rate", "Learning rate of the head", r => r.LearningRates.Head),
    ];

    /// <summary>The figures over epochs.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Curves.Select(c => c.Name)];

    /// <summary>The figures of one epoch, in words.</summary>
    public static ImmutableArray<(string Title, Func<EpochRecord, string> Text)> Rows { get; } =
    [
        ("QWK, default thresholds [95 %]", r => Bracketed(r.Validation.Default)),
        ("QWK, tuned thresholds [95 %]", r => Bracketed(r.Validation.Tuned)),
        ("QWK, cross-fitted", r => Figures.Metric(r.CrossFittedQwk)),
        ("AUC", r => Figures.Metric(r.Validation.Default.Auc)),
        ("accuracy, default thresholds", r => Figures.Metric(r.Validation.Default.Accuracy)),
        ("accuracy, tuned thresholds", r => Figures.Metric(r.Validation.Tuned.Accuracy)),
        ("mean absolute error, default thresholds", r => Figures.Metric(r.Validation.Default.Mae)),
        ("loss", r => Figures.Metric(r.Validation.Loss)),
        ("training images/s", r => Figures.Number(Math.Round(r.ImagesPerSecond, 1))),
    ];

    /// <summary>What a chart of a figure is called.</summary>
    public static string Title(string name) => Curves.First(c => c.Name == name).Title;

    /// <summary>A figure of an epoch.</summary>
    public static Func<EpochRecord, double?> Value(string name) => Curves.First(c => c.Name == name).Value;

    /// <summary>A run's paired difference from the first.</summary>
    public static string Gain(ComparedRun run) => run.Gain is { Value: { } value } gain
        ? FormattableString.Invariant($"{value:+0.000;-0.000;0.000} [{gain.Low:0.000}, {gain.High:0.000}]")
        : Figures.None;

    private static string Bracketed(MetricSet metrics) => metrics is { QwkLow: { } low, QwkHigh: { } high } ? $"{Figures.Metric(metrics.Qwk)} [{Figures.Metric(low)}, {Figures.Metric(high)}]" : Figures.Metric(metrics.Qwk);
}
