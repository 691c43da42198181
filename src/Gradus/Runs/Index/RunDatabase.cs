using System.Data.Common;
using System.Text.Json;

namespace Gradus.Runs.Index;

/// <summary>Where the rows of an index lie. Both kinds understand the same statements, but for the little that is abstract here.</summary>
internal abstract class RunDatabase
{
    /// <summary>The columns, in the order of <see cref="IndexedRun"/>'s properties; the two that identify a run first.</summary>
    public static readonly (string Column, string Property)[] Columns =
        [.. typeof(IndexedRun).GetProperties().Where(p => p.SetMethod is not null).Select(p => (JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name), p.Name))];

    /// <summary>What makes version n of the schema of version n-1; what is here is never changed, only added to.</summary>
    public static readonly string[] Migrations =
    [
        """
        CREATE TABLE gradus_runs (
          root TEXT NOT NULL, name TEXT NOT NULL, stamp TEXT NOT NULL, created TEXT, ended TEXT, status TEXT NOT NULL, problem TEXT,
          backbone TEXT, fold INTEGER, seed BIGINT, target TEXT, parent TEXT, parent_epoch INTEGER, epochs INTEGER NOT NULL, best_epoch INTEGER,
          qwk DOUBLE PRECISION, qwk_low DOUBLE PRECISION, qwk_high DOUBLE PRECISION, qwk_tuned DOUBLE PRECISION, auc DOUBLE PRECISION,
          accuracy DOUBLE PRECISION, loss DOUBLE PRECISION, images_per_second DOUBLE PRECISION, seconds DOUBLE PRECISION,
          tags TEXT NOT NULL, remark TEXT, public_score DOUBLE PRECISION, private_score DOUBLE PRECISION, settings TEXT NOT NULL,
          PRIMARY KEY (root, name))
        """,
        "CREATE INDEX gradus_runs_parent ON gradus_runs (root, parent)",
    ];

    /// <summary>Adds a row or takes the place of the one that is there.</summary>
    public static readonly string Upsert =
        $"INSERT INTO gradus_runs ({string.Join(", ", Columns.Select(c => c.Column))}) VALUES ({string.Join(", ", Columns.Select(c => "@" + c.Property))}) " +
        $"ON CONFLICT (root, name) DO UPDATE SET {string.Join(", ", Columns.Skip(2).Select(c => $"{c.Column} = excluded.{c.Column}"))}";

    /// <summary>What its own runs have as <see cref="IndexedRun.Root"/>.</summary>
    public abstract string Root { get; }

    /// <summary>Something a person should know about how it was opened; null for nothing.</summary>
    public string? Note { get; protected set; }

    /// <summary>A connection to tables of this version.</summary>
    /// <exception cref="GradusException">There is no way to it.</exception>
    public abstract DbConnection Open();

    /// <summary>A transaction that lets no other write to the rows of the same root.</summary>
    public abstract DbTransaction BeginWrite(DbConnection connection);
}
