using Gradus.Ensembles;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>What may become a member of an ensemble: its checkpoints, and their scores on images that they were not trained on.</summary>
/// <param name="Member">Name and checkpoints.</param>
/// <param name="Scale">The grades.</param>
/// <param name="Scores">Out of fold, and made sure to be.</param>
public sealed record EnsembleCandidate(EnsembleMember Member, GradeScale Scale, OutOfFoldSet Scores)
{
    /// <summary>Finds what a person named: a group of folds, a run (its best checkpoint) or a checkpoint in its run's folder.</summary>
    /// <param name="named">A folder or file, or a name in the folder of runs.</param>
    /// <param name="runsRoot">The folder of runs.</param>
    /// <param name="cacheRoot">The folder of prepared images.</param>
    /// <param name="scores">A file of out-of-fold scores; null takes the group's, or scores the run's validation images.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="progress">Told of every batch.</param>
    /// <param name="stop">Stops between batches.</param>
    /// <exception cref="GradusException">Nothing of the name, a run that is not finished, or scores that are not out of fold.</exception>
    public static EnsembleCandidate Find(string named, string runsRoot, string cacheRoot, string? scores, Device device, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        string path = Path.Exists(named) ? named : Path.Combine(runsRoot, named);
        if (Directory.Exists(path) && FoldGroup.Is(path))
            return OfGroup(FoldGroup.Open(path), scores);
        string checkpoint = File.Exists(path) ? path : Best(RunFolder.Open(path));
        EnsembleCheckpoint one = FoldTraining.Member(checkpoint);
        var member = new EnsembleMember($"{one.Run}, epoch {one.Epoch}", [one]);
        GradeScale scale = Checkpoint.ReadInfo(checkpoint).Scale;
        if (scores is not null)
            return new EnsembleCandidate(member, scale, Read(scores, scale, member));
        Experiment experiment = Parentage.Read(checkpoint).Run?.Experiment
            ?? throw new GradusException("the checkpoint is not in its run's folder any more, so its out-of-fold images are not known", checkpoint, remedy: "Name the file in the run's own checkpoints folder", fault: Fault.Request);
        using RunData data = RunData.Load(experiment, cacheRoot, progress, stop);
        return new EnsembleCandidate(member, scale, new OutOfFoldSet(OutOfFoldScores.Compute(checkpoint, experiment, data, device, progress, stop)));
    }

    private static EnsembleCandidate OfGroup(FoldGroup group, string? scores)
    {
        if (!File.Exists(group.EnsembleFile))
            throw new GradusException("not all folds of the group are trained to their end", group.Root, remedy: "Run gradus train --fold all again", fault: Fault.Request);
        Ensemble ensemble = EnsembleFile.Read(group.EnsembleFile);
        EnsembleMember member = ensemble.Members[0] with { Name = group.Info.Name };
        return new EnsembleCandidate(member, ensemble.Scale, Read(scores ?? group.OutOfFoldFile, ensemble.Scale, member));
    }

    private static OutOfFoldSet Read(string file, GradeScale scale, EnsembleMember member)
    {
        OutOfFoldSet set = OutOfFoldFile.Read(file, scale.Count);
        OutOfFoldCheck.Verify(set, file, member.Checkpoints.Where(c => c.Fold is not null).ToDictionary(c => c.Fold!.Value, c =>
        {
            TrainedOn trainedOn = Checkpoint.ReadInfo(c.Path).TrainedOn;
            string run = Path.GetDirectoryName(Path.GetDirectoryName(c.Path))!;
            return (Path.Combine(run, "split.csv"), (Func<IEnumerable<Datasets.ContentHash>, int>)trainedOn.Seen);
        }));
        return set;
    }

    private static string Best(RunFolder run) => run.ReadInfo() is { Status: RunStatus.Finished, BestCheckpoint: { } best }
        ? Path.Combine(run.Root, best)
        : throw new GradusException("the run is not finished, so it has no best checkpoint", run.Root, remedy: "Run gradus resume, or name a checkpoint", fault: Fault.Request);
}
