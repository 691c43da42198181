using System.Collections.Immutable;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>The runs of a folder, oldest first.</summary>
/// <param name="All">Every run that can be read, the chosen ones among them; where some were chosen, of the others but the parents the experiment alone.</param>
/// <param name="Chosen">The runs to report on; the others explain where these come from.</param>
/// <param name="Problems">Why a run of the folder is missing here, a sentence each; none where runs were chosen.</param>
public sealed record RunHistory(ImmutableArray<LoggedRun> All, ImmutableArray<LoggedRun> Chosen, ImmutableArray<string> Problems)
{
    /// <summary>Reads all runs of a folder.</summary>
    /// <param name="runsRoot">The folder of runs; it need not be there where runs are chosen.</param>
    /// <param name="chosen">The runs to report on; all where there are none.</param>
    /// <param name="progress">Told how many have been read.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="GradusException">There is no run, or a chosen one cannot be read.</exception>
    public static RunHistory Read(string runsRoot, IReadOnlyList<RunFolder> chosen, IProgress<WorkProgress>? progress = null, CancellationToken stop = default)
    {
        string[] named = [.. chosen.Select(r => r.Root).Distinct()];
        RunFolder[] folders = [.. chosen.Concat(Directory.Exists(runsRoot) ? new RunsFolder(runsRoot).All() : []).DistinctBy(r => r.Root)];
        var runs = new LoggedRun?[folders.Length];
        var problems = new string?[folders.Length];
        int done = 0;
        Parallel.For(0, folders.Length, new ParallelOptions { CancellationToken = stop }, i =>
        {
            try
            {
                runs[i] = named.Length == 0 || i < named.Length ? LoggedRun.Read(folders[i]) : LoggedRun.ReadExperiment(folders[i]);
            }
            catch (GradusException e) when (i >= named.Length)
            {
                problems[i] = e.Message;
            }
            if (Interlocked.Increment(ref done) is var n && (n % 50 == 0 || n == folders.Length))
                progress?.Report(new WorkProgress("read", n, folders.Length, "runs"));
        });
        // Of what nobody asked for, only parents have figures that are told.
        HashSet<string> parents = [.. runs.Take(named.Length).Select(r => r?.Info.Parent?.Run).OfType<string>()];
        for (int i = named.Length; named.Length > 0 && i < runs.Length; i++)
        {
            if (runs[i] is { } other && parents.Contains(other.Name))
                runs[i] = LoggedRun.Read(folders[i]);
        }
        ImmutableArray<LoggedRun> all = InOrder(runs.OfType<LoggedRun>());
        ImmutableArray<string> leftOut = named.Length == 0 ? [.. problems.OfType<string>()] : [];
        if (all.IsEmpty)
            throw new GradusException("there are no runs", runsRoot, leftOut.FirstOrDefault(), "gradus train makes one; --runs names another folder", Fault.Request);
        return new RunHistory(all, named.Length == 0 ? all : InOrder(runs.Take(named.Length).OfType<LoggedRun>()), leftOut);
    }

    /// <summary>The run of a name; null where it cannot be found.</summary>
    public LoggedRun? Find(string name) => All.FirstOrDefault(r => r.Name == name);

    /// <summary>The last run before this one with the same backbone; null where it is the first.</summary>
    public LoggedRun? Before(LoggedRun run) => All.TakeWhile(r => r != run).LastOrDefault(r => r.Backbone == run.Backbone);

    /// <summary>From the first ancestor to the parent, with the epoch that was continued from: "a (epoch 4) → b (epoch 2)"; null for a run of its own.</summary>
    public string? Lineage(LoggedRun run)
    {
        var ancestors = new List<string>();
        // A run that was copied under its parent's name would go round for ever.
        for (RunParent? parent = run.Info.Parent; parent is not null && ancestors.Count < All.Length; parent = Find(parent.Run)?.Info.Parent)
            ancestors.Insert(0, $"{parent.Run} (epoch {parent.Epoch})");
        return ancestors.Count == 0 ? null : string.Join(" → ", ancestors);
    }

    private static ImmutableArray<LoggedRun> InOrder(IEnumerable<LoggedRun> runs) => [.. runs.OrderBy(r => r.Info.CreatedUtc).ThenBy(r => r.Name, StringComparer.Ordinal)];
}
