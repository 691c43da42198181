namespace Gradus.Reports;

/// <summary>Writes a history of runs as a workbook, a table, a logbook or a page.</summary>
public static class HistoryReport
{
    /// <summary>How the files of <see cref="WriteCsv"/> begin.</summary>
    public const string CsvStart = RunSheet.FirstTitles;

    /// <summary>How the files of <see cref="WriteMarkdown"/> begin.</summary>
    public const string MarkdownStart = Logbook.Title;

    /// <summary>An Excel file with the sheets "runs", "epochs" and "validation vs leaderboard".</summary>
    /// <param name="path">The file.</param>
    /// <param name="history">The runs.</param>
    /// <param name="epochs">Whether it has the sheet of epochs, by far the largest.</param>
    /// <param name="progress">Told how many rows have been written.</param>
    /// <exception cref="GradusException">It could not be written, or a sheet would have more rows than spreadsheets can show.</exception>
    public static void WriteXlsx(string path, RunHistory history, bool epochs = true, IProgress<WorkProgress>? progress = null) =>
        Spreadsheet.Write(path, [RunSheet.Runs(history), .. epochs ? (Worksheet[])[RunSheet.Epochs(history)] : [], TrustSheet.Create(history)], progress);

    /// <summary>Whether a file is one that <see cref="WriteXlsx"/> made, and that no other program has saved since.</summary>
    public static bool IsOwnXlsx(string path) => Spreadsheet.IsOwn(path);

    /// <summary>The sheet "runs" as CSV.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void WriteCsv(string path, RunHistory history) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        CsvSheet.Write(writer, RunSheet.Runs(history));
    });

    /// <summary>The logbook, in Markdown.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void WriteMarkdown(string path, RunHistory history) => AtomicFile.WriteText(path, Logbook.Of(history));

    /// <summary>A page with the table, the trust in validation, and the logbook.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void WriteHtml(string path, RunHistory history) => AtomicFile.WriteText(path, HistoryPage.Of(history));
}
