using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;

namespace Gradus.Runs.Index;

/// <summary>
/// Which runs are wanted, and in which order. The database answers for columns, where what a person wrote becomes parameters and never
/// a part of a statement; settings, which each run has others of, are looked at in its answer.
/// </summary>
public sealed record RunQuery
{
    /// <summary>
    /// Conditions that must all hold: a column or a setting, one of <c>= != &gt;= &lt;= &gt; &lt; ~</c>, a value. <c>backbone=densenet121</c>, <c>remark~larger</c>,
    /// <c>qwk&gt;=0.8</c>, <c>train.top_lr=1e-3</c>, <c>tags=best</c>, <c>created=2026-11</c> (a year, month, day, hour, minute or second, UTC).
    /// </summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>A tag that the run has; null for any.</summary>
    public string? Tag { get; init; }

    /// <summary>A status; null for any.</summary>
    public string? Status { get; init; }

    /// <summary>The column or setting to sort by; figures best first, the newest first, names and settings from a to z or from small to large.</summary>
    public string Sort { get; init; } = "created";

    // Figures of which less is better, and texts, rise; all else falls.
    private static readonly string[] Rising = ["loss", "name", "status", "backbone", "target", "parent", "fold", "tags"];

    /// <summary>The columns that can be named.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. RunDatabase.Columns.Select(c => c.Column).Except(["root", "stamp", "settings"])];

    private RunCondition[] Conditions => [.. Where.Select(RunCondition.Parse)];

    /// <summary>The statement with its parameters.</summary>
    /// <exception cref="GradusException">A condition or column is not understood.</exception>
    internal (string Sql, DynamicParameters Parameters) Statement()
    {
        var (sql, parameters) = (new StringBuilder($"SELECT {string.Join(", ", RunDatabase.Columns.Select(c => c.Column))} FROM gradus_runs WHERE 1 = 1"), new DynamicParameters());
        IEnumerable<RunCondition> conditions = [.. Conditions, .. Given("tags", Tag), .. Given("status", Status)];
        foreach ((int i, RunCondition condition) in conditions.Where(c => !c.IsSetting).Index())
            sql.Append(CultureInfo.InvariantCulture, $" AND {OfColumn(condition, $"value{i}", parameters)}");
        string column = IsSetting(Sort) ? "created" : RunColumns.Canonical(Sort);
        return (sql.Append(CultureInfo.InvariantCulture, $" ORDER BY {column} IS NULL, {column} {(Rising.Contains(column) ? "ASC" : "DESC")}, created DESC, name").ToString(), parameters);
    }

    /// <summary>What is left of the database's answer, and in which order, by the settings.</summary>
    /// <exception cref="GradusException">A condition is not understood, or no run has a setting that is asked for.</exception>
    internal ImmutableArray<IndexedRun> Finish(ImmutableArray<IndexedRun> rows, Func<IEnumerable<string>> all)
    {
        RunCondition[] conditions = [.. Conditions.Where(c => c.IsSetting)];
        string[] asked = [.. conditions.Select(c => c.Name).Concat(IsSetting(Sort) ? [Sort] : []).Distinct()];
        if (asked.Length == 0)
            return rows;
        (IndexedRun Run, Dictionary<string, string> Settings)[] read = [.. rows.Select(r => (r, Read(r.Settings, asked)))];
        foreach (string setting in asked.Where(s => read.All(r => !r.Settings.ContainsKey(s))))
            Check(setting, all);
        var held = read.Where(r => conditions.All(c => c.Holds(r.Settings.GetValueOrDefault(c.Name))));
        return [.. (IsSetting(Sort) ? Sorted(held) : held).Select(r => r.Run)];
    }

    private IEnumerable<(IndexedRun Run, Dictionary<string, string> Settings)> Sorted(IEnumerable<(IndexedRun Run, Dictionary<string, string> Settings)> rows) => rows
        .OrderBy(r => !r.Settings.ContainsKey(Sort))
        .ThenBy(r => RunColumns.Number(r.Settings.GetValueOrDefault(Sort, "")) ?? double.PositiveInfinity)
        .ThenBy(r => r.Settings.GetValueOrDefault(Sort), StringComparer.Ordinal);

    private static void Check(string name, Func<IEnumerable<string>> all)
    {
        HashSet<string> known = [.. all().SelectMany(s => Read(s, null).Keys)];
        if (known.Count > 0 && !known.Contains(name))
            throw new GradusException($"there is no column '{name}', and no run has a setting of this name", remedy: NearestWord.Remedy(name, [.. Names, .. known], $"Columns are {string.Join(", ", Names)}; settings are named as in the experiment file, for example train.top_lr"), fault: Fault.Request);
    }

    private static bool IsSetting(string name) => !Names.Contains(RunColumns.Canonical(name));

    // Of ten thousand runs with eighty settings each, one or two are asked for.
    private static Dictionary<string, string> Read(string settings, string[]? asked)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(settings));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && Name(ref reader, asked) is { } name && reader.Read())
                found[name] = reader.GetString() ?? "";
        }
        return found;
    }

    private static string? Name(ref Utf8JsonReader reader, string[]? asked)
    {
        if (asked is null)
            return reader.GetString();
        foreach (string name in asked)
        {
            if (reader.ValueTextEquals(name))
                return name;
        }
        return null;
    }

    private static IEnumerable<RunCondition> Given(string column, string? value) => value is null ? [] : [new RunCondition(column, "=", value)];

    private static string OfColumn(RunCondition condition, string parameter, DynamicParameters parameters)
    {
        string column = condition.Name, compare = condition.Sign == "!=" ? "<>" : condition.Sign, text = column;
        Type type = typeof(IndexedRun).GetProperty(RunDatabase.Columns.First(c => c.Column == column).Property)!.PropertyType;
        if (condition.Sign == "~")
        {
            if (type != typeof(string))
                throw new GradusException("~ asks for a part of a text, and a number has none", found: $"'{column}~{condition.Value}'", remedy: "Ask with >= or <=", fault: Fault.Request);
            parameters.Add(parameter, condition.Value);
            // Not LIKE, to which % and _ would mean something.
            return $"REPLACE(LOWER({column}), LOWER(@{parameter}), '') <> LOWER({column})";
        }
        if (column == "tags")
        {
            if (condition.Sign is not ("=" or "!="))
                throw new GradusException("a run has a tag or has it not", found: $"'tags{condition.Sign}{condition.Value}'", remedy: "Ask with = or !=", fault: Fault.Request);
            parameters.Add(parameter, $",{condition.Value},");
            return $"REPLACE(tags, @{parameter}, '') {(condition.Sign == "=" ? "<>" : "=")} tags";
        }
        if (column is "created" or "ended")
        {
            string moment = condition.Value.Replace(' ', 'T').TrimEnd('Z');
            if (!RunColumns.IsMoment(moment))
                throw new GradusException($"'{column}' is a date, or the beginning of one, UTC", found: $"'{condition.Value}'", remedy: "For example 2026-11-24", fault: Fault.Request);
            parameters.Add(parameter, moment);
            text = $"SUBSTR({column}, 1, {moment.Length})";
        }
        else if (column == "status")
        {
            parameters.Add(parameter, RunColumns.Statuses.FirstOrDefault(s => s.Equals(condition.Value, StringComparison.OrdinalIgnoreCase))
                ?? throw new GradusException($"a run is {string.Join(", ", RunColumns.Statuses.SkipLast(1))} or {RunColumns.Statuses[^1]}", found: $"'{condition.Value}'", fault: Fault.Request));
        }
        else if (type == typeof(string))
        {
            parameters.Add(parameter, condition.Value);
        }
        else
        {
            parameters.Add(parameter, condition.Number ?? throw new GradusException($"'{column}' is a number", found: $"'{condition.Value}'", fault: Fault.Request));
        }
        return condition.Sign == "!=" ? $"({column} IS NULL OR {text} <> @{parameter})" : $"{text} {compare} @{parameter}";
    }
}
