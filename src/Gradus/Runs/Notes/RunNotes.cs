using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gradus.Runs.Notes;

/// <summary>All notes on a run, oldest first, and what holds after the last of them: the contents of notes.json.</summary>
/// <param name="Notes">Oldest first.</param>
public sealed record RunNotes(ImmutableArray<RunNote> Notes)
{
    /// <summary>The file's name in the folder of a run.</summary>
    public const string FileName = "notes.json";

    private const int LongestTag = 40, LongestRemark = 2000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>No notes.</summary>
    public static RunNotes None { get; } = new([]);

    /// <summary>The public score last stated; null where none was, or it was withdrawn.</summary>
    [JsonIgnore]
    public double? Public => Standing(NoteField.Public).LastOrDefault(n => n.Public is not null)?.Public;

    /// <summary>The private score last stated; null where none was, or it was withdrawn.</summary>
    [JsonIgnore]
    public double? Private => Standing(NoteField.Private).LastOrDefault(n => n.Private is not null)?.Private;

    /// <summary>The last remark; null where there is none, or it was withdrawn.</summary>
    [JsonIgnore]
    public string? Remark => Remarks.LastOrDefault()?.Remark;

    /// <summary>The notes whose remarks stand, oldest first.</summary>
    [JsonIgnore]
    public IEnumerable<RunNote> Remarks => Standing(NoteField.Remark).Where(n => n.Remark is not null);

    /// <summary>The tags, in alphabetical order.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Tags
    {
        get
        {
            var tags = new SortedSet<string>(StringComparer.Ordinal);
            foreach (RunNote note in Notes)
            {
                tags.UnionWith(note.Tags);
                tags.ExceptWith(note.Untags);
            }
            return [.. tags];
        }
    }

    /// <summary>What is odd about the scores of a note, a sentence; null where nothing is. It is no reason to refuse them: some leaderboards count otherwise.</summary>
    public static string? Doubt(RunNote note) => new[] { note.Public, note.Private }.FirstOrDefault(score => score is < -1 or > 1) is { } odd
        ? FormattableString.Invariant($"A score of {odd} is no kappa, AUC or share, which lie between -1 and 1; if it was a slip, note it again or withdraw it.")
        : null;

    /// <summary>Reads the notes in the folder of a run; none where there is no file.</summary>
    /// <exception cref="GradusException">The file cannot be read or is damaged.</exception>
    public static RunNotes Read(string runFolder)
    {
        string path = Path.Combine(runFolder, FileName);
        try
        {
            RunNotes? notes = File.Exists(path) ? JsonSerializer.Deserialize<RunNotes>(File.ReadAllText(path), GradusJson.Indented) : None;
            return notes is { Notes.IsDefault: false } ? notes : throw new JsonException("no list of notes");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw DamagedJson.In(path, e, "Restore the file, or move it away; no other file of the run depends on it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GradusException("could not be read", path, e.Message.TrimEnd('.'), inner: e);
        }
    }

    /// <summary>The notes in the folder of a run, for who shows what can be read: none where there is no file, or a damaged one.</summary>
    public static RunNotes ReadOrNone(string runFolder)
    {
        try
        {
            return Read(runFolder);
        }
        catch (GradusException)
        {
            return None;
        }
    }

    /// <summary>Adds a note to those in the folder of a run. Several may do so at the same moment: none is lost.</summary>
    /// <returns>All notes, the new one last.</returns>
    /// <exception cref="GradusException">The note says nothing, a part of it is refused, or the file cannot be read or written.</exception>
    public static RunNotes Add(RunFolder run, RunNote note)
    {
        RunNote clean = Checked(note);
        using FileStream held = Hold(Path.Combine(run.Root, $".{FileName}.lock"));
        RunNotes before = Read(run.Root);
        before.Check(clean);
        var after = new RunNotes(before.Notes.Add(clean));
        AtomicFile.WriteText(Path.Combine(run.Root, FileName), JsonSerializer.Serialize(after, GradusJson.Indented) + "\n");
        return after;
    }

    // What is taken away has to be there: a slip of the pen would otherwise pass for done.
    private void Check(RunNote note)
    {
        if (note.Untags.Except(Tags).FirstOrDefault() is { } untagged)
            throw new GradusException("the run has no such tag", found: $"'{untagged}'", remedy: Tags.Count == 0 ? "It has none" : $"It has {string.Join(", ", Tags)}", fault: Fault.Request);
        foreach (NoteField field in note.Withdraws)
        {
            if (field switch { NoteField.Public => Public is null, NoteField.Private => Private is null, _ => Remark is null })
                throw new GradusException(field == NoteField.Remark ? "there is no remark to withdraw" : $"there is no {field.ToString().ToLowerInvariant()} score to withdraw", fault: Fault.Request);
        }
    }

    // What was stated since it was last withdrawn.
    private IEnumerable<RunNote> Standing(NoteField field) => Notes.Skip(Notes.Length - Notes.Reverse().TakeWhile(n => !n.Withdraws.Contains(field)).Count());

    private static RunNote Checked(RunNote note)
    {
        RunNote clean = note with { Remark = Plain(note.Remark), Tags = [.. note.Tags.Select(Tag)], Untags = [.. note.Untags.Select(Tag)] };
        if (clean is { Public: null, Private: null, Remark: null, Withdraws: [], Tags: [], Untags: [] })
            throw new GradusException("a note says something", found: "nothing", remedy: "Give --public, --private, --remark, --tag or --untag", fault: Fault.Request);
        if (clean.Remark?.Length > LongestRemark)
            throw new GradusException($"a remark has at most {LongestRemark} characters", found: $"{clean.Remark.Length}", fault: Fault.Request);
        if (new[] { clean.Public, clean.Private }.Any(score => score is { } s && !double.IsFinite(s)))
            throw new GradusException("a score is a finite number", fault: Fault.Request);
        return clean;
    }

    private static string Tag(string tag) => Plain(tag) is { Length: <= LongestTag } plain && !plain.Contains(',', StringComparison.Ordinal)
        ? plain
        : throw new GradusException($"a tag is 1 to {LongestTag} characters without a comma", found: $"'{Plain(tag)}'", fault: Fault.Request);

    // A remark is shown in tables and on terminals, which control characters would take over.
    private static string? Plain(string? text)
    {
        string plain = string.Concat((text ?? "").Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return plain.Length == 0 ? null : plain;
    }

    // The file stays: were it deleted, two writers could hold two files of the same name.
    private static FileStream Hold(string path)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && Environment.TickCount64 - start < Patience.TotalMilliseconds)
            {
                Thread.Sleep(5);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new GradusException("the notes cannot be written", path, e.Message.TrimEnd('.'), inner: e);
            }
        }
    }
}
