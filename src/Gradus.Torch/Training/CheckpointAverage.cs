using Gradus.Ensembles;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Runs;
using Gradus.Thresholds;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Arithmetic;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>What averaging weights gave.</summary>
/// <param name="Info">The new checkpoint's description.</param>
/// <param name="EstimatedNorms">Batch norms whose statistics were estimated anew.</param>
/// <param name="Default">On the run's validation images at default thresholds.</param>
/// <param name="Tuned">At thresholds tuned on them.</param>
/// <param name="Loss">Mean loss an image on them.</param>
public sealed record AverageResult(CheckpointInfo Info, int EstimatedNorms, MetricSet Default, MetricSet Tuned, double Loss);

/// <summary>
/// One checkpoint whose weights are the mean of several (Izmailov et al. 2018): of the last epochs of a run, or of runs that started from the
/// same weights. Statistics of batch norms are estimated anew and thresholds are tuned anew, so the run's folder and images are needed.
/// </summary>
public static class CheckpointAverage
{
    /// <summary>Averages, estimates, tunes and writes.</summary>
    /// <param name="checkpoints">Two or more files of one preparation, network, target and training data.</param>
    /// <param name="output">Where to write.</param>
    /// <param name="cacheRoot">The folder of prepared images.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="progress">Told of every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <exception cref="GradusException">The checkpoints differ in what they must have in common, the run is not around the first any more, or its data have changed.</exception>
    public static AverageResult Make(IReadOnlyList<string> checkpoints, string output, string cacheRoot, Device device, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        CheckpointInfo[] infos = Compatible(checkpoints);
        Experiment experiment = Parentage.Read(checkpoints[^1]).Run?.Experiment
            ?? throw new GradusException("the checkpoint is not in its run's folder any more, and without the run's images neither batch norm nor thresholds can be fitted to the average", checkpoints[^1], remedy: "Average the files in the run's own checkpoints folder", fault: Fault.Request);
        using RunData data = RunData.Load(experiment, cacheRoot, progress, stop);
        OutOfFoldScores.Check(checkpoints[^1], infos[^1], data);
        using Checkpoint average = Checkpoint.Load(checkpoints[^1], device);
        Average(average, checkpoints);
        int norms = BatchNormEstimate.Run(average.Model, experiment.Train, average.Info.Normalisation, new BatchLoader(data.Cache, experiment.Recipe.Size, data.Partition.Training.Records, device), progress, stop);

        int[] truth = [.. data.Partition.Validation.Records.Select(r => r.Grade!.Value)];
        Evaluation evaluation = Evaluator.Evaluate(average.Model, experiment.Target, average.Info.Normalisation, new BatchLoader(data.Cache, experiment.Recipe.Size, data.Partition.Validation.Records, device), 2 * experiment.Train.Batch, "validate", progress, stop);
        GradedScores scores = experiment.Target.Link(evaluation.Logits);
        DecodingRule tuned = ThresholdTuner.Tune(experiment.Target, experiment.Scale, scores, truth, experiment.Thresholds, experiment.Train.Seed).Rule;
        MetricSet byDefault = Measure(average.Info.DefaultRule), atTuned = Measure(tuned);
        CheckpointInfo info = average.Info with
        {
            TunedRule = tuned,
            CodeVersion = CodeVersion.Current,
            ComputedBy = EngineCheck.Record,
            ValidationLoss = evaluation.Loss,
            ValidationQwk = byDefault.Qwk,
            ValidationTunedQwk = atTuned.Qwk,
            ValidationAuc = byDefault.Auc,
            ValidationEffect = ThresholdEffect.Of(byDefault, atTuned),
            AverageOf = [.. checkpoints.Select((path, i) => new AveragedCheckpoint(infos[i].Run, infos[i].Epoch, EnsembleFile.Sha256(path)))],
        };
        Checkpoint.Save(output, average.Model, info);
        return new AverageResult(info, norms, byDefault, atTuned, evaluation.Loss);

        MetricSet Measure(DecodingRule rule) => MetricSet.Compute(truth, rule.Grades(scores), scores, experiment.Scale, experiment.Train.Seed);
    }

    /// <summary>The descriptions, if an average of their weights means anything.</summary>
    private static CheckpointInfo[] Compatible(IReadOnlyList<string> paths)
    {
        if (paths.Count < 2 || paths.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).Count() < paths.Count)
            throw new GradusException("an average is of two or more different checkpoints", found: $"{paths.Count} named{(paths.Count < 2 ? "" : ", one of them twice")}", fault: Fault.Request);
        CheckpointInfo[] infos = [.. paths.Select(Checkpoint.ReadInfo)];
        for (int i = 1; i < infos.Length; i++)
        {
            string? other = Difference(infos[0], infos[i]);
            if (other is not null)
                throw new GradusException($"has another {other} than {paths[0]}, so their weights have no mean", paths[i], remedy: "Average checkpoints of one experiment and one fold; gradus ensemble combines any", fault: Fault.Request);
        }
        return infos;
    }

    private static string? Difference(CheckpointInfo a, CheckpointInfo b) =>
        !a.Scale.Names.SequenceEqual(b.Scale.Names) ? "scale"
        : a.Recipe != b.Recipe ? "recipe"
        : GradusJson.Canonical(a.Normalisation) != GradusJson.Canonical(b.Normalisation) ? "normalisation"
        : GradusJson.Canonical(a.Model with { Weights = null }) != GradusJson.Canonical(b.Model with { Weights = null }) ? "network"
        : a.Target != b.Target ? "target"
        : a.TrainedOn.Fold != b.TrainedOn.Fold || a.TrainedOn.Folds != b.TrainedOn.Folds ? "fold"
        : a.TrainedOn.Data != b.TrainedOn.Data ? "set of training and validation images"
        : null;

    /// <summary>Puts the mean of all files' tensors into the network, which holds those of the last. Counters stay the last's.</summary>
    private static void Average(Checkpoint last, IReadOnlyList<string> paths)
    {
        using IDisposable noGrad = no_grad();
        Dictionary<string, Tensor> sums = [];
        foreach (string path in paths)
        {
            // The digest inside the file is checked here; a damaged file would spoil the mean unseen.
            using Checkpoint one = Checkpoint.Load(path, CPU);
            if (one.Model.Backbone.Padding != last.Model.Backbone.Padding)
                throw new GradusException($"pads its images otherwise than {paths[^1]}, so their weights have no mean", path, remedy: "Average checkpoints that started from the same weights", fault: Fault.Request);
            foreach ((string name, Tensor tensor) in one.Model.NamedTensors().Where(t => t.Tensor.is_floating_point()))
            {
                using var scope = NewDisposeScope();
                Tensor value = tensor.to(ScalarType.Float64);
                if (sums.TryGetValue(name, out Tensor? sum))
                    sum.add_(value);
                else
                    sums[name] = value.clone().DetachFromDisposeScope();
            }
        }
        foreach ((string name, Tensor tensor) in last.Model.NamedTensors())
        {
            if (!sums.Remove(name, out Tensor? sum))
                continue;
            using (sum)
            {
                using var scope = NewDisposeScope();
                tensor.copy_(sum.div(paths.Count));
            }
        }
    }
}
