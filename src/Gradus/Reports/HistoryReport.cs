namespace Gradus.Reports;

/// <summary>Writes a history of runs as a workbook, a table, a logbook or a page.</summary>
public static class HistoryReport
{
    /// <summary>How the files of <see cref="WriteCsv"/> begin.</summary>
    public const string CsvStart = RunSheet.FirstTitles;

    /// <summary>How the files of <see cref="WriteMarkdown"/> begin.</summary>
    public const string MarkdownStart = Logbook.Title;

    /// <summary>An Excel file with the sheets "runs", "epochs" and "validation vs leaderboard".</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void WriteXlsx(string path, RunHistory history) => Spreadsheet.Write(path, [RunSheet.Runs(history), RunSheet.Epochs(history), TrustSheet.Create(history)]);

    /// <summary>Whether a file is one that <see cref="WriteXlsx"/> made, and that no other program has saved since.</summary>
    public static bool IsOwnXlsx(string path) => Spreadsheet.IsOwn(path);

    /// <summary>The sheet "runs" as CSV.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void WriteCsv(string path, RunHistory history) => AtomicFile.WriteText(path, CsvSheet.Of(RunSheet.Runs(history)));

    /// <summary>The logbook, in Markdown.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void WriteMarkdown(string path, RunHistory history) => AtomicFile.WriteText(path, Logbook.Of(history));

    /// <summary>A page with the table, the trust in validation, and the logbook.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void WriteHtml(string path, RunHistory history) => AtomicFile.WriteText(path, HistoryPage.Of(history));
}
