using Gradus.Grading;
using Gradus.Runs;
using ScottPlot;

namespace Gradus.Reports;

/// <summary>The pictures of a run, as PNG files of 1200 x 700 pixels under plots/.</summary>
public static class RunPlots
{
    /// <summary>The pictures there can be, by name, in the order in which a report shows them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["qwk", "auc", "loss", "confusion", "classes", "learning_rate"];

    /// <summary>
    /// Draws loss, QWK (default and tuned thresholds in a panel each), the confusion matrices and class counts of the selected epoch,
    /// the learning rates, and for two grades the AUC.
    /// </summary>
    /// <param name="run">Whose run.json names the selection rule.</param>
    /// <param name="records">Rising by epoch; without any nothing is drawn.</param>
    /// <param name="scale">K grades, as many as the records have.</param>
    /// <exception cref="GradusException">run.json cannot be read, or a picture cannot be written.</exception>
    public static void Write(RunFolder run, IReadOnlyList<EpochRecord> records, GradeScale scale)
    {
        if (records.Count == 0)
            return;
        (int First, int Last) epochs = (records[0].Epoch, records[^1].Epoch);
        int selected = Selection.Rank(records, run.ReadInfo().Experiment.Select)[0];
        EpochRecord best = records.First(r => r.Epoch == selected);

        Curves("loss", CurveChart.Loss(records));
        Curves("qwk", CurveChart.Qwk(records, "default", split => split.Default), CurveChart.Qwk(records, "tuned", split => split.Tuned));
        if (scale.IsBinary)
            Curves("auc", CurveChart.Auc(records));
        Chart.Write(run.Plot("learning_rate"), CurveChart.DrawLogarithmic(CurveChart.LearningRates(records), epochs, selected));
        Chart.Write(
            run.Plot("confusion"),
            ClassChart.Confusion($"Validation, epoch {selected}, default thresholds", best.Validation.Default, scale),
            ClassChart.Confusion($"Validation, epoch {selected}, tuned thresholds", best.Validation.Tuned, scale));
        Chart.Write(run.Plot("classes"), ClassChart.Draw(best, scale), ClassChart.Predicted(best, scale));

        void Curves(string name, params CurvePanel[] panels)
        {
            (double Low, double High) range = CurveChart.Range(panels);
            Plot[] plots = [.. panels.Select(panel => CurveChart.Draw(panel, epochs, selected, range))];
            Chart.Write(run.Plot(name), plots);
        }
    }

    /// <summary>A picture in words.</summary>
    internal static string Caption(string name) => name switch
    {
        "qwk" => "Quadratic weighted kappa over the epochs, at default and at tuned thresholds.",
        "auc" => "Area under the ROC curve over the epochs.",
        "loss" => "Loss over the epochs.",
        "confusion" => "Confusion matrices of the selected epoch, with shares of each true grade.",
        "classes" => "Images drawn for training, and grades predicted for validation, in the selected epoch.",
        "learning_rate" => "Learning rates over the epochs.",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
