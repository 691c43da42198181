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
        var read = new EpochLines(FilePath);
        foreach (Line line in Parts(FilePath, torn: false))
            read.Add(line.Text.Span);
        return (read.Records, read.Damage);
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
        Write(SupersededPath, [.. Parts(SupersededPath, torn: true).Where(l => l.Text.Length > 0), .. lines.Skip(kept.Length)]);
        Write(FilePath, kept);
    }

    // Every line but empty ones and a torn one.
    private List<Line> Lines() => [.. Parts(FilePath, torn: false).Where(l => l.Text.Length > 0)];

    private EpochRecord Sound(Line line) => EpochLines.Parse(line.Text.Span) ?? throw EpochLines.Damaged(FilePath, line.Number, EpochLines.NoRecord);

    // What stands between line ends; the last part is what stands after the last of them, mostly nothing.
    // One that a crash tore is no record; of those taken back it stays what it is.
    private static List<Line> Parts(string path, bool torn)
    {
        try
        {
            byte[] text = File.Exists(path) ? File.ReadAllBytes(path) : [];
            var parts = new List<Line>();
            foreach (Range part in text.AsSpan().Split((byte)'\n'))
                parts.Add(new Line(parts.Count + 1, text.AsMemory()[part]));
            if (!torn && parts is [.., { Text.Length: > 0 } end] && EpochLines.Parse(end.Text.Span) is null)
                parts.RemoveAt(parts.Count - 1);
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
