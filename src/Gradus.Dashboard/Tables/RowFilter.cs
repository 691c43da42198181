using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Gradus.Dashboard.Components;
using Gradus.Dashboard.Live;
using Gradus.Runs.Index;

namespace Gradus.Dashboard.Tables;

/// <summary>
/// What a person typed to see fewer runs: words that all must occur in name, remark, tags, backbone, parent or status, and conditions such
/// as <c>qwk&gt;=0.8</c>, <c>status=running</c>, <c>remark~larger</c>, <c>started&gt;=2026-11</c>, <c>train.top_lr=1e-3</c>. A value with spaces stands
/// in quotes; empty quotes mean no value. A condition that means nothing, or is not typed to its end yet, is told and leaves the table as it was.
/// </summary>
internal sealed partial class RowFilter
{
    private static readonly string[] Operators = [">=", "<=", "!=", "=", ">", "<", "~"];
    private readonly ImmutableArray<Func<RunRow, bool>> _conditions;

    private RowFilter(ImmutableArray<Func<RunRow, bool>> conditions, ImmutableArray<string> problems) => (_conditions, Problems) = (conditions, problems);

    /// <summary>What was not understood, in words.</summary>
    public ImmutableArray<string> Problems { get; }

    /// <summary>The operators of conditions.</summary>
    public static IReadOnlyList<string> Signs => Operators;

    /// <summary>Understands a text.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="column">The column of a name; null where there is none.</param>
    public static RowFilter Parse(string? text, Func<string, TableColumn?> column)
    {
        var conditions = ImmutableArray.CreateBuilder<Func<RunRow, bool>>();
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (string part in Parts(Spaced().Replace(text ?? "", "$1$2")))
        {
            int at = part.IndexOfAny(['>', '<', '=', '!', '~']);
            if (at == 0 && RunColumns.Number(part.TrimStart('>', '<', '=', '!')) is not null)
            {
                problems.Add($"'{part}' does not say of what; for example qwk{part}.");
                continue;
            }
            string? sign = at < 1 || part[0] == '"' ? null : Operators.FirstOrDefault(o => part.AsSpan(at).StartsWith(o, StringComparison.Ordinal));
            if (sign is null)
                conditions.Add(Word(part.Replace("\"", "", StringComparison.Ordinal)));
            else if (column(part[..at]) is not { } of)
                problems.Add($"No run has '{part[..at]}'.");
            else if (part.Length == at + sign.Length)
                problems.Add($"'{part}' lacks a value{(sign is "=" or "!=" ? $"; {part}\"\" means none" : "")}.");
            else if (part[(at + sign.Length)..].Replace("\"", "", StringComparison.Ordinal) is var value && Nonsense(of, sign, value) is { } nonsense)
                problems.Add($"'{part}': {nonsense}.");
            else
                conditions.Add(Condition(of, sign, value));
        }
        return new RowFilter(conditions.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>Whether a run fulfils everything.</summary>
    public bool Holds(RunRow row)
    {
        foreach (Func<RunRow, bool> condition in _conditions)
        {
            if (!condition(row))
                return false;
        }
        return true;
    }

    /// <summary>A condition as it is typed.</summary>
    public static string Written(string column, string sign, string value) => value.Contains(' ', StringComparison.Ordinal) ? $"{column}{sign}\"{value}\"" : $"{column}{sign}{value}";

    private static Func<RunRow, bool> Word(string word) => row =>
        Has(row.Name, word) || Has(row.Run.Remark, word) || Has(row.Run.Tags, word) || Has(row.Run.Backbone, word) || Has(row.Run.Parent, word) || Has(row.Run.Status, word);

    // Why no run could ever fulfil it, or all would; null where that is not so. That a run has no value can be asked of every column.
    private static string? Nonsense(TableColumn column, string sign, string value) => sign switch
    {
        "~" => null,
        "=" or "!=" when value.Length == 0 => null,
        _ when column.Number is not null && RunColumns.Number(value) is null => $"{column.Title} is a number",
        _ when column.IsMoment && !RunColumns.IsMoment(value) => $"{column.Title} is a date such as 2026-11-01, 2026-11 or \"2026-11-01 08:30\"",
        _ when column.Key == "status" && !RunColumns.Statuses.Contains(value, StringComparer.OrdinalIgnoreCase) => $"a status is one of {string.Join(", ", RunColumns.Statuses)}",
        _ => null,
    };

    private static Func<RunRow, bool> Condition(TableColumn column, string sign, string value)
    {
        double? number = RunColumns.Number(value);
        return sign switch
        {
            "=" => row => Is(column, row, value, number),
            "!=" => row => !Is(column, row, value, number),
            "~" => row => Has(column.Text(row), value),
            _ => row => Compared(column, row, value, number) is { } order && sign switch { ">" => order > 0, "<" => order < 0, ">=" => order >= 0, _ => order <= 0 },
        };
    }

    // 1e-3 and 0.001 are one number; figures are compared as they are shown, since nobody can type all their digits.
    private static bool Is(TableColumn column, RunRow row, string value, double? number)
    {
        if (column.Key == "tags")
            return value.Length == 0 ? row.Tags.Length == 0 : row.Tags.Contains(value, StringComparer.OrdinalIgnoreCase);
        if (column.IsMoment)
            return value.Length == 0 ? column.Text(row) is "" or Figures.None : Compared(column, row, value, null) == 0;
        return string.Equals(column.Text(row), value, StringComparison.OrdinalIgnoreCase) || (number is not null && column.NumberOf(row) == number);
    }

    private static int? Compared(TableColumn column, RunRow row, string value, double? number)
    {
        if (number is { } n && column.NumberOf(row) is { } own)
            return own.CompareTo(n);
        string text = column.Text(row);
        if (text.Length == 0 || column.Number is not null)
            return null;
        // A day is every moment of it, and a month every day.
        if (column.IsMoment)
            return text.Length < value.Length ? null : string.CompareOrdinal(text[..value.Length], value.Replace('T', ' '));
        return string.Compare(text, value, StringComparison.OrdinalIgnoreCase);
    }

    // "qwk >= 0.8" is "qwk>=0.8"; what stands in quotes stays as it is.
    [GeneratedRegex("""("[^"]*")|(?<=(?:^|\s)[^\s=<>!~"]+)\s*(>=|<=|!=|=|>|<|~)(?:\s+(?=[^\s=<>!~]+(?:\s|$)))?""")]
    private static partial Regex Spaced();

    private static bool Has(string? text, string word) => text is not null && text.Contains(word, StringComparison.OrdinalIgnoreCase);

    // At spaces, but not at those within quotes.
    private static IEnumerable<string> Parts(string text)
    {
        int start = 0;
        bool quoted = false;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '"')
                quoted = !quoted;
            if (i < text.Length && (quoted || !char.IsWhiteSpace(text[i])))
                continue;
            if (i > start)
                yield return text[start..i];
            start = i + 1;
        }
    }
}
