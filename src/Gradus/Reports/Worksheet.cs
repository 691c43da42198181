using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gradus.Reports;

/// <summary>What stands in a cell; an empty cell is null.</summary>
internal abstract record WorksheetCell
{
    /// <summary>A text cell; null for no text or an empty one.</summary>
    public static WorksheetCell? Of(string? text) => string.IsNullOrEmpty(text) ? null : new TextCell(text);

    /// <summary>A number; null for none, and for what is not finite.</summary>
    public static WorksheetCell? Of(double? number, NumberFormat format) => number is { } value && double.IsFinite(value) ? new NumberCell(value, format) : null;
}

/// <summary>Text: never a formula, whatever it begins with.</summary>
internal sealed record TextCell : WorksheetCell
{
    // What a program that opens the file could take for a formula, the wide forms of East Asian keyboards among it.
    private const string FormulaStarts = "=+-@＝＋－＠";

    // Overrides of the direction of writing, which let a text look like another.
    private static readonly Regex Unseen = new(@"[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]+", RegexOptions.CultureInvariant);

    /// <summary>Text as a person wrote it; control characters become spaces, those around it fall away.</summary>
    public TextCell(string text) => Text = Clean(text);

    /// <summary>What is shown.</summary>
    public string Text { get; }

    /// <summary>Whether a program could take it for a formula once it is typed anew.</summary>
    public bool LooksLikeFormula => Text.Length > 0 && FormulaStarts.Contains(Text[0], StringComparison.Ordinal);

    /// <summary>One line without control characters and without halves of characters.</summary>
    public static string Clean(string text)
    {
        var whole = new StringBuilder(text.Length);
        // Enumerating replaces a lone surrogate, which no XML can hold.
        foreach (Rune rune in text.EnumerateRunes())
            whole.Append(rune);
        return Unseen.Replace(whole.ToString(), " ").Trim();
    }
}

/// <summary>A finite number.</summary>
internal sealed record NumberCell(double Value, NumberFormat Format) : WorksheetCell
{
    /// <summary>Every digit that is needed to read the same number again.</summary>
    public string Exact => Value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>A moment in UTC.</summary>
internal sealed record DateCell(DateTimeOffset At) : WorksheetCell;

/// <summary>How a number is shown.</summary>
internal enum NumberFormat
{
    /// <summary>As many digits as it has.</summary>
    General,

    /// <summary>Whole, with separators.</summary>
    Count,

    /// <summary>Four decimals.</summary>
    Metric,

    /// <summary>One decimal.</summary>
    Tenth,

    /// <summary>Per cent with one decimal.</summary>
    Percent,
}

/// <summary>A table under one header.</summary>
/// <param name="Name">At most 31 characters.</param>
/// <param name="Titles">Of the columns.</param>
/// <param name="Rows">A cell a title; made while they are read, since a long history has more cells than fit into memory.</param>
/// <param name="Count">How many rows there are.</param>
/// <param name="Foot">Rows below the table that no filter hides.</param>
internal sealed record Worksheet(string Name, ImmutableArray<string> Titles, IEnumerable<ImmutableArray<WorksheetCell?>> Rows, int Count, ImmutableArray<ImmutableArray<WorksheetCell?>> Foot)
{
    /// <summary>A table of things, a function a column.</summary>
    public static Worksheet Of<T>(string name, IReadOnlyList<(string Title, Func<T, WorksheetCell?> Cell)> columns, IEnumerable<T> things, int count) =>
        new(name, [.. columns.Select(c => c.Title)], things.Select(t => columns.Select(c => c.Cell(t)).ToImmutableArray()), count, []);
}
