using System.Collections.Immutable;
using System.Text.Json;
using Gradus.Runs;

namespace Gradus.Reports;

/// <summary>What a person knows about a run: the contents of notes.json in its folder.</summary>
public sealed record RunNotes
{
    /// <summary>Score on the public leaderboard; null where there is none.</summary>
    public double? Public { get; init; }

    /// <summary>Score on the private leaderboard; null where there is none.</summary>
    public double? Private { get; init; }

    /// <summary>Words to find the run by.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Remarks in the order in which they were made.</summary>
    public ImmutableArray<RunRemark> Remarks { get; init; } = [];

    /// <summary>Reads the notes of a run; empty ones where nobody made any.</summary>
    /// <exception cref="GradusException">The file cannot be read or is damaged.</exception>
    public static RunNotes Read(RunFolder run)
    {
        string path = Path.Combine(run.Root, "notes.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<RunNotes>(File.ReadAllText(path), GradusJson.Indented) ?? new RunNotes() : new RunNotes();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new GradusException("is damaged", path, e.Message.TrimEnd('.'), "Restore the file", inner: e);
        }
    }
}

/// <summary>Something a person wrote about a run.</summary>
/// <param name="At">When.</param>
/// <param name="Text">What.</param>
public sealed record RunRemark(DateTimeOffset At, string Text);
