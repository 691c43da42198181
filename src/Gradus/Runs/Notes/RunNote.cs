using System.Collections.Immutable;

namespace Gradus.Runs.Notes;

/// <summary>A part of a note that can be withdrawn.</summary>
public enum NoteField
{
    /// <summary>The public score.</summary>
    Public,

    /// <summary>The private score.</summary>
    Private,

    /// <summary>The remarks.</summary>
    Remark,
}

/// <summary>One thing that a person wrote down about a run. Notes are added and never changed: a later one takes an earlier one's place.</summary>
public sealed record RunNote
{
    /// <summary>When it was written.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The public score of a leaderboard; null where the note does not state one.</summary>
    public double? Public { get; init; }

    /// <summary>The private score of a leaderboard; null where the note does not state one.</summary>
    public double? Private { get; init; }

    /// <summary>A remark; null where the note has none.</summary>
    public string? Remark { get; init; }

    /// <summary>What earlier notes stated and holds no longer.</summary>
    public ImmutableArray<NoteField> Withdraws { get; init; } = [];

    /// <summary>Tags that the run has from now on.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Tags that it has no longer.</summary>
    public ImmutableArray<string> Untags { get; init; } = [];
}
