using System.Collections.Immutable;
using Gradus.Experiments;

namespace Gradus.Runs;

/// <summary>Where a run stands.</summary>
public enum RunStatus
{
    /// <summary>Under way, or ended without having been able to say so.</summary>
    Running,

    /// <summary>All its epochs are done.</summary>
    Finished,

    /// <summary>Stopped by an error.</summary>
    Failed,

    /// <summary>Stopped by the user; it can be resumed.</summary>
    Stopped,
}

/// <summary>What a run is: the contents of run.json.</summary>
public sealed record RunInfo
{
    /// <summary>The folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>When the run was started.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>When the run finished or failed; null before.</summary>
    public DateTimeOffset? EndedUtc { get; init; }

    /// <summary>Where it stands.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Why it failed, in the words of the error; null otherwise.</summary>
    public string? Failure { get; init; }

    /// <summary>Everything that decides the run, resolved.</summary>
    public required Experiment Experiment { get; init; }

    /// <summary>What it was started from; null for a run of its own.</summary>
    public RunParent? Parent { get; init; }

    /// <summary>The folder, beside this one, of the group of folds that it belongs to; null for a run of its own.</summary>
    public string? Group { get; init; }

    /// <summary>The version of Gradus that runs it.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>The images it works on.</summary>
    public required RunCounts Counts { get; init; }

    /// <summary>The epochs that the experiment's rule has chosen so far, best first.</summary>
    public ImmutableArray<int> Selection { get; init; } = [];

    /// <summary>The checkpoint of the first of them, relative to the run's folder: <c>checkpoints/epoch-022.safetensors</c>; null before there is one.</summary>
    public string? BestCheckpoint { get; init; }
}

/// <summary>The images of a run.</summary>
public sealed record RunCounts
{
    /// <summary>(K) training images of each grade, external ones included.</summary>
    public required ImmutableArray<int> Train { get; init; }

    /// <summary>(K) validation images of each grade.</summary>
    public required ImmutableArray<int> Validation { get; init; }

    /// <summary>Training images that come from external sources.</summary>
    public int External { get; init; }

    /// <summary>Training images that a model graded.</summary>
    public int Pseudo { get; init; }

    /// <summary>Images left out because an identical one has another grade.</summary>
    public int Conflicting { get; init; }

    /// <summary>Images left out because they could not be read.</summary>
    public int Unreadable { get; init; }
}
