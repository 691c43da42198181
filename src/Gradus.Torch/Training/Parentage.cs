using Gradus.Experiments;
using Gradus.Runs;
using Gradus.Torch.Checkpoints;

namespace Gradus.Torch.Training;

/// <summary>
/// What it takes to start a run from a checkpoint: the learning rate said anew, the difference from the parent's run, and whether
/// the parent has seen the images that are to judge (ledger, rows 4 and 11).
/// </summary>
/// <param name="Info">What the checkpoint says of itself.</param>
/// <param name="Path">The checkpoint, absolute.</param>
/// <param name="Run">The parent's run; null where its folder is not around the checkpoint any more.</param>
public sealed record Parentage(CheckpointInfo Info, string Path, RunInfo? Run)
{
    /// <summary>Reads a checkpoint and, where it still is in its run's folder, the run.</summary>
    /// <exception cref="GradusException">Not a checkpoint of Gradus.</exception>
    public static Parentage Read(string checkpoint)
    {
        if (!File.Exists(checkpoint))
            throw new GradusException(Directory.Exists(checkpoint) ? "is a folder" : "there is no such file", checkpoint, remedy: "Give a file of a run's folder checkpoints, such as runs/RUN/checkpoints/epoch-012.safetensors", fault: Fault.Request);
        CheckpointInfo info = Checkpoint.ReadInfo(checkpoint);
        string path = System.IO.Path.GetFullPath(checkpoint);
        string? root = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(path));
        RunFolder? folder = root is not null && File.Exists(System.IO.Path.Combine(root, "run.json")) ? RunFolder.Open(root) : null;
        RunInfo? run = folder?.ReadInfo();
        return new Parentage(info, path, run?.Name == info.Run ? run : null)
        {
            Rates = run?.Name == info.Run ? folder!.Metrics.Read().FirstOrDefault(r => r.Epoch == info.Epoch)?.LearningRates : null,
        };
    }

    /// <summary>The rates of the parent's epoch; null where its run is gone.</summary>
    public GroupRates? Rates { get; private init; }

    /// <summary>The experiment as it continues from this parent.</summary>
    /// <param name="experiment">As the file says.</param>
    /// <param name="topLr">As the person says; there is no default.</param>
    /// <exception cref="GradusException">The learning rate was not said, or network or scale are not the parent's (fault: request).</exception>
    public Experiment Continue(Experiment experiment, double? topLr)
    {
        if (topLr is not { } rate)
        {
            string before = Rates is { } r ? $", and epoch {Info.Epoch} of {Info.Run} ended at {r.Head:g3} (head) and {r.Backbone:g3} (backbone)" : "";
            throw new GradusException(
                "starting from a checkpoint needs the learning rate said anew", Path, $"none; the experiment has top_lr {experiment.Train.TopLr:g3}{before}", $"Add --top-lr {experiment.Train.TopLr:g3}, or a smaller one", Fault.Request);
        }
        if (experiment.Model.Backbone != Info.Model.Backbone)
            throw new GradusException($"is a {Info.Model.Backbone}, and the experiment's backbone is {experiment.Model.Backbone}", Path, remedy: $"Write backbone: {Info.Model.Backbone}, or start from another checkpoint", fault: Fault.Request);
        return experiment with { Model = experiment.Model with { Weights = Path, WeightsKey = null }, Train = experiment.Train with { TopLr = rate } };
    }

    /// <summary>What differs from the parent's run; from what the checkpoint knows where the run is gone.</summary>
    public IReadOnlyList<SettingDifference> Differences(Experiment experiment)
    {
        Experiment before = Run?.Experiment ?? experiment with { Scale = Info.Scale, Recipe = Info.Recipe, Model = Info.Model, Target = Info.Target };
        return [.. ExperimentDifference.Between(before, experiment).Where(d => d.Setting != "model.weights")];
    }

    /// <summary>The record of the descent.</summary>
    /// <param name="experiment">As it continues.</param>
    /// <param name="data">What it will train on.</param>
    public RunParent Record(Experiment experiment, RunData data) =>
        new(Info.Run, Info.Epoch, Path, experiment.Train.TopLr, Rates, Info.TrainedOn.Seen(data.Partition.Validation.Records.Select(r => r.Hash!.Value)));
}
