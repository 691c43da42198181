using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Mistakes;
using Gradus.Runs;
using Gradus.Splitting;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Prediction;
using static TorchSharp.torch;

namespace Gradus.Torch.Explanation;

/// <summary>What a run's chosen checkpoint says of the images that judged the run, none of which it was trained on.</summary>
public static class OutOfFold
{
    /// <summary>The chosen checkpoint of a run.</summary>
    /// <exception cref="GradusException">The run has not chosen one yet.</exception>
    public static string BestCheckpoint(RunFolder run) => run.ReadInfo().BestCheckpoint is { } best
        ? Path.Combine(run.Root, best)
        : throw new GradusException("has not chosen a checkpoint yet", run.Root, remedy: "Let it finish: gradus resume", fault: Fault.Request);

    /// <summary>The audit of a run's data as they are today. Runs on the same sources share one.</summary>
    public static AuditReport Audit(Experiment experiment, IDictionary<string, AuditReport> known, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        string key = GradusJson.Fingerprint(new { experiment.Scale, experiment.Sources, experiment.Test, experiment.Conflicts });
        return known.TryGetValue(key, out AuditReport? audit) ? audit : known[key] = Auditor.Run(experiment, progress, stop);
    }

    /// <summary>The images that judged the run, divided as its split.csv says.</summary>
    /// <exception cref="GradusException">The data are not those of the run any more.</exception>
    public static ImmutableArray<ImageRecord> Images(RunFolder run, AuditReport audit)
    {
        Experiment experiment = run.ReadInfo().Experiment;
        FoldPlan? plan = experiment.Split is not null && File.Exists(run.SplitFile) ? FoldPlanFile.Read(run.SplitFile, audit.Main, DataPartition.Alike(audit)) : null;
        return DataPartition.Create(experiment, audit, plan).Validation.Records;
    }

    /// <summary>Judges images with a checkpoint of the run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="images">Graded and hashed.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="progress">Counts images.</param>
    /// <param name="stop">Cancels between batches.</param>
    /// <exception cref="GradusException">The run was trained on one of the images, or one cannot be read any more.</exception>
    public static ImmutableArray<Judgement> Judge(RunFolder run, ImmutableArray<ImageRecord> images, Device device, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        using Checkpoint checkpoint = Checkpoint.Load(BestCheckpoint(run), device);
        RefuseSeen(run, checkpoint.Info.TrainedOn, images);
        PredictionSet predicted = Predictor.Predict(checkpoint, [.. images.Select(i => (i.Id, i.Location))], progress, stop);
        if (!predicted.Failed.IsEmpty)
            throw new GradusException("cannot be read any more", predicted.Failed[0].Id.Value, predicted.Failed[0].Problem, "Restore it");
        return [.. images.Zip(predicted.Grade(checkpoint.Info.TunedRule), (image, p) => new Judgement(image, run.Root, p.Grade, p.Score, p.Probabilities))];
    }

    /// <summary>Refuses images that a run was trained on: how wrong it is about those says nothing.</summary>
    internal static void RefuseSeen(RunFolder run, TrainedOn trainedOn, ImmutableArray<ImageRecord> images)
    {
        if (trainedOn.Seen(images.Select(i => i.Hash!.Value)) is > 0 and var seen)
            throw new GradusException($"was trained on {seen} of the {images.Length} images that it is to judge", run.Root, remedy: "Train it anew on today's data and split", fault: Fault.Request);
    }
}
