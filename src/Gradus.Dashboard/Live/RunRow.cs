using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Gradus.Runs.Index;

namespace Gradus.Dashboard.Live;

/// <summary>A run as tables show it: the row of the index, and its settings by name.</summary>
/// <param name="run">The row of the index.</param>
internal sealed class RunRow(IndexedRun run)
{
    private FrozenDictionary<string, string>? _settings;

    /// <summary>The row of the index.</summary>
    public IndexedRun Run { get; } = run;

    /// <summary>The folder's name.</summary>
    public string Name => Run.Name;

    /// <summary>All settings, read when they are first asked for.</summary>
    public FrozenDictionary<string, string> Settings => _settings ??= Parse(Run.Settings);

    /// <summary>The tags without their commas.</summary>
    public string[] Tags { get; } = run.Tags.Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>When it was started; null where that is not known.</summary>
    public DateTimeOffset? Created { get; } = Time(run.Created);

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? Ended { get; } = Time(run.Ended);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    // Ten thousand runs have few different settings: each text is held once.
    private static FrozenDictionary<string, string> Parse(string json)
    {
        try
        {
            Dictionary<string, string> read = JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [];
            return read.ToFrozenDictionary(p => string.Intern(p.Key), p => string.Intern(p.Value), StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            return FrozenDictionary<string, string>.Empty;
        }
    }
}
