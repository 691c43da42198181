using System.Globalization;
using System.Text.Json;

namespace Gradus.Runs;

/// <summary>
/// The folder of one run, which is the truth about it. Nothing in it is ever deleted but checkpoints that the selection rule did
/// not keep; every file is written whole or not at all.
/// </summary>
public sealed class RunFolder
{
    private const string CheckpointPrefix = "epoch-";
    private const string CheckpointExtension = ".safetensors";

    /// <summary>The folder at a full path, whatever is in it.</summary>
    internal RunFolder(string path)
    {
        Root = path;
        Metrics = new EpochLog(Path.Combine(path, "metrics.jsonl"));
    }

    /// <summary>Full path of the folder.</summary>
    public string Root { get; }

    /// <summary>The folder's name.</summary>
    public string Name => Path.GetFileName(Root);

    /// <summary>metrics.jsonl, a record an epoch.</summary>
    public EpochLog Metrics { get; }

    /// <summary>run.json, what <see cref="RunInfo"/> holds.</summary>
    public string InfoFile => Path.Combine(Root, "run.json");

    /// <summary>split.csv, which image was on which side.</summary>
    public string SplitFile => Path.Combine(Root, "split.csv");

    /// <summary>state.safetensors, what resuming needs.</summary>
    public string StateFile => Path.Combine(Root, "state.safetensors");

    /// <summary>process.json, what <see cref="RunProcess"/> holds.</summary>
    public string ProcessFile => Path.Combine(Root, "process.json");

    /// <summary>run.lock, which is held by whoever trains the run.</summary>
    public string LockFile => Path.Combine(Root, "run.lock");

    /// <summary>report.html.</summary>
    public string ReportFile => Path.Combine(Root, "report.html");

    /// <summary>The folder of pictures.</summary>
    public string PlotsFolder => Path.Combine(Root, "plots");

    /// <summary>The folder of checkpoints.</summary>
    public string CheckpointsFolder => Path.Combine(Root, "checkpoints");

    /// <summary>The checkpoint of an epoch (1-based), relative to the folder and with forward slashes, as run.json names it.</summary>
    public static string RelativeCheckpoint(int epoch) => $"checkpoints/{CheckpointPrefix}{epoch:000}{CheckpointExtension}";

    /// <summary>Full path of the checkpoint of an epoch (1-based), there or not.</summary>
    public string Checkpoint(int epoch) => Path.Combine(CheckpointsFolder, Path.GetFileName(RelativeCheckpoint(epoch)));

    /// <summary>Full path of the scores of the validation images after an epoch (1-based), there or not; a <see cref="Predictions.ScoreFile"/>.</summary>
    public string ValidationScores(int epoch) => Path.Combine(Root, "validation_scores", $"{CheckpointPrefix}{epoch:000}.csv");

    /// <summary>The folder into which a sweep over the run's checkpoints goes where nothing else is said.</summary>
    public string SweepFolder => Path.Combine(Root, "sweep");

    /// <summary>Full path of a picture, <c>plots/NAME.png</c>.</summary>
    public string Plot(string name) => Path.Combine(PlotsFolder, $"{name}.png");

    /// <summary>Makes a new folder under <paramref name="runsRoot"/>: the reduced name, or name-2, name-3 … where that is taken, also by somebody else at this moment.</summary>
    /// <exception cref="GradusException">The folder cannot be made.</exception>
    public static RunFolder Create(string runsRoot, string name)
    {
        string root = Path.GetFullPath(runsRoot);
        string reduced = RunName.Reduce(name);
        // A folder that already has something in it cannot be renamed over another of the kind, so that of two who rename to the
        // same name at the same moment just one succeeds.
        string prepared = Path.Combine(root, $".{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(Path.Combine(prepared, "checkpoints"));
            Directory.CreateDirectory(Path.Combine(prepared, "plots"));
            for (int n = 1; ; n++)
            {
                string path = Path.Combine(root, n == 1 ? reduced : $"{reduced}-{n}");
                if (!Path.Exists(path) && TryRename(prepared, path))
                    return new RunFolder(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("the run's folder could not be made", Path.Combine(root, reduced), e.Message.TrimEnd('.'), "Choose another folder for runs", inner: e);
        }
    }

    /// <summary>Opens the folder of a run.</summary>
    /// <exception cref="GradusException">There is no folder, or it holds no run.</exception>
    public static RunFolder Open(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(full))
            throw new GradusException("there is no such folder", path, remedy: "Give the folder of a run, or its name in the folder of runs", fault: Fault.Request);
        var run = new RunFolder(full);
        if (FoldGroup.Is(full))
            throw new GradusException("is a group of folds and not a run", path, remedy: "Name one of its runs; the pooled scores of all are in oof.csv there, the models in ensemble.json", fault: Fault.Request);
        if (!File.Exists(run.InfoFile))
            throw new GradusException("this is not the folder of a run", path, "no run.json in it", "Give the folder of a run, or its name in the folder of runs", Fault.Request);
        return run;
    }

    /// <summary>Writes run.json.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public void WriteInfo(RunInfo info) => AtomicFile.WriteText(InfoFile, JsonSerializer.Serialize(info, GradusJson.Indented) + "\n");

    /// <summary>Reads run.json.</summary>
    /// <exception cref="GradusException">It is missing or damaged, or its experiment is of a version of Gradus that this one does not understand.</exception>
    public RunInfo ReadInfo()
    {
        RunDescription description = Describe();
        return description.Outline as RunInfo
            ?? throw new GradusException("the run's experiment cannot be read by this version of Gradus", InfoFile, $"a run of {description.Outline.CodeVersion}", "Use that version, or train it again");
    }

    /// <summary>Reads of run.json what this version of Gradus understands.</summary>
    /// <exception cref="GradusException">It is missing or damaged.</exception>
    public RunDescription Describe()
    {
        try
        {
            RunDescription description = RunDescription.Of(File.ReadAllText(InfoFile));
            if (description.Outline.Status != RunStatus.Running || RunProcess.DeathOf(this) is not { } death)
                return description;
            return description with { Outline = description.Outline with { Status = RunStatus.Died, Failure = death.Words } };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", InfoFile, e.Message.TrimEnd('.'), inner: e);
        }
        catch (JsonException e)
        {
            throw DamagedJson.In(InfoFile, e, "Restore the file; no other file of the run depends on it");
        }
    }

    /// <summary>Whether run.json itself, whoever may have died since, says that the run is under way.</summary>
    internal bool SaysRunning()
    {
        try
        {
            return RunDescription.Of(File.ReadAllText(InfoFile)).Outline.Status == RunStatus.Running;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }

    /// <summary>The epochs whose checkpoints are on disk, rising.</summary>
    public IReadOnlyList<int> Checkpoints()
    {
        if (!Directory.Exists(CheckpointsFolder))
            return [];
        var epochs = new List<int>();
        foreach (string file in Directory.EnumerateFiles(CheckpointsFolder, $"{CheckpointPrefix}*{CheckpointExtension}"))
        {
            string number = Path.GetFileName(file)[CheckpointPrefix.Length..^CheckpointExtension.Length];
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int epoch))
                epochs.Add(epoch);
        }
        epochs.Sort();
        return epochs;
    }

    /// <summary>Deletes the checkpoints of all epochs but these, the one thing in a run that is ever deleted.</summary>
    /// <exception cref="GradusException">One could not be deleted.</exception>
    public void PruneCheckpoints(IReadOnlyCollection<int> keep)
    {
        foreach (int epoch in Checkpoints().Except(keep))
        {
            try
            {
                File.Delete(Checkpoint(epoch));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new GradusException("the checkpoint could not be deleted", Checkpoint(epoch), e.Message.TrimEnd('.'), inner: e);
            }
        }
    }

    /// <summary>Deletes what a killed process was writing; to be called by whoever holds the run.</summary>
    public void DiscardTemporaryFiles()
    {
        foreach (string file in Directory.EnumerateFiles(Root, "*.tmp", SearchOption.AllDirectories))
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Half a file that nobody reads does no harm.
            }
        }
    }

    private static bool TryRename(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
            return true;
        }
        catch (IOException) when (Path.Exists(to))
        {
            return false;
        }
    }
}
