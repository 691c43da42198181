using System.Collections.Immutable;
using Gradus.Dashboard.Tables;
using Gradus.Runs.Index;

namespace Gradus.Dashboard.Live;

/// <summary>All runs at one moment.</summary>
/// <param name="Rows">The newest first.</param>
/// <param name="Version">Another number as soon as any row is another.</param>
/// <param name="Note">Something to know about the index; null for nothing.</param>
internal sealed record CatalogueState(ImmutableArray<RunRow> Rows, int Version, string? Note)
{
    /// <summary>Before anything was read.</summary>
    public static CatalogueState None { get; } = new([], 0, null);

    /// <summary>The runs with all columns that any of them has; made once for all visitors.</summary>
    public RunTable Table { get; } = new(Rows);
}

/// <summary>
/// All runs, for every page that lists them. It looks at the folders when it is asked, and then for at most a twentieth of the time,
/// so that a page left open beside a training costs next to nothing however many runs there are.
/// </summary>
internal sealed class RunCatalogue : IDisposable
{
    private const int Rest = 20;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(5);
    private readonly DashboardOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1, 1);
    private RunIndex? _index;
    private CatalogueState? _state;
    private long _lookedAt;
    private TimeSpan _took;

    public RunCatalogue(DashboardOptions options, TimeProvider time) => (_options, _time) = (options, time);

    /// <summary>The runs; as they are at this moment, or were a short while ago.</summary>
    /// <param name="now">True to look at the folders whatever it costs, after something was written.</param>
    /// <exception cref="GradusException">The folder or the index cannot be read.</exception>
    public async Task<CatalogueState> ReadAsync(bool now = false)
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            TimeSpan age = _time.GetElapsedTime(_lookedAt);
            if (_state is { } known && !now && age < Max(Shortest, _took * Rest))
                return known;
            long start = _time.GetTimestamp();
            _state = await Task.Run(Read).ConfigureAwait(false);
            (_lookedAt, _took) = (_time.GetTimestamp(), _time.GetElapsedTime(start));
            return _state;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Reads for the first time, before anybody asks. What goes wrong is told to whoever asks.</summary>
    public async Task WarmAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is GradusException or ObjectDisposedException)
        {
            // the first page finds the same, or the server ended meanwhile
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Who is reading at this moment still writes the index; a very long reading is left to the end of the process.
        if (!_one.Wait(Patience))
            return;
        _index?.Dispose();
        _one.Dispose();
    }

    private CatalogueState Read()
    {
        _index ??= RunIndex.Open(_options.Runs, _options.Database);
        ImmutableArray<IndexedRun> runs = _index.List(new RunQuery());
        if (_state is null)
            return new CatalogueState([.. runs.Select(r => new RunRow(r))], 1, _index.Note);
        // What has not changed stays the same object, with its settings read.
        Dictionary<(string, string), RunRow> known = _state.Rows.ToDictionary(r => (r.Run.Root, r.Name));
        ImmutableArray<RunRow> rows = [.. runs.Select(run => known.TryGetValue((run.Root, run.Name), out RunRow? row) && row.Run.Stamp == run.Stamp ? row : new RunRow(run))];
        return rows.SequenceEqual(_state.Rows) ? _state with { Note = _index.Note } : new CatalogueState(rows, _state.Version + 1, _index.Note);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
