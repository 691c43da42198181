using System.Collections.Immutable;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>The runs of a folder, oldest first.</summary>
/// <param name="All">Every run that can be read; the chosen ones among them.</param>
/// <param name="Chosen">The runs to report on; the others explain where these come from.</param>
/// <param name="Problems">Why a run of the folder is missing here, a sentence each.</param>
public sealed record RunHistory(ImmutableArray<LoggedRun> All, ImmutableArray<LoggedRun> Chosen, ImmutableArray<string> Problems)
{
    /// <summary>Reads all runs of a folder.</summary>
    /// <param name="runsRoot">The folder of runs; it need not be there where runs are chosen.</param>
    /// <param name="chosen">The runs to report on; all where there are none.</param>
    /// <exception cref="GradusException">There is no run, or a chosen one cannot be read.</exception>
    public static RunHistory Read(string runsRoot, IReadOnlyList<RunFolder> chosen)
    {
        var runs = new Dictionary<string, LoggedRun>(StringComparer.Ordinal);
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (RunFolder run in chosen)
            runs[run.Root] = LoggedRun.Read(run);
        string[] named = [.. runs.Keys];
        foreach (RunFolder run in Directory.Exists(runsRoot) ? new RunsFolder(runsRoot).All().Where(r => !runs.ContainsKey(r.Root)) : [])
        {
            try
            {
                runs[run.Root] = LoggedRun.Read(run);
            }
            catch (GradusException e)
            {
                problems.Add(e.Message);
            }
        }
        if (runs.Count == 0)
            throw new GradusException("there are no runs", runsRoot, problems.FirstOrDefault(), "gradus train makes one; --runs names another folder", Fault.Request);
        ImmutableArray<LoggedRun> all = InOrder(runs.Values);
        return new RunHistory(all, named.Length == 0 ? all : InOrder(named.Select(n => runs[n])), problems.ToImmutable());
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
