using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;

namespace Gradus.Runs.Index;

/// <summary>Which runs are wanted, and in which order. What a person wrote becomes parameters, never a part of a statement.</summary>
public sealed record RunQuery
{
    /// <summary>
    /// Conditions that must all hold: a column or a setting, one of <c>= != &gt;= &lt;= &gt; &lt;</c>, a value. <c>backbone=densenet121</c>,
    /// <c>qwk&gt;=0.8</c>, <c>train.top_lr=1e-3</c>. Settings know <c>=</c> and <c>!=</c> only.
    /// </summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>A tag that the run has; null for any.</summary>
    public string? Tag { get; init; }

    /// <summary>A status; null for any.</summary>
    public string? Status { get; init; }

    /// <summary>The column to sort by; figures best first, the newest first, names from a to z.</summary>
    public string Sort { get; init; } = "created";

    private static readonly string[] Operators = [">=", "<=", "!=", "=", ">", "<"];

    // Figures of which less is better, and texts, rise; all else falls.
    private static readonly string[] Rising = ["loss", "name", "status", "backbone", "target", "parent", "fold", "tags"];

    /// <summary>The columns that can be named.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. RunDatabase.Columns.Select(c => c.Column).Except(["root", "stamp", "settings"])];

    /// <summary>The statement with its parameters.</summary>
    /// <exception cref="GradusException">A condition or column is not understood.</exception>
    internal (string Sql, DynamicParameters Parameters) Statement(RunDatabase database)
    {
        var (sql, parameters) = (new StringBuilder($"SELECT {string.Join(", ", RunDatabase.Columns.Select(c => c.Column))} FROM gradus_runs WHERE 1 = 1"), new DynamicParameters());
        foreach ((int i, string condition) in Where.Index())
            sql.Append(CultureInfo.InvariantCulture, $" AND {Condition(condition, i, database, parameters)}");
        if (Tag is { } tag)
        {
            parameters.Add("tag", $",{tag},");
            // Not LIKE, to which % and _ in a tag would mean something.
            sql.Append(" AND REPLACE(tags, @tag, '') <> tags");
        }
        if (Status is { } status)
        {
            parameters.Add("status", status);
            sql.Append(" AND status = @status");
        }
        string column = Known(Sort, "--sort");
        return (sql.Append(CultureInfo.InvariantCulture, $" ORDER BY {column} IS NULL, {column} {(Rising.Contains(column) ? "ASC" : "DESC")}, created DESC, name").ToString(), parameters);
    }

    private static string Condition(string condition, int i, RunDatabase database, DynamicParameters parameters)
    {
        int at = condition.IndexOfAny(['=', '!', '<', '>']);
        string? sign = at < 1 ? null : Operators.FirstOrDefault(o => condition.AsSpan(at).StartsWith(o, StringComparison.Ordinal));
        if (sign is null)
            throw new GradusException("--where is a column or a setting, one of = != >= <= > <, and a value", found: $"'{condition}'", remedy: "For example --where \"backbone=densenet121\"", fault: Fault.Request);
        (string name, string value) = (condition[..at].Trim(), condition[(at + sign.Length)..].Trim());
        string compare = sign == "!=" ? "<>" : sign;
        if (name.Contains('.', StringComparison.Ordinal))
            return OfSetting(name, sign, value, i, database, parameters);
        string column = Known(name, "--where");
        Type type = typeof(IndexedRun).GetProperty(RunDatabase.Columns.First(c => c.Column == column).Property)!.PropertyType;
        if (type == typeof(string))
            parameters.Add($"value{i}", value);
        else if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            parameters.Add($"value{i}", number);
        else
            throw new GradusException($"'{column}' is a number", found: $"'{value}'", fault: Fault.Request);
        return sign == "!=" ? $"({column} IS NULL OR {column} <> @value{i})" : $"{column} {compare} @value{i}";
    }

    private static string OfSetting(string name, string sign, string value, int i, RunDatabase database, DynamicParameters parameters)
    {
        if (sign is not ("=" or "!="))
            throw new GradusException("a setting is compared with = or != only", found: $"'{name}{sign}{value}'", fault: Fault.Request);
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_'))
            throw new GradusException("a setting is named as in the experiment file", found: $"'{name}'", remedy: "For example train.top_lr", fault: Fault.Request);
        parameters.Add($"key{i}", database.SettingKey(name));
        parameters.Add($"value{i}", value);
        // 1e-3 and 0.001 are one number; the index holds it as JSON writes it.
        parameters.Add($"number{i}", double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? JsonSerializer.Serialize(number) : value);
        string equal = $"COALESCE({database.Setting($"key{i}")}, '') IN (@value{i}, @number{i})";
        return sign == "=" ? equal : $"NOT {equal}";
    }

    private static string Known(string name, string option) => Names.Contains(name) ? name : throw new GradusException(
        $"{option} does not know '{name}'", remedy: NearestWord.Remedy(name, [.. Names], $"It knows {string.Join(", ", Names)}"), fault: Fault.Request);
}
