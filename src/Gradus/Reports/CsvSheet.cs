using System.Globalization;
using System.Text;

namespace Gradus.Reports;

/// <summary>A sheet as CSV: UTF-8, commas, a line a row; numbers with every digit, dates as 2026-11-24 08:30.</summary>
internal static class CsvSheet
{
    /// <summary>
    /// The file's text. A text that a spreadsheet would compute gets an apostrophe before it, since CSV cannot say what is text
    /// (https://owasp.org/www-community/attacks/CSV_Injection); numbers below 0 are numbers and stay.
    /// </summary>
    public static string Of(Worksheet sheet)
    {
        var csv = new StringBuilder();
        csv.AppendJoin(',', sheet.Titles.Select(t => Quoted(WorksheetCell.Of(t)))).Append('\n');
        foreach (IEnumerable<WorksheetCell?> row in sheet.Rows)
            csv.AppendJoin(',', row.Select(Quoted)).Append('\n');
        return csv.ToString();
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
