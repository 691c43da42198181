using System.Text.Json;
using Gradus.Experiments;

namespace Gradus.Runs;

/// <summary>Which runs belong together: the contents of group.json.</summary>
/// <param name="Name">The folder's name; every run of the group says it in its run.json.</param>
/// <param name="Fingerprint">SHA-256 over the experiment without its fold and device, and over images, grades and fold plan.</param>
/// <param name="Folds">How many runs there will be.</param>
/// <param name="CreatedUtc">When the group was begun.</param>
public sealed record FoldGroupInfo(string Name, string Fingerprint, int Folds, DateTimeOffset CreatedUtc);

/// <summary>
/// The folder of what a run for each fold gives together. It is found again by what was trained on what, so that training all folds
/// can be stopped and started again.
/// </summary>
public sealed class FoldGroup
{
    private const string InfoName = "group.json";

    private FoldGroup(string root, FoldGroupInfo info) => (Root, Info) = (root, info);

    /// <summary>Full path of the folder.</summary>
    public string Root { get; }

    /// <summary>What group.json says.</summary>
    public FoldGroupInfo Info { get; }

    /// <summary>oof.csv, the pooled out-of-fold scores.</summary>
    public string OutOfFoldFile => Path.Combine(Root, "oof.csv");

    /// <summary>ensemble.json, the models of all folds as one.</summary>
    public string EnsembleFile => Path.Combine(Root, "ensemble.json");

    /// <summary>True for the folder of a group.</summary>
    public static bool Is(string path) => File.Exists(Path.Combine(path, InfoName));

    /// <summary>Opens the folder of a group.</summary>
    /// <exception cref="GradusException">It is none, or group.json is damaged.</exception>
    public static FoldGroup Open(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), file = Path.Combine(full, InfoName);
        if (!File.Exists(file))
            throw new GradusException("this is not the folder of a group of folds", path, "no group.json in it", "Give the folder that gradus train --fold all made", Fault.Request);
        try
        {
            return new FoldGroup(full, JsonSerializer.Deserialize<FoldGroupInfo>(File.ReadAllText(file), GradusJson.Indented) ?? throw new JsonException("the file says null"));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw DamagedJson.In(file, e, "Restore the file from a copy");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", file, e.Message.TrimEnd('.'), inner: e);
        }
    }

    /// <summary>The group of this fingerprint under <paramref name="runsRoot"/>, made where there is none.</summary>
    /// <exception cref="GradusException">The folder cannot be made.</exception>
    public static FoldGroup OpenOrCreate(string runsRoot, Experiment experiment, string fingerprint, int folds, TimeProvider clock)
    {
        string root = Path.GetFullPath(runsRoot);
        if (Directory.Exists(root) && Directory.EnumerateDirectories(root).Where(Is).Order(StringComparer.Ordinal).Select(Open).FirstOrDefault(g => g.Info.Fingerprint == fingerprint) is { } known)
            return known;
        DateTimeOffset now = clock.GetUtcNow();
        string name = RunName.Reduce($"{now.LocalDateTime:dd-MM}_{experiment.Model.Backbone}_{folds}-folds");
        for (int n = 1; ; n++)
        {
            string path = Path.Combine(root, n == 1 ? name : $"{name}-{n}");
            if (Path.Exists(path))
                continue;
            var info = new FoldGroupInfo(Path.GetFileName(path), fingerprint, folds, now);
            AtomicFile.WriteText(Path.Combine(path, InfoName), JsonSerializer.Serialize(info, GradusJson.Indented) + "\n");
            return new FoldGroup(path, info);
        }
    }

    /// <summary>The group's runs that have been begun, by fold; of several of one fold the latest.</summary>
    /// <exception cref="GradusException">A run.json in the folder of runs is damaged.</exception>
    public IReadOnlyDictionary<int, RunFolder> Runs()
    {
        var runs = new Dictionary<int, (RunFolder Run, DateTimeOffset Created)>();
        // Of the runs beside them some may be of another version of Gradus, which is no reason to stop.
        foreach (RunFolder run in new RunsFolder(Path.GetDirectoryName(Root)!).All().Where(r => r.Describe().Outline.Group == Info.Name))
        {
            RunInfo info = run.ReadInfo();
            if (info.Experiment.Split is { } split && (!runs.TryGetValue(split.Fold, out var other) || info.CreatedUtc > other.Created))
                runs[split.Fold] = (run, info.CreatedUtc);
        }
        return runs.ToDictionary(r => r.Key, r => r.Value.Run);
    }
}
