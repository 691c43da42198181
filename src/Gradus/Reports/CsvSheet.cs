using System.Collections.Immutable;
using System.Globalization;

namespace Gradus.Reports;

/// <summary>A sheet as CSV: UTF-8, commas, a line a row; numbers with every digit, dates as 2026-11-24 08:30.</summary>
internal static class CsvSheet
{
    /// <summary>
    /// Writes the file's text. A text that a spreadsheet would compute gets an apostrophe before it, since CSV cannot say what is text
    /// (https://owasp.org/www-community/attacks/CSV_Injection); numbers below 0 are numbers and stay.
    /// </summary>
    public static void Write(TextWriter csv, Worksheet sheet)
    {
        csv.Write(string.Join(',', sheet.Titles.Select(t => Quoted(WorksheetCell.Of(t)))) + "\n");
        foreach (ImmutableArray<WorksheetCell?> row in sheet.Rows)
            csv.Write(string.Join(',', row.Select(Quoted)) + "\n");
    }

    private static string Quoted(WorksheetCell? cell) => cell switch
    {
        TextCell { LooksLikeFormula: true } text => Quoted("'" + text.Text),
        TextCell text => Quoted(text.Text),
        NumberCell number => number.Exact,
        DateCell date => date.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        _ => "",
    };

    // Semicolons too: where a comma is the decimal sign, spreadsheets split at them, and what follows one begins a cell.
    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",;\"\t") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
