using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>One filling of a cache: who is still to be done, what became of each record, and who reports it.</summary>
internal sealed class CacheFilling(Recipe recipe, IReadOnlyList<ImageRecord> records, IProgress<WorkProgress>? progress, CancellationToken ct)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly Outcome?[] _outcomes = new Outcome?[records.Count];
    private readonly ConcurrentDictionary<string, Lazy<Outcome>> _byHash = new(StringComparer.Ordinal);
    private readonly Lock _progressGate = new();
    private int _done;

    private enum Kind
    {
        Reused,
        Prepared,
        Rebuilt,
        Failed,
    }

    /// <summary>Whether every record has its outcome.</summary>
    public bool IsComplete => _done == records.Count;

    /// <summary>Gives an outcome to the records whose hash is known and whose pixels are here and whole.</summary>
    public void Verify(Func<ContentHash, CacheEntry?> verified) =>
        Run(record => record.Hash is { } hash && verified(hash) is { } entry ? new Outcome(Kind.Reused, hash, "", entry.Note) : null);

    /// <summary>Gives an outcome to all the others, preparing what has to be.</summary>
    public void Prepare(Func<ContentHash, CacheEntry?> verified, Func<ContentHash, bool> known, CacheWriter writer)
    {
        try
        {
            Run(record => OutcomeOf(record, verified, known, writer));
        }
        finally
        {
            writer.Commit();
        }
    }

    /// <summary>The whole, in the records' order.</summary>
    public PrepareReport Report()
    {
        var failed = ImmutableArray.CreateBuilder<(ImageRecord, string)>();
        var notes = ImmutableArray.CreateBuilder<(ImageRecord, string)>();
        var hashed = ImmutableArray.CreateBuilder<ImageRecord>(records.Count);
        for (int i = 0; i < records.Count; i++)
        {
            Outcome outcome = _outcomes[i]!;
            ImageRecord record = records[i] with { Hash = outcome.Hash };
            hashed.Add(record);
            if (outcome.Kind == Kind.Failed)
                failed.Add((record, outcome.Problem));
            if (outcome.Note.Length > 0)
                notes.Add((record, outcome.Note));
        }
        return new PrepareReport(Number(Kind.Prepared), Number(Kind.Reused), failed.DrainToImmutable(), notes.DrainToImmutable(), TimeProvider.System.GetElapsedTime(_started))
        {
            Rebuilt = Number(Kind.Rebuilt),
            Records = hashed.MoveToImmutable(),
        };
    }

    private int Number(Kind kind) => _outcomes.Count(o => o!.Kind == kind);

    private Outcome OutcomeOf(ImageRecord record, Func<ContentHash, CacheEntry?> verified, Func<ContentHash, bool> known, CacheWriter writer)
    {
        if (record.Hash is { } stated && !_byHash.ContainsKey(stated.Hex) && verified(stated) is { } there)
            return new Outcome(Kind.Reused, stated, "", there.Note);
        try
        {
            using SourceBytes bytes = SourceBytes.Read(record.Location);
            if (record.Hash is { } hashedBefore && hashedBefore != bytes.Hash)
                return new Outcome(Kind.Failed, bytes.Hash, "changed since it was hashed", "");
            // Whoever comes first prepares the image, from bytes that stay until it is done; the others wait and share the outcome.
            var mine = new Lazy<Outcome>(() => Prepare(bytes, verified, known, writer));
            Lazy<Outcome> first = _byHash.GetOrAdd(bytes.Hash.Hex, mine);
            Outcome outcome = first.Value;
            return ReferenceEquals(first, mine) || outcome.Kind == Kind.Failed ? outcome : outcome with { Kind = Kind.Reused };
        }
        catch (GradusException e)
        {
            return new Outcome(Kind.Failed, record.Hash, e.Problem, "");
        }
    }

    private Outcome Prepare(SourceBytes bytes, Func<ContentHash, CacheEntry?> verified, Func<ContentHash, bool> known, CacheWriter writer)
    {
        if (verified(bytes.Hash) is { } there)
            return new Outcome(Kind.Reused, bytes.Hash, "", there.Note);
        PreparedImage prepared;
        try
        {
            prepared = ImageDecoder.Prepare(recipe, bytes);
        }
        catch (GradusException e)
        {
            return new Outcome(Kind.Failed, bytes.Hash, e.Problem, "");
        }
        string note = string.Join("; ", prepared.Notes);
        writer.Add(bytes.Hash, prepared.Image.Pixels, note);
        return new Outcome(known(bytes.Hash) ? Kind.Rebuilt : Kind.Prepared, bytes.Hash, "", note);
    }

    private void Run(Func<ImageRecord, Outcome?> decide)
    {
        int next = 0;
        try
        {
            Parallel.For(0, Environment.ProcessorCount, (_, loop) =>
            {
                for (int i; !loop.ShouldExitCurrentIteration && (i = Interlocked.Increment(ref next) - 1) < records.Count;)
                {
                    ct.ThrowIfCancellationRequested();
                    if (_outcomes[i] is null && (_outcomes[i] = decide(records[i])) is not null)
                        Advance();
                }
            });
        }
        catch (AggregateException e)
        {
            // Several threads may have met the same full disk; a stop on request goes before it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions.FirstOrDefault(i => i is OperationCanceledException) ?? e.InnerExceptions[0]);
        }
    }

    private void Advance()
    {
        // Under the lock, so that nobody sees a count go back.
        lock (_progressGate)
            progress?.Report(new WorkProgress("prepare", ++_done, records.Count, "images"));
    }

    private sealed record Outcome(Kind Kind, ContentHash? Hash, string Problem, string Note);
}
