using Gradus.Datasets;
using Gradus.Ensembles;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Loading;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>Scores of a run's validation images by one of its checkpoints, which is made sure not to have seen them.</summary>
public static class OutOfFoldScores
{
    /// <summary>Scores the validation images.</summary>
    /// <param name="path">A checkpoint of a run on this data.</param>
    /// <param name="experiment">The run's.</param>
    /// <param name="data">The run's.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="progress">Told of every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <exception cref="GradusException">The checkpoint was trained on other data, or on an image of these.</exception>
    public static IReadOnlyList<OutOfFoldScore> Compute(string path, Experiment experiment, RunData data, Device device, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        using Checkpoint checkpoint = Checkpoint.Load(path, device);
        CheckpointInfo info = checkpoint.Info;
        Check(path, info, data);
        IReadOnlyList<ImageRecord> images = data.Partition.Validation.Records;
        var loader = new BatchLoader(data.Cache, info.Recipe.Size, images, device);
        Evaluation evaluation = Evaluator.Evaluate(checkpoint.Model, info.Target, info.Normalisation, loader, 2 * experiment.Train.Batch, $"out-of-fold scores of {info.Run}", progress, stop);
        GradedScores scores = info.Target.Link(evaluation.Logits);
        int grades = (scores.Probabilities?.Length ?? 0) / images.Count;
        return [.. images.Select((r, i) => new OutOfFoldScore(ImageKey.Of(r), r.Hash!.Value, experiment.Split?.Fold, r.Grade!.Value, scores.Score[i], [.. scores.Probabilities.AsSpan(i * grades, grades)]))];
    }

    /// <summary>Refuses a checkpoint of other data, and one that has seen what it is to be judged by.</summary>
    internal static void Check(string path, CheckpointInfo info, RunData data)
    {
        if (info.TrainedOn.Data != data.Partition.Fingerprint)
            throw new GradusException("the images, grades or split are not those that this checkpoint was trained on", path, remedy: "Restore them, or train again");
        int seen = info.TrainedOn.Seen(data.Partition.Validation.Records.Select(r => r.Hash!.Value));
        if (seen > 0)
            throw new GradusException($"the checkpoint was trained on {seen} of the validation images, so its scores there are not out of fold", path, remedy: "Train again");
    }
}
