using System.Text.Json;

namespace Gradus.Runs;

/// <summary>Takes the lines of metrics.jsonl one after another: what is sound counts, and the first line that is not is named.</summary>
/// <param name="path">The file, for messages.</param>
public sealed class EpochLines(string path)
{
    private readonly List<EpochRecord> _records = [];
    private int _lines;

    /// <summary>The records that could be read, by rising epoch.</summary>
    public IReadOnlyList<EpochRecord> Records => _records;

    /// <summary>What is wrong with the first line that is damaged; null where none is.</summary>
    public GradusException? Damage { get; private set; }

    /// <summary>Takes the next line, UTF-8 without its end; an empty one only counts.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        _lines++;
        if (line.IsEmpty)
            return;
        int next = _records.Count == 0 ? 1 : _records[^1].Epoch + 1;
        EpochRecord? record = Parse(line);
        if (record?.Epoch != next)
            Damage ??= Damaged(path, _lines, record is null ? NoRecord : $"epoch {record.Epoch} where {next} was expected");
        if (record?.Epoch >= next)
            _records.Add(record);
    }

    internal const string NoRecord = "a line that is no record of an epoch";

    internal static GradusException Damaged(string path, int line, string found) => new("is damaged", $"{path}:{line}", found, "Restore the file from a copy");

    /// <summary>The record of a line; null where it is none.</summary>
    internal static EpochRecord? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<EpochRecord>(line, GradusJson.Compact);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
