using System.Globalization;
using System.Text.Json.Serialization;

namespace Gradus.Runs;

/// <summary>A process that died while it worked on a run.</summary>
public sealed record RunDeath
{
    /// <summary>Which of the processes that worked on the run: 1 for the first.</summary>
    public required int Start { get; init; }

    /// <summary>The signal; null where nobody was left who could tell.</summary>
    public int? Signal { get; init; }

    /// <summary>The signal's name, such as SIGFPE; null where that is not known.</summary>
    public string? Name { get; init; }

    /// <summary>What the signal means, or who sent it, for people; null where that is not known.</summary>
    public string? Reason { get; init; }

    /// <summary>When it died; null where that is not known.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Whole epochs that the run had then.</summary>
    public required int Epochs { get; init; }

    /// <summary>What happened, a sentence without a full stop.</summary>
    [JsonIgnore]
    public string Words => Signal is { } signal
        ? $"its process died of signal {signal} ({Name}: {Reason})" + (At is { } at ? When(at) : "")
        : "its process ended without a word (killed, out of memory, or a power cut)";

    private static string When(DateTimeOffset at) => at.UtcDateTime.ToString(" 'on' yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
