using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Reports;
using Gradus.Runs;
using Gradus.Runs.Notes;
using Gradus.Splitting;
using Gradus.Torch.Arithmetic;
using Gradus.Torch.Loading;
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
    /// <param name="remark">A word of the person's, which ends the run's name and is its first note; null for none.</param>
    /// <exception cref="GradusException">The folder cannot be made or written.</exception>
    public static RunFolder Begin(Experiment experiment, RunData data, string runsRoot, TimeProvider clock, RunParent? parent = null, string? group = null, string? remark = null)
    {
        if (experiment.Model.Weights is { } weights && !File.Exists(weights))
            throw Directory.Exists(weights) ? new GradusException("the weights that the experiment names are a folder", weights, remedy: "Name the file in it", fault: Fault.Request) : new GradusException("the weights that the experiment names are not there", weights, remedy: "Correct model: weights, or leave it out to start from random ones", fault: Fault.Request);
        CheckJudgement(experiment, data);
        CheckStatistics(experiment, data.Partition.Training.Count);
        CheckWeights(experiment, parent);
        Precision precision = Engine.Resolve(experiment.Train.Precision, Engine.DeviceOf(experiment.Train.Device));
        experiment = experiment with { Train = experiment.Train with { Precision = precision } };
        DateTimeOffset now = clock.GetUtcNow();
        RunFolder run = RunFolder.Create(runsRoot, RunName.Derive(DateOnly.FromDateTime(now.LocalDateTime), experiment, ParentExperiment(parent), remark));
        RunProcess.Claim(run);
        run.WriteInfo(new RunInfo
        {
            Name = run.Name,
            CreatedUtc = now,
            Status = RunStatus.Running,
            Experiment = experiment,
            Parent = parent,
            Group = group,
            CodeVersion = CodeVersion.Current,
            ComputedBy = EngineCheck.Record,
            Counts = new RunCounts
            {
                Train = Counts(data.Partition.Training.Records, experiment),
                Validation = Counts(data.Partition.Validation.Records, experiment),
                External = InRole(SourceRole.External, experiment, data),
                Pseudo = InRole(SourceRole.Pseudo, experiment, data),
                Conflicting = data.Audit.Quarantined.Length,
                Unreadable = data.Audit.Unreadable.Length,
            },
        });
        if (data.Partition.Plan is { } plan)
            FoldPlanFile.Write(run.SplitFile, plan);
        if (!string.IsNullOrWhiteSpace(remark))
            RunNotes.Add(run, new RunNote { At = now, Remark = remark });
        return run;
    }

    // A checkpoint lies in checkpoints/ in its run's folder; one that was copied elsewhere has no run whose settings could be asked.
    private static Experiment? ParentExperiment(RunParent? parent)
    {
        try
        {
            return parent is not null && Path.GetDirectoryName(Path.GetDirectoryName(parent.Checkpoint)) is { } folder && File.Exists(Path.Combine(folder, "run.json"))
                ? RunFolder.Open(folder).ReadInfo().Experiment
                : null;
        }
        catch (GradusException)
        {
            return null; // only the name is poorer for it
        }
    }

    /// <summary>A batch norm over one value has no variance: its statistics become NaN, and with them all later validation.</summary>
    private static void CheckStatistics(Experiment experiment, int images)
    {
        const int SmallestMapOfSeveral = 64; // at 32 times less, two pixels a side
        TrainSpec train = experiment.Train;
        bool inHead = experiment.Model.Head.Any(l => l is BatchNormLayer);
        bool inBackbone = train.BatchNorm == BatchNormMode.Train && train.FreezeBackboneEpochs < train.Epochs && experiment.Recipe.Size < SmallestMapOfSeveral;
        int smallest = images / BatchLoader.BatchCount(images, train.Batch) / train.Accumulate;
        if (smallest < 2 && (inHead || inBackbone))
            throw new GradusException($"batch norm in the {(inHead ? "head" : "backbone")} needs at least 2 images at a time", found: $"{images} training images, batch {train.Batch}, accumulate {train.Accumulate}: parts of {Math.Max(1, smallest)}", remedy: "Raise train: batch", fault: Fault.Request);
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
        if (grades.Length == 1 && experiment.Select.By is not (SelectBy.Loss or SelectBy.Accuracy or SelectBy.Last))
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
        RunProcess.Claim(run);
        RunInfo before = run.ReadInfo();
        RunInfo info = before with { Status = RunStatus.Running, Failure = null, EndedUtc = null, ComputedBy = EngineCheck.Record };
        RequireUnedited(run, info.Experiment);
        if (Elsewhere(before.ComputedBy, EngineCheck.Record) is { } moved)
            events.Note?.Invoke(moved);
        run.WriteInfo(info);
        if (info.Experiment.Notify is { } spec && Notifier.Foresee(spec, Environment.GetEnvironmentVariable) is { } problem)
            events.Note?.Invoke(problem);
        try
        {
            using var trainer = new Trainer(info.Experiment, data.Partition, data.Cache, run, events);
            TrainingResult result = trainer.Run(stop);
            run.WriteInfo(info with
            {
                Status = RunStatus.Finished,
                EndedUtc = clock.GetUtcNow(),
                Selection = [.. Runs.Selection.Kept(result.Records, info.Experiment.Select)],
                BestCheckpoint = RunFolder.RelativeCheckpoint(result.Ranked[0]),
            });
            Picture(run, result, info, events);
            Tell(run, info.Experiment, events);
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
            Tell(run, info.Experiment, events);
            throw;
        }
        catch (Exception e)
        {
            // Not died: the process goes on, and says so itself.
            string failure = $"internal error: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
            run.WriteInfo(info with { Status = RunStatus.Failed, EndedUtc = clock.GetUtcNow(), Failure = failure });
            throw;
        }
    }

    // Two processors or two ways round differently, so the run ends with other last digits than it would have had.
    private static string? Elsewhere(ComputedBy? before, ComputedBy now) =>
        before is null || (before.Processor, before.Engine, before.Way) == (now.Processor, now.Engine, now.Way)
            ? null
            : $"the run was begun on {before.Processor} ({before.Engine}, {before.Way}) and goes on on {now.Processor} "
                + $"({now.Engine}, {now.Way}): the last digits of its figures will differ";

    /// <summary>Refuses a run whose run.json has other settings than its epochs so far were trained with.</summary>
    /// <exception cref="GradusException">A setting differs; each is named.</exception>
    public static void RequireUnedited(RunFolder run, Experiment experiment) =>
        TrainingState.Read(run.StateFile)?.RequireSame(experiment, run.InfoFile);

    // Whoever is told, and whatever they do, the run is what its folder says.
    private static void Tell(RunFolder run, Experiment experiment, TrainingEvents events)
    {
        if (experiment.Notify is not { } spec)
            return;
        try
        {
            foreach (string problem in Notifier.Tell(spec, RunNotice.Of(LoggedRun.Read(run)), Environment.GetEnvironmentVariable))
                events.Note?.Invoke(problem);
        }
        catch (GradusException e)
        {
            events.Note?.Invoke($"nobody was told of the run: {e.Message}");
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
        // Somebody may look this moment whether it is held, and a process that was killed takes a moment to give it
        // back.
        const int Patience = 20;
        string path = run.LockFile;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (attempt < Patience && File.Exists(path))
            {
                Thread.Sleep(TimeSpan.FromMilliseconds(100));
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
    }

    private static int InRole(SourceRole role, Experiment experiment, RunData data)
    {
        HashSet<string> names = [.. experiment.Sources.Where(s => s.Role == role).Select(s => s.Name)];
        return data.Partition.Training.Records.Count(r => names.Contains(r.Source));
    }

    private static System.Collections.Immutable.ImmutableArray<int> Counts(IEnumerable<ImageRecord> records, Experiment experiment)
    {
        var counts = new int[experiment.Scale.Count];
        foreach (ImageRecord record in records)
            counts[record.Grade!.Value]++;
        return [.. counts];
    }
}
