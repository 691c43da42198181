using System.Data.Common;
using Dapper;
using Npgsql;

namespace Gradus.Runs.Index;

/// <summary>Tables on a PostgreSQL server that several machines share. Each writes the rows of its own folders of runs only.</summary>
internal sealed class PostgresRunDatabase(string connectionString, string runsRoot) : RunDatabase
{
    private const long MigrationLock = 0x47726164_7573; // "Gradus"; any number does, as long as it is always this one

    public override string Root { get; } = $"{Environment.MachineName}:{Path.TrimEndingDirectorySeparator(Path.GetFullPath(runsRoot))}";

    public override DbConnection Open()
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = new NpgsqlConnection(connectionString);
            connection.Open();
            Migrate(connection);
            return connection;
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException or System.Net.Sockets.SocketException)
        {
            connection?.Dispose();
            // The connection string may hold a password, so that it is not repeated.
            throw new GradusException("the database of runs cannot be used", "GRADUS_RUNS_DB", e.Message.ReplaceLineEndings(" ").TrimEnd('.'), "Correct it, or unset it: the index is then a file beside the runs", Fault.Request, e);
        }
    }

    public override DbTransaction BeginWrite(DbConnection connection)
    {
        DbTransaction transaction = connection.BeginTransaction();
        connection.Execute("SELECT pg_advisory_xact_lock(hashtextextended(@Root, 0))", new { Root }, transaction);
        return transaction;
    }

    private static void Migrate(NpgsqlConnection connection)
    {
        using NpgsqlTransaction transaction = connection.BeginTransaction();
        connection.Execute("SELECT pg_advisory_xact_lock(@MigrationLock)", new { MigrationLock }, transaction);
        connection.Execute("CREATE TABLE IF NOT EXISTS gradus_schema (version INTEGER NOT NULL)", transaction: transaction);
        int version = connection.ExecuteScalar<int>("SELECT COALESCE(MAX(version), 0) FROM gradus_schema", transaction: transaction);
        // Others may be using the newer tables at this moment, so that here nothing is set aside.
        if (version > Migrations.Length)
            throw new GradusException("the database of runs is of a newer Gradus", "GRADUS_RUNS_DB", $"version {version}, known up to {Migrations.Length}", "Update Gradus on this machine", Fault.Request);
        foreach (string step in Migrations.Skip(version))
            connection.Execute(step, transaction: transaction);
        if (version < Migrations.Length)
            connection.Execute("DELETE FROM gradus_schema; INSERT INTO gradus_schema VALUES (@Version)", new { Version = Migrations.Length }, transaction);
        transaction.Commit();
    }
}
