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

    public static string Cuts(EnsembleReport report) => string.Join(", ", report.Tuned.Points.Select(c => Number(c)));

    private static string Interval(QwkEstimate e) => $"{Number(e.Qwk)} [{Number(e.Low)}, {Number(e.High)}]";

    private static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}
