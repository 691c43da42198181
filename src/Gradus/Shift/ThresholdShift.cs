using System.Collections.Immutable;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Shift;

/// <summary>What one choice of thresholds makes of the test set.</summary>
/// <param name="Rule">The thresholds.</param>
/// <param name="Counts">(K) test images of each predicted grade.</param>
/// <param name="ExpectedQwk">QWK on validation weighted to the estimated shares: what the test set would give if only the shares changed. Flatters thresholds that were tuned on validation.</param>
public sealed record ThresholdOutcome(DecodingRule Rule, ImmutableArray<int> Counts, double ExpectedQwk);

/// <summary>Default, tuned and shift-corrected thresholds side by side.</summary>
/// <param name="Default">Before any tuning.</param>
/// <param name="Tuned">Tuned on validation as it is distributed.</param>
/// <param name="Corrected">Tuned on validation weighted to the estimated shares.</param>
public sealed record ThresholdShift(ThresholdOutcome Default, ThresholdOutcome Tuned, ThresholdOutcome Corrected)
{
    private const int CopiesAnImage = 20;
    private const int MostCopies = 200_000;

    /// <summary>
    /// Weighs validation by repeating its images, each grade in proportion to its estimated share, and tunes on that: the exact search
    /// then maximises the QWK that is expected of the test set.
    /// </summary>
    /// <param name="target">What the outputs mean.</param>
    /// <param name="scale">K grades.</param>
    /// <param name="rules">Default and tuned thresholds of the checkpoint.</param>
    /// <param name="how">Which thresholds are tuned.</param>
    /// <param name="validation">(N) scores.</param>
    /// <param name="truth">(N) grades.</param>
    /// <param name="test">(M) scores.</param>
    /// <param name="distribution">(K) estimated shares of the test set.</param>
    public static ThresholdShift Create(
        Target target, GradeScale scale, (DecodingRule Default, DecodingRule Tuned) rules, ThresholdTuning how, GradedScores validation, int[] truth, GradedScores test, IReadOnlyList<double> distribution)
    {
        int[] images = Repeated(truth, distribution);
        GradedScores weighted = validation.At(images);
        int[] grades = [.. images.Select(i => truth[i])];
        DecodingRule corrected = ThresholdTuner.Tune(target, scale, weighted, grades, how).Rule;
        return new ThresholdShift(Outcome(rules.Default), Outcome(rules.Tuned), Outcome(corrected));

        ThresholdOutcome Outcome(DecodingRule rule)
        {
            var counts = new int[scale.Count];
            foreach (int grade in rule.Grades(test))
                counts[grade]++;
            return new ThresholdOutcome(rule, [.. counts], Kappa.Quadratic(ConfusionMatrix.Of(grades, rule.Grades(weighted), scale.Count)));
        }
    }

    /// <summary>Positions of images, each as often as its grade's share demands; the grades' shares are met to one part in thousands.</summary>
    internal static int[] Repeated(int[] truth, IReadOnlyList<double> distribution)
    {
        long total = Math.Max(truth.Length, Math.Min((long)truth.Length * CopiesAnImage, MostCopies));
        var images = new List<int>((int)total + truth.Length);
        for (int k = 0; k < distribution.Count; k++)
        {
            int[] ofGrade = [.. Enumerable.Range(0, truth.Length).Where(i => truth[i] == k)];
            if (ofGrade.Length == 0)
                continue;
            long copies = (long)Math.Round(distribution[k] * total);
            for (int i = 0; i < ofGrade.Length; i++)
                images.AddRange(Enumerable.Repeat(ofGrade[i], (int)(copies / ofGrade.Length + (i < copies % ofGrade.Length ? 1 : 0))));
        }
        return [.. images];
    }
}
