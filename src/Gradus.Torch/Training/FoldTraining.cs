using Gradus.Ensembles;
using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Thresholds;
using Gradus.Torch.Checkpoints;

namespace Gradus.Torch.Training;

/// <summary>A run for each fold, and what they are together. Every image is judged by a model that was not trained on it.</summary>
public static class FoldTraining
{
    /// <summary>Finds the group of this experiment and data, or begins one.</summary>
    /// <exception cref="GradusException">The folder cannot be made.</exception>
    public static FoldGroup Group(FoldData data, string runsRoot, TimeProvider clock) =>
        FoldGroup.OpenOrCreate(runsRoot, data.Folds[0].Experiment, data.Fingerprint, data.Folds.Length, clock);

    /// <summary>The group's run of a fold: the one that was begun, else a new one, whose name the remark ends.</summary>
    /// <exception cref="GradusException">The folder cannot be made, or the experiment does not fit the data.</exception>
    public static RunFolder Run(FoldGroup group, FoldData data, int fold, TimeProvider clock, string? remark = null)
    {
        if (group.Runs().TryGetValue(fold, out RunFolder? begun))
            return begun;
        (Experiment experiment, RunData foldData) = data.Folds[fold];
        return TrainingSession.Begin(experiment, foldData, Path.GetDirectoryName(group.Root)!, clock, group: group.Info.Name, remark: remark);
    }

    /// <summary>
    /// Pools the out-of-fold scores of all runs, fits cut points on them, and leaves oof.csv and ensemble.json in the group's folder: the mean
    /// of the folds' best checkpoints, decoded at the pooled cut points.
    /// </summary>
    /// <exception cref="GradusException">A fold's run is not finished, or a checkpoint does not belong to the data.</exception>
    public static (OutOfFoldSet Scores, EnsembleReport Report, Ensemble Ensemble) Assemble(FoldGroup group, FoldData data, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        IReadOnlyDictionary<int, RunFolder> runs = group.Runs();
        var scores = new List<OutOfFoldScore>();
        var checkpoints = new List<EnsembleCheckpoint>();
        for (int fold = 0; fold < data.Folds.Length; fold++)
        {
            if (!runs.TryGetValue(fold, out RunFolder? run) || run.ReadInfo() is not { Status: RunStatus.Finished, BestCheckpoint: { } best } info)
                throw new GradusException($"fold {fold} is not trained to its end", group.Root, remedy: "Run gradus train --fold all again", fault: Fault.Request);
            string path = Path.Combine(run.Root, best);
            (Experiment experiment, RunData foldData) = data.Folds[fold];
            scores.AddRange(OutOfFoldScores.Compute(path, experiment, foldData, Engine.DeviceOf(experiment.Train.Device), progress, stop));
            checkpoints.Add(Member(path));
        }
        Experiment any = data.Folds[0].Experiment;
        var set = new OutOfFoldSet(scores);
        EnsembleReport report = EnsembleReport.Create([(group.Info.Name, set)], EnsembleMethod.Mean, any.Scale, Options(any.Train.Seed));
        var ensemble = Ensemble.Create(any.Scale, [new EnsembleMember(group.Info.Name, [.. checkpoints])], report);
        OutOfFoldFile.Write(group.OutOfFoldFile, set);
        EnsembleFile.Write(group.EnsembleFile, ensemble);
        return (set, report, ensemble);
    }

    /// <summary>How pooled cut points are chosen.</summary>
    public static CutPointOptions Options(long seed) => new() { Choice = CutPointChoice.Bootstrap, Seed = seed };

    /// <summary>A checkpoint as an ensemble names it.</summary>
    /// <exception cref="GradusException">Not a checkpoint of Gradus.</exception>
    public static EnsembleCheckpoint Member(string path)
    {
        CheckpointInfo info = Checkpoint.ReadInfo(path);
        return new EnsembleCheckpoint(Path.GetFullPath(path), EnsembleFile.Sha256(path), info.Run, info.Epoch, info.TrainedOn.Fold, info.Recipe);
    }
}
