using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gradus.Experiments;

namespace Gradus.Runs;

/// <summary>Where a run stands.</summary>
public enum RunStatus
{
    /// <summary>Under way.</summary>
    Running,

    /// <summary>All its epochs are done.</summary>
    Finished,

    /// <summary>Stopped by an error.</summary>
    Failed,

    /// <summary>Stopped by the user; it can be resumed.</summary>
    Stopped,

    /// <summary>
    /// Its process died, of which <see cref="RunProcess"/> tells; it can be resumed. run.json itself then says running.
    /// </summary>
    Died,
}

/// <summary>What a run is: the contents of run.json.</summary>
public sealed record RunInfo : RunOutline
{
    /// <summary>Everything that decides the run, resolved.</summary>
    [JsonPropertyOrder(1)]
    public required Experiment Experiment { get; init; }
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
