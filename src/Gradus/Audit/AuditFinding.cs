using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Audit;

/// <summary>Something about the data that a person should know. A value, never an exception, so that all of them are listed.</summary>
/// <param name="Kind">What kind of thing it is.</param>
/// <param name="Source">The source it was found in; of several, the first.</param>
/// <param name="Ids">The images concerned; may be empty.</param>
/// <param name="Message">A full sentence: what was found where, what became of it, and what to do.</param>
public sealed record AuditFinding(FindingKind Kind, string Source, ImmutableArray<ImageId> Ids, string Message)
{
    /// <summary>The grades concerned, in the order of <see cref="Ids"/>; empty where grades play no part.</summary>
    public ImmutableArray<int> Grades { get; init; } = [];

    /// <summary>A path, or <c>path:line</c>; null where the finding is about content and not a place.</summary>
    public string? Where { get; init; }

    /// <summary>Names at most five of many, so that a message stays a line.</summary>
    internal static string Few<T>(IReadOnlyCollection<T> items) =>
        string.Join(", ", items.Take(5).Select(i => $"'{i}'")) + (items.Count > 5 ? $" and {items.Count - 5} more" : "");
}
