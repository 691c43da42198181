using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Gradus.Runs.Index;

/// <summary>
/// A file in the folder of runs, in write-ahead mode. It is a cache: one that is damaged, or of a newer Gradus, is set aside and made
/// anew, and where the folder cannot be written to the index lives in memory.
/// </summary>
internal sealed class SqliteRunDatabase(string runsRoot) : RunDatabase
{
    /// <summary>The file's name.</summary>
    public const string FileName = ".index.sqlite";

    private const int PatienceSeconds = 60;

    // Result codes of sqlite.org/rescode.html.
    private const int ReadOnly = 8, Corrupt = 11, CannotOpen = 14, NotADatabase = 26;

    // The file lies beside its runs, so that it stays true when the folder is moved.
    public override string Root => "";

    private string FilePath => Path.Combine(runsRoot, FileName);

    public override DbConnection Open()
    {
        try
        {
            return Connect(FilePath) ?? Anew("is of a newer Gradus");
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            return Anew("is damaged");
        }
        catch (SqliteException e) when (e.SqliteErrorCode is ReadOnly or CannotOpen)
        {
            Note = $"{FilePath} cannot be written; the runs are read anew each time.";
            return Connect(":memory:")!;
        }
    }

    /// <summary>After damage that showed while working: a fresh file.</summary>
    public DbConnection Anew(string reason)
    {
        // Of several who find the damage only the first sets the file aside; the others then open what it made.
        string aside = $"{FilePath}.aside";
        using (FileStream held = Hold($"{FilePath}.lock"))
        {
            if (!IsSound())
            {
                foreach (string end in (string[])["", "-wal", "-shm"])
                {
                    if (File.Exists(FilePath + end))
                        File.Move(FilePath + end, aside + end, overwrite: true);
                }
                Note = $"The index {FilePath} {reason}; it was set aside as {aside} and made anew from the folders.";
            }
            return Connect(FilePath)!;
        }
    }

    /// <summary>Whether the file itself is what is wrong.</summary>
    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;

    public override DbTransaction BeginWrite(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: false);

    /// <summary>Null where the file's version is not known.</summary>
    private static SqliteConnection? Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = PatienceSeconds }.ToString());
        try
        {
            connection.Open();
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
            if (Migrate(connection))
                return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
        connection.Dispose();
        return null;
    }

    private static bool Migrate(SqliteConnection connection)
    {
        if (connection.ExecuteScalar<int>("PRAGMA user_version") == Migrations.Length)
            return true;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        int version = connection.ExecuteScalar<int>("PRAGMA user_version", transaction: transaction); // another may have been faster
        if (version > Migrations.Length)
            return false;
        foreach (string step in Migrations.Skip(version))
            connection.Execute(step, transaction: transaction);
        connection.Execute($"PRAGMA user_version = {Migrations.Length}", transaction: transaction);
        transaction.Commit();
        return true;
    }

    private bool IsSound()
    {
        try
        {
            using SqliteConnection? connection = Connect(FilePath);
            return connection?.ExecuteScalar<string>("PRAGMA quick_check") == "ok";
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private static FileStream Hold(string path)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (File.Exists(path))
            {
                if (tries == PatienceSeconds * 100)
                    throw new GradusException("the index is being repaired by another process", path, e.Message.TrimEnd('.'), inner: e);
                Thread.Sleep(10);
            }
        }
    }
}
