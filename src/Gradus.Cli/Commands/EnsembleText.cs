using System.Globalization;
using Gradus.Cli.Terminal;
using Gradus.Ensembles;

namespace Gradus.Cli.Commands;

/// <summary>Out-of-fold figures as a table.</summary>
internal static class EnsembleText
{
    public static void Figures(Output output, IReadOnlyList<OutOfFoldFigures> figures)
    {
        bool binary = figures.All(f => f.Auc is not null), several = figures.Count > 1;
        output.Table(
            [several ? "member" : "QWK of", .. several ? (string[])["weight"] : [], "default [95 %]", "tuned on the same images (flatters)", "cross-fitted [95 %]", .. binary ? (string[])["AUC"] : []],
            figures.Select(f => (string[])[f.Name, .. several ? (string[])[Number(f.Weight, "0.00")] : [], Interval(f.Default), Number(f.Tuned), Interval(f.CrossFitted), .. binary ? (string[])[Number(f.Auc!.Value)] : []]),
            numbers: true);
    }

    /// <summary>What the ensemble's cut points do beside its QWK, and a warning where they leave a grade empty.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="report">The ensemble.</param>
    /// <param name="names">(K) of the grades.</param>
    public static void Gradings(Output output, EnsembleReport report, IReadOnlyList<string> names)
    {
        OutOfFoldGradings of = report.Ensemble.Gradings!;
        EffectText.Figures(output, names, ("default", of.Default), ("tuned on the same images", of.Tuned), ("cross-fitted", of.CrossFitted));
        EffectText.Warn(output, report.Effect, names, "out-of-fold images");
    }

    /// <summary>Whether tuned cut points are worth having; null where they are.</summary>
    public static string? Doubt(EnsembleReport report) => report.Ensemble.CrossFitted.Qwk > report.Ensemble.Default.Qwk ? null
        : $"On images that they were not fitted on, cut points like these reach {Number(report.Ensemble.CrossFitted.Qwk)} and the default ones {Number(report.Ensemble.Default.Qwk)}: gradus predict --thresholds default is the safer choice.";

    public static string Cuts(EnsembleReport report) => string.Join(", ", report.Tuned.Points.Select(c => Number(c)));

    private static string Interval(QwkEstimate e) => $"{Number(e.Qwk)} [{Number(e.Low)}, {Number(e.High)}]";

    private static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}
