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
        List<Line> lines = Lines();
        int last = lines.Count == 0 ? 0 : Sound(lines[^1]).Epoch;
        if (record.Epoch != last + 1)
            throw new GradusException($"epochs are recorded in order and once; the next one is {last + 1}", FilePath, $"epoch {record.Epoch}", "Resume the run from its state");
        Write(FilePath, lines.Append(new Line(0, JsonSerializer.SerializeToUtf8Bytes(record, GradusJson.Compact))));
    }

    /// <summary>All records in order; a last line that a crash tore, which has no end, is left out.</summary>
    /// <exception cref="GradusException">The file cannot be read, or another line is damaged.</exception>
    public IReadOnlyList<EpochRecord> Read()
    {
        (IReadOnlyList<EpochRecord> records, GradusException? damage) = ReadSound();
        return damage is null ? records : throw damage;
    }

    /// <summary>The records that can be read, by rising epoch, and what is wrong with the first line that cannot; null where all can.</summary>
    /// <exception cref="GradusException">The file cannot be read.</exception>
    public (IReadOnlyList<EpochRecord> Records, GradusException? Damage) ReadSound()
    {
        var records = new List<EpochRecord>();
        GradusException? damage = null;
        foreach (Line line in Lines())
        {
            int next = records.Count == 0 ? 1 : records[^1].Epoch + 1;
            EpochRecord? record = TryParse(line);
            if (record is null || record.Epoch != next)
                damage ??= Damaged(line, record is null ? "a line that is no record of an epoch" : $"epoch {record.Epoch} where {next} was expected");
            if (record?.Epoch >= next)
                records.Add(record);
        }
        return (records, damage);
    }

    /// <summary>Takes back the records after <paramref name="epoch"/>, because the run goes on from there; they are moved, not deleted.</summary>
    /// <exception cref="GradusException">A file could not be read or written.</exception>
    public void TruncateAfter(int epoch)
    {
        List<Line> lines = Lines();
        Line[] kept = [.. lines.Where(line => Sound(line).Epoch <= epoch)];
        if (kept.Length == lines.Count)
            return;
        // Moved before they are removed: a crash between the two leaves a record in both files, never in none.
        Write(SupersededPath, [.. Parts(SupersededPath).Where(l => l.Text.Length > 0), .. lines.Skip(kept.Length)]);
        Write(FilePath, kept);
    }

    // Every line but empty ones and a torn one.
    private List<Line> Lines()
    {
        List<Line> parts = Parts(FilePath);
        if (parts is [.., { Text.Length: > 0 } end] && TryParse(end) is null)
            parts.RemoveAt(parts.Count - 1);
        return [.. parts.Where(l => l.Text.Length > 0)];
    }

    private EpochRecord Sound(Line line) => TryParse(line) ?? throw Damaged(line, "a line that is no record of an epoch");

    private GradusException Damaged(Line line, string found) => new("is damaged", $"{FilePath}:{line.Number}", found, "Restore the file from a copy");

    private static EpochRecord? TryParse(Line line)
    {
        try
        {
            return JsonSerializer.Deserialize<EpochRecord>(line.Text.Span, GradusJson.Compact);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    // What stands between line ends; the last part is what stands after the last of them, mostly nothing.
    private static List<Line> Parts(string path)
    {
        try
        {
            byte[] text = File.Exists(path) ? File.ReadAllBytes(path) : [];
            var parts = new List<Line>();
            foreach (Range part in text.AsSpan().Split((byte)'\n'))
                parts.Add(new Line(parts.Count + 1, text.AsMemory()[part]));
            return parts;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }

    private static void Write(string path, IEnumerable<Line> lines) => AtomicFile.Write(path, stream =>
    {
        foreach (Line line in lines)
        {
            stream.Write(line.Text.Span);
            stream.WriteByte((byte)'\n');
        }
    });

    private readonly record struct Line(int Number, ReadOnlyMemory<byte> Text);
}
