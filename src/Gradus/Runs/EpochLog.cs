using System.Text.Json;

namespace Gradus.Runs;

/// <summary>
/// metrics.jsonl: a record an epoch, in order, from epoch 1 without gaps. It only grows; records that a resumed run takes back are
/// moved to metrics.superseded.jsonl beside it.
/// </summary>
public sealed class EpochLog
{
    /// <summary>The log at a path; the file need not be there yet.</summary>
    internal EpochLog(string path) => FilePath = path;

    /// <summary>Full path of the file.</summary>
    public string FilePath { get; }

    /// <summary>Full path of the file of records taken back.</summary>
    public string SupersededPath => Path.ChangeExtension(FilePath, ".superseded.jsonl");

    /// <summary>Adds the record of the next epoch; the lines before it stay as they are, to the byte.</summary>
    /// <exception cref="GradusException">The epoch is not the next one, or the file could not be written.</exception>
    public void Append(EpochRecord record)
    {
        List<string> lines = Lines();
        int last = lines.Count == 0 ? 0 : Parse(lines[^1], lines.Count).Epoch;
        if (record.Epoch != last + 1)
            throw new GradusException($"epochs are recorded in order and once; the next one is {last + 1}", FilePath, $"epoch {record.Epoch}", "Resume the run from its state");
        lines.Add(JsonSerializer.Serialize(record, GradusJson.Compact));
        Write(FilePath, lines);
    }

    /// <summary>All records in order; a last line that a crash tore is left out.</summary>
    /// <exception cref="GradusException">The file cannot be read, or another line is damaged.</exception>
    public IReadOnlyList<EpochRecord> Read() => [.. Lines().Select((line, i) => Parse(line, i + 1))];

    /// <summary>Takes back the records after <paramref name="epoch"/>, because the run goes on from there; they are moved, not deleted.</summary>
    /// <exception cref="GradusException">A file could not be read or written.</exception>
    public void TruncateAfter(int epoch)
    {
        List<string> lines = Lines();
        List<string> kept = [.. lines.Where((line, i) => Parse(line, i + 1).Epoch <= epoch)];
        if (kept.Count == lines.Count)
            return;
        // Moved before they are removed: a crash between the two leaves a record in both files, never in none.
        Write(SupersededPath, [.. ReadLines(SupersededPath), .. lines[kept.Count..]]);
        Write(FilePath, kept);
    }

    // Every line but a torn one.
    private List<string> Lines()
    {
        List<string> lines = ReadLines(FilePath);
        if (lines.Count > 0 && TryParse(lines[^1]) is null)
            lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    private EpochRecord Parse(string line, int number) =>
        TryParse(line) ?? throw new GradusException("is damaged", $"{FilePath}:{number}", "a line that is no record of an epoch", "Restore the file from a copy");

    private static EpochRecord? TryParse(string line)
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

    private static List<string> ReadLines(string path)
    {
        try
        {
            return File.Exists(path) ? [.. File.ReadLines(path).Where(line => line.Length > 0)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }

    private static void Write(string path, List<string> lines) => AtomicFile.WriteText(path, string.Concat(lines.Select(line => line + "\n")));
}
