using Gradus.Cli.Terminal;
using Gradus.Reports;
using Gradus.Shift;

namespace Gradus.Cli.Commands;

/// <summary>A shift report as tables.</summary>
internal static class ShiftText
{
    public static void Print(Output output, ShiftReport report)
    {
        foreach (ShiftTable table in ShiftTable.Of(report))
        {
            output.Heading(table.Title);
            output.Table(table.Columns, table.Rows.Select(row => (IReadOnlyList<string>)row), numbers: true);
            if (table.Note is not null)
                output.Line(table.Note);
            output.Line();
        }
        output.Heading("What follows");
        foreach (ShiftVerdict verdict in report.Verdicts)
            output.Line($"{(verdict.IsWarning ? "!" : "-")} {verdict.Message}");
    }
}
