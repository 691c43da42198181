using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Gradus.Runs.Index;

/// <summary>
/// An index over a folder of runs. The folders are the truth and the index is a cache of them: it is compared with them before every
/// answer, so that whatever happened to a folder in between is noticed, and losing the index loses nothing.
/// </summary>
public sealed class RunIndex : IDisposable
{
    private const string Running = "running";
    private readonly string _runsRoot;
    private readonly RunDatabase _database;
    private DbConnection _connection;

    static RunIndex() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    private RunIndex(string runsRoot, RunDatabase database)
    {
        (_runsRoot, _database) = (runsRoot, database);
        _connection = database.Open();
    }

    /// <summary>Something a person should know about how the index was opened, that it was damaged for example; null for nothing.</summary>
    public string? Note => _database.Note;

    /// <summary>What this folder's runs have as <see cref="IndexedRun.Root"/>.</summary>
    public string Root => _database.Root;

    /// <summary>Opens the index of a folder of runs, making it where there is none.</summary>
    /// <param name="runsRoot">The folder.</param>
    /// <param name="connectionString">Of a PostgreSQL server; null for a SQLite file in the folder.</param>
    /// <exception cref="GradusException">There is no such folder, or no way to the server.</exception>
    public static RunIndex Open(string runsRoot, string? connectionString = null)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(runsRoot));
        if (!Directory.Exists(root))
            throw new GradusException("there is no such folder of runs", runsRoot, remedy: "gradus train makes it; --runs names another", fault: Fault.Request);
        return new RunIndex(root, string.IsNullOrWhiteSpace(connectionString) ? new SqliteRunDatabase(root) : new PostgresRunDatabase(connectionString, root));
    }

    /// <summary>The runs that a query asks for, as the folders are at this moment; on a shared server those of all machines.</summary>
    /// <exception cref="GradusException">The query is not understood, or the database fails.</exception>
    public ImmutableArray<IndexedRun> List(RunQuery query, IProgress<WorkProgress>? progress = null, CancellationToken stop = default)
    {
        (string sql, DynamicParameters parameters) = query.Statement();
        return Safely(() =>
        {
            Bring(again: false, progress, stop);
            IndexedRun[] rows = [.. _connection.Query<IndexedRun>(sql, parameters)];
            HashSet<(string, string?)> own = [.. rows.Where(r => r.Root == Root).Select(Identity)];
            return query.Finish([.. rows.Where(r => r.Root == Root || !own.Contains(Identity(r))).DistinctBy(Identity)], () => _connection.Query<string>("SELECT DISTINCT settings FROM gradus_runs"));
        });
    }

    /// <summary>Compares the index with the folders and reads what has changed.</summary>
    /// <returns>Rows written and rows removed.</returns>
    /// <exception cref="GradusException">The database fails.</exception>
    public (int Written, int Removed) Sync(IProgress<WorkProgress>? progress = null, CancellationToken stop = default) => Safely(() => Bring(again: false, progress, stop));

    /// <summary>Reads all folders anew, whatever the index says of them.</summary>
    /// <returns>Rows written and rows removed.</returns>
    /// <exception cref="GradusException">The database fails.</exception>
    public (int Written, int Removed) Rebuild(IProgress<WorkProgress>? progress = null, CancellationToken stop = default) => Safely(() => Bring(again: true, progress, stop));

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    // Two machines that mount one folder see one run, each under its own path; each lists it under its own.
    private static (string, string?) Identity(IndexedRun run) => (run.Name, run.Created ?? run.Root);

    private (int Written, int Removed) Bring(bool again, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        Dictionary<string, (string Stamp, string Status)> known = Known();
        Dictionary<string, string> folders = Folders();
        string[] changed =
            [.. folders.Where(f => again || known.GetValueOrDefault(f.Key).Stamp != f.Value || HasDied(f.Key)).Select(f => f.Key)];
        string[] gone = [.. known.Keys.Where(name => !folders.ContainsKey(name))];
        if (changed.Length + gone.Length == 0)
            return (0, 0);
        // Reading takes long and hinders nobody; what went on meanwhile is looked at again once nobody else can write.
        ConcurrentBag<IndexedRun> rows = [];
        int done = 0;
        Parallel.ForEach(changed, new ParallelOptions { CancellationToken = stop }, name =>
        {
            rows.Add(RunSummary.Of(_database.Root, PathOf(name), folders[name]));
            int n = Interlocked.Increment(ref done);
            if (n % 50 == 0 || n == changed.Length)
                progress?.Report(new WorkProgress("index", n, changed.Length, "runs"));
        });
        return Write(rows, gone);

        // A process that is killed changes no file.
        bool HasDied(string name) =>
            known.GetValueOrDefault(name).Status == Running && RunProcess.DeathOf(new RunFolder(PathOf(name))) is not null;
    }

    private (int Written, int Removed) Write(IEnumerable<IndexedRun> rows, string[] gone)
    {
        int written = 0, removed = 0;
        using DbTransaction transaction = _database.BeginWrite(_connection);
        foreach (IndexedRun row in rows)
        {
            string? stamp = RunSummary.StampOf(PathOf(row.Name));
            if (stamp is null)
                removed += Remove(row.Name, transaction);
            else
                written += _connection.Execute(RunDatabase.Upsert, stamp == row.Stamp ? row : RunSummary.Of(_database.Root, PathOf(row.Name), stamp), transaction);
        }
        foreach (string name in gone.Where(name => RunSummary.StampOf(PathOf(name)) is null))
            removed += Remove(name, transaction);
        transaction.Commit();
        return (written, removed);
    }

    private int Remove(string name, DbTransaction transaction) =>
        _connection.Execute("DELETE FROM gradus_runs WHERE root = @Root AND name = @name", new { _database.Root, name }, transaction);

    private Dictionary<string, (string Stamp, string Status)> Known() => _connection
        .Query<(string Name, string Stamp, string Status)>(
            "SELECT name, stamp, status FROM gradus_runs WHERE root = @Root", new { _database.Root })
        .ToDictionary(r => r.Name, r => (r.Stamp, r.Status), StringComparer.Ordinal);

    private Dictionary<string, string> Folders() => new RunsFolder(_runsRoot).Folders().AsParallel()
        .Select(folder => (Name: Path.GetFileName(folder), Stamp: RunSummary.StampOf(folder))).Where(run => run.Stamp is not null)
        .ToDictionary(run => run.Name, run => run.Stamp!, StringComparer.Ordinal);

    private string PathOf(string name) => Path.Combine(_runsRoot, name);

    private T Safely<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (_database is SqliteRunDatabase file && SqliteRunDatabase.IsDamage(e))
        {
            _connection.Dispose();
            _connection = file.Anew("is damaged");
            return work();
        }
        catch (DbException e)
        {
            throw new GradusException("the index of runs failed", _runsRoot, e.Message.ReplaceLineEndings(" ").TrimEnd('.'), "Try again; the runs themselves are not affected", inner: e);
        }
    }
}
