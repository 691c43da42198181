using Gradus.Audit;
using Gradus.Cli.Terminal;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Runs;
using Gradus.Splitting;
using Gradus.Thresholds;
using Gradus.Torch.Models;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

/// <summary>What train, resume and demo say about a run.</summary>
internal static class TrainingText
{
    /// <summary>The counts of both sides by grade, and what was left out of them.</summary>
    public static void Data(Output output, Experiment experiment, AuditReport audit, DataPartition partition)
    {
        output.Heading("Data");
        GradeScale scale = experiment.Scale;
        int[] training = Count(partition.Training.Records, scale), validation = Count(partition.Validation.Records, scale);
        string side = experiment.Split is { } split ? $"validation (fold {split.Fold} of {split.Folds})" : experiment.ValidationList is null ? "validation (as published)" : "validation (as listed)";
        output.Table(["grade", "training", side], [.. Enumerable.Range(0, scale.Count).Select(k => (string[])[$"{k} {scale.Names[k]}", $"{training[k]}", $"{validation[k]}"]), ["all", $"{training.Sum()}", $"{validation.Sum()}"]], numbers: true);
        if (experiment.Phase == TrainingPhase.Pretraining)
            output.Line("Pre-training: only sources with use: pretraining train; the main source's validation images judge.");
        LeftOut(output, experiment, audit, partition);
        output.Line();
    }

    /// <summary>What is sampled of which source, and what is left out and why.</summary>
    public static void LeftOut(Output output, Experiment experiment, AuditReport audit, DataPartition partition)
    {
        SampleText.Write(output, experiment, partition);
        AuditText.LeftOut(output, audit);
        AuditText.Write(output, partition.Findings);
    }

    /// <summary>Where a run comes from, and what it does otherwise than its parent.</summary>
    public static void Parent(Output output, Parentage parent, RunParent record, Experiment experiment)
    {
        output.Heading($"From epoch {record.Epoch} of {record.Run}");
        IReadOnlyList<SettingDifference> differences = parent.Differences(experiment);
        if (differences.Count == 0)
            output.Line("The same settings as the parent's.");
        else
            output.Table(["setting", "parent", "this run"], differences.Select(d => (string[])[d.Setting, d.Before, d.After]));
        if (record.ParentRates is { } rates)
            output.Line($"The parent's epoch ended at learning rates {rates.Head:g3} (head) and {rates.Backbone:g3} (backbone); this run's are {record.TopLr:g3} and {record.TopLr * experiment.Train.BaseLrRatio:g3}.");
        if (record.SeenInValidation > 0)
            output.Note($"Warning: the parent was trained on {record.SeenInValidation} of this run's validation images, so its validation figures flatter it. Train on the parent's fold instead.");
        output.Line();
    }

    /// <summary>Prints as the run goes.</summary>
    public static TrainingEvents Events(Output output, RunInfo info, IProgress<WorkProgress> progress) => new()
    {
        Starting = summary => Starting(output, info, summary),
        EpochFinished = record => Epoch(output, info.Experiment, record),
        Note = output.Note,
        Progress = progress,
    };

    /// <summary>The outcome, and where it is.</summary>
    public static void Result(Output output, RunFolder run, RunInfo info, TrainingResult result)
    {
        EpochRecord best = result.Best;
        output.Line();
        output.Heading($"Best epoch: {best.Epoch}, {Selection.Describe(info.Experiment.Select.By)}");
        output.Table(["validation", "at default thresholds", "at tuned thresholds"],
        [
            ["QWK", MetricsText.Interval(best.Validation.Default), MetricsText.Interval(best.Validation.Tuned)],
            ["accuracy", $"{best.Validation.Default.Accuracy:0.000}", $"{best.Validation.Tuned.Accuracy:0.000}"],
            ["mean absolute error", $"{best.Validation.Default.Mae:0.000}", $"{best.Validation.Tuned.Mae:0.000}"],
            ["macro F1", MetricsText.MacroF1(best.Validation.Default), MetricsText.MacroF1(best.Validation.Tuned)],
            ["AUC", MetricsText.Number(best.Validation.Default.Auc), MetricsText.Number(best.Validation.Tuned.Auc)],
        ]);
        EffectText.Warn(output, Effect(best), info.Experiment.Scale.Names);
        output.Line($"{result.ImagesPerSecond:0.0} images/s; {result.DataWaitFraction:0.0%} of the training time was spent waiting for data.");
        output.Line($"Run         {run.Root}");
        output.Line($"Checkpoint  {result.BestCheckpoint}");
        output.Line($"Report      {run.ReportFile}");
    }

    /// <summary>What --json prints.</summary>
    public static object Document(RunFolder run, RunInfo info, TrainingResult result) => new
    {
        run = run.Name,
        directory = run.Root,
        bestCheckpoint = result.BestCheckpoint,
        bestEpoch = result.Best.Epoch,
        selectedBy = info.Experiment.Select.By,
        train = result.Best.Train,
        validation = result.Best.Validation,
        thresholds = result.Best.Thresholds,
        warning = Effect(result.Best).Warning(info.Experiment.Scale.Names),
        epochs = result.Records.Count,
        imagesPerSecond = result.ImagesPerSecond,
        dataWaitFraction = result.DataWaitFraction,
    };

    private static ThresholdEffect Effect(EpochRecord best) => ThresholdEffect.Of(best.Validation.Default, best.Validation.Tuned);

    private static void Starting(Output output, RunInfo info, TrainingSummary summary)
    {
        Experiment e = info.Experiment;
        TrainSpec t = e.Train;
        output.Heading($"Run {info.Name}");
        string schedule = InWords.Of(t.Schedule) + (t.BaseLrSteps.IsEmpty ? "" : $", backbone times {string.Join(", ", t.BaseLrSteps.Select(s => $"{s.Value} from epoch {s.Key}"))}");
        output.Table(["setting", "value"],
        [
            ["recipe", e.Recipe.ToString()],
            ["normalisation", summary.Normalisation.ToString()],
            ["augmentation", summary.Augmentation.Count == 0 ? "none" : string.Join(", ", summary.Augmentation.Select(a => $"{a.Step} (changes {a.Changed:0%})"))],
            ["drawing", InWords.Of(e.Sampling)],
            ["network", $"{e.Model.Backbone} with {(summary.Padding == PaddingStyle.TfSame ? "TensorFlow's" : "symmetric")} padding; head: {InWords.Of(e.Model)}"],
            ["weights", summary.Origin],
            ["parameters", $"{summary.BackboneParameters:n0} in the backbone, {summary.HeadParameters:n0} in the head"],
            ["frozen", t.FreezeBackboneEpochs == 0 ? $"nothing; batch norm {t.BatchNorm.ToString().ToLowerInvariant()}" : $"backbone for {Many(Math.Min(t.FreezeBackboneEpochs, t.Epochs), "epoch")}; batch norm {t.BatchNorm.ToString().ToLowerInvariant()}"],
            ["target", $"{InWords.Of(e.Target)}; {(!e.Target.IsCumulative ? "cut points tuned" : e.Thresholds.Outputs == ThresholdTuning.Shared ? "thresholds tuned as one" : "thresholds tuned one an output")}{InWords.Of(e.Thresholds)}"],
            ["optimiser", $"{InWords.Of(t.Optimizer)}, gradient norm {(t.ClipNorm is { } clip ? $"clipped to {clip}" : "not clipped")}"],
            ["learning rate", $"head {t.TopLr:g}, backbone {t.TopLr * t.BaseLrRatio:g}; {schedule}"],
            ["length", $"{Many(t.Epochs, "epoch")} of {Many(summary.StepsPerEpoch, "step")}, up to {Many(t.Batch, "image")} a step{(summary.EpochsDone > 0 ? $"; done: {summary.EpochsDone}" : "")}"],
            .. t.Ema is { } decay ? (string[][])[["averaging", $"the moving average of the weights is judged and kept, decay {decay} a step"]] : [],
            ["selection", $"{Selection.Describe(e.Select.By)}; {Selection.KeptInWords(e.Select)} are kept"],
            ["device", $"{summary.Device}, {t.Precision.ToString().ToLowerInvariant()}{(t.Accumulate > 1 ? $", each batch in {t.Accumulate} parts" : "")}"],
            ["seed", $"{t.Seed}"],
        ]);
        output.Line();
        output.Line("epoch      loss  validation     QWK default [95 %]        QWK tuned      AUC   images/s");
    }

    private static void Epoch(Output output, Experiment experiment, EpochRecord r) => output.Line(
        $"{r.Epoch,3}/{experiment.Train.Epochs,-3} {r.Train.Loss,8:0.0000}    {r.Validation.Loss,8:0.0000}   {MetricsText.Interval(r.Validation.Default),22}         {MetricsText.Number(r.Validation.Tuned.Qwk),8} {MetricsText.Number(r.Validation.Default.Auc),8} {r.ImagesPerSecond,10:0.0}");

    private static string Many(int n, string what) => n == 1 ? $"1 {what}" : $"{n} {what}s";

    public static int[] Count(IEnumerable<ImageRecord> records, GradeScale scale)
    {
        var counts = new int[scale.Count];
        foreach (ImageRecord record in records)
            counts[record.Grade!.Value]++;
        return counts;
    }
}
