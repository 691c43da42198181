using System.Collections.Immutable;

namespace Gradus.Runs.Index;

/// <summary>A run in the tree of who was started from whom.</summary>
/// <param name="Run">The run.</param>
/// <param name="Depth">0 for a run without a parent among the runs.</param>
public sealed record RunTreeLine(IndexedRun Run, int Depth);

/// <summary>The runs by descent.</summary>
public static class RunTree
{
    /// <summary>Every run once, each below its parent, siblings by the time they were started. A run whose parent is not there begins a tree of its own.</summary>
    public static ImmutableArray<RunTreeLine> Of(IReadOnlyList<IndexedRun> runs)
    {
        ILookup<(string, string?), IndexedRun> children = runs.OrderBy(r => r.Created, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal).ToLookup(r => (r.Root, r.Parent));
        HashSet<(string, string)> known = [.. runs.Select(r => (r.Root, r.Name))], told = [];
        var lines = ImmutableArray.CreateBuilder<RunTreeLine>();
        IEnumerable<IndexedRun> first = children.SelectMany(c => c).Where(r => r.Parent is null || !known.Contains((r.Root, r.Parent))).OrderBy(r => r.Created, StringComparer.Ordinal);
        // Files that were edited may make two runs each other's parents: what no tree has reached begins one.
        foreach (IndexedRun run in first.Concat(runs))
            Tell(run);
        return lines.ToImmutable();

        void Tell(IndexedRun top)
        {
            var open = new Stack<RunTreeLine>([new RunTreeLine(top, 0)]);
            while (open.TryPop(out RunTreeLine? line))
            {
                if (!told.Add((line.Run.Root, line.Run.Name)))
                    continue;
                lines.Add(line);
                foreach (IndexedRun child in children[(line.Run.Root, line.Run.Name)].Reverse())
                    open.Push(new RunTreeLine(child, line.Depth + 1));
            }
        }
    }
}
