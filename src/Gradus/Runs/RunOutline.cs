using System.Collections.Immutable;

namespace Gradus.Runs;

/// <summary>What run.json says beside the experiment; every version of Gradus understands it.</summary>
public record RunOutline
{
    /// <summary>The folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>When the run was started.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>When the run finished or failed; null before.</summary>
    public DateTimeOffset? EndedUtc { get; init; }

    /// <summary>Where it stands.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Why it failed, in the words of the error, or of what its process died; null otherwise.</summary>
    public string? Failure { get; init; }

    /// <summary>What it was started from; null for a run of its own.</summary>
    public RunParent? Parent { get; init; }

    /// <summary>The folder, beside this one, of the group of folds that it belongs to; null for a run of its own.</summary>
    public string? Group { get; init; }

    /// <summary>The version of Gradus that runs it.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>What computes it; null for runs of versions that did not say.</summary>
    public ComputedBy? ComputedBy { get; init; }

    /// <summary>The images it works on.</summary>
    public required RunCounts Counts { get; init; }

    /// <summary>The epochs that the experiment's rule has chosen, best first; none before the run has finished.</summary>
    public ImmutableArray<int> Selection { get; init; } = [];

    /// <summary>The checkpoint of the first of them, relative to the run's folder: <c>checkpoints/epoch-022.safetensors</c>; null before there is one.</summary>
    public string? BestCheckpoint { get; init; }
}
