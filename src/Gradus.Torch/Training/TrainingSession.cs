using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Splitting;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>The public entry to training: a run folder from its first to its last file.</summary>
public static class TrainingSession
{
    /// <summary>Makes a folder for a new run and writes what it is about to do.</summary>
    /// <param name="experiment">Its precision may be auto, which is settled here.</param>
    /// <param name="data">What it will train on.</param>
    /// <param name="runsRoot">The folder of all runs.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="parent">The checkpoint that it starts from, whose file the experiment's weights then name.</param>
    /// <param name="group">The group of folds that it belongs to.</param>
    /// <exception cref="GradusException">The folder cannot be made or written.</exception>
    public static RunFolder Begin(Experiment experiment, RunData data, string runsRoot, TimeProvider clock, RunParent? parent = null, string? group = null)
    {
        if (experiment.Model.Weights is { } weights && !File.Exists(weights))
            throw new GradusException("the weights that the experiment names are not there", weights, remedy: "Correct model: weights, or leave it out to start from random ones", fault: Fault.Request);
        CheckJudgement(experiment, data);
        CheckWeights(experiment, parent);
        Precision precision = Engine.Resolve(experiment.Train.Precision, Engine.DeviceOf(experiment.Train.Device));
        experiment = experiment with { Train = experiment.Train with { Precision = precision } };
        DateTimeOffset now = clock.GetUtcNow();
        RunFolder run = RunFolder.Create(runsRoot, RunName.Derive(DateOnly.FromDateTime(now.LocalDateTime), experiment));
        run.WriteInfo(new RunInfo
        {
            Name = run.Name,
            CreatedUtc = now,
            Status = RunStatus.Running,
            Experiment = experiment,
            Parent = parent,
            Group = group,
            CodeVersion = CodeVersion.Current,
            Counts = new RunCounts
            {
                Train = Counts(data.Partition.Training.Records, experiment),
                Validation = Counts(data.Partition.Validation.Records, experiment),
                External = data.Partition.Training.Records.Count(r => data.Audit.External.Any(e => e.Id == r.Id && e.Source == r.Source)),
                Conflicting = data.Audit.Quarantined.Length,
                Unreadable = data.Audit.Unreadable.Length,
            },
        });
        if (data.Partition.Plan is { } plan)
            FoldPlanFile.Write(run.SplitFile, plan);
        return run;
    }

    /// <summary>Weights that do not fit are refused before there is a run that could fail.</summary>
    private static void CheckWeights(Experiment experiment, RunParent? parent)
    {
        if (experiment.Model.Weights is null)
            return;
        using var scope = NewDisposeScope();
        using Network network = Network.Build(experiment, CPU, parent is null ? LoadScope.Backbone : LoadScope.Parent);
    }

    /// <summary>A rule that compares what one grade alone leaves undefined would choose by nothing.</summary>
    private static void CheckJudgement(Experiment experiment, RunData data)
    {
        int[] grades = [.. data.Partition.Validation.Records.Select(r => r.Grade!.Value).Distinct().Take(2)];
        if (grades.Length == 1 && experiment.Select.By is not SelectBy.Loss and not SelectBy.Accuracy)
        {
            throw new GradusException(
                $"all {data.Partition.Validation.Records.Length} validation images have grade {grades[0]} {experiment.Scale.Names[grades[0]]}, so epochs cannot be compared by {Selection.Describe(experiment.Select.By)}",
                remedy: experiment.Split is null ? "Add validation images of other grades, or write select: { by: loss }" : "Choose another fold with --fold, or write select: { by: loss }",
                fault: Fault.Request);
        }
    }

    /// <summary>Trains the run to its end, from wherever it stands, and leaves metrics, checkpoints, pictures and report in its folder.</summary>
    /// <exception cref="GradusException">Another process works on the run, or training failed; run.json then says why.</exception>
    public static TrainingResult Train(RunFolder run, RunData data, TimeProvider clock, TrainingEvents events, CancellationToken stop)
    {
        using FileStream held = Hold(run);
        run.DiscardTemporaryFiles();
        RunInfo info = run.ReadInfo() with { Status = RunStatus.Running, Failure = null, EndedUtc = null };
        run.WriteInfo(info);
        try
        {
            using var trainer = new Trainer(info.Experiment, data.Partition, data.Cache, run, events);
            TrainingResult result = trainer.Run(stop);
            run.WriteInfo(info with
            {
                Status = RunStatus.Finished,
                EndedUtc = clock.GetUtcNow(),
                Selection = [.. result.Ranked.Take(info.Experiment.Select.Keep)],
                BestCheckpoint = RunFolder.RelativeCheckpoint(result.Ranked[0]),
            });
            Picture(run, result, info, events);
            return result;
        }
        catch (OperationCanceledException)
        {
            run.WriteInfo(info with { Status = RunStatus.Stopped, EndedUtc = clock.GetUtcNow() });
            throw;
        }
        catch (GradusException e)
        {
            run.WriteInfo(info with { Status = RunStatus.Failed, EndedUtc = clock.GetUtcNow(), Failure = e.Message });
            throw;
        }
    }

    // Pictures and report are for looking at; a run whose weights are on disk has not failed because a font is missing.
    private static void Picture(RunFolder run, TrainingResult result, RunInfo info, TrainingEvents events)
    {
        try
        {
            RunPlots.Write(run, result.Records, info.Experiment.Scale);
            RunReport.Write(run);
        }
        catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException or InvalidOperationException or TypeInitializationException or DllNotFoundException)
        {
            events.Note?.Invoke($"the run is complete, but its plots or report could not be drawn: {e.Message}");
        }
    }

    private static FileStream Hold(RunFolder run)
    {
        string path = Path.Combine(run.Root, "run.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new GradusException("another process is training this run", run.Root, remedy: "Wait for it, or stop it first", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("cannot be written to", run.Root, e.Message.TrimEnd('.'), inner: e);
        }
    }

    private static System.Collections.Immutable.ImmutableArray<int> Counts(IEnumerable<ImageRecord> records, Experiment experiment)
    {
        var counts = new int[experiment.Scale.Count];
        foreach (ImageRecord record in records)
            counts[record.Grade!.Value]++;
        return [.. counts];
    }
}
