using System.Text;
using System.Text.RegularExpressions;

namespace Gradus.Reports;

/// <summary>The logbook as Markdown: the newest day first, within a day the newest run first.</summary>
internal static class Logbook
{
    /// <summary>How the file begins.</summary>
    public const string Title = "# Logbook";

    // What is markup within a line, wherever it stands; what is markup only at its beginning cannot get there, since each line begins
    // with words of this code.
    private static readonly Regex Marks = new(@"[\\`*_\[\]<>&|~$]", RegexOptions.CultureInvariant);

    /// <summary>The file's text.</summary>
    public static string Of(RunHistory history)
    {
        var text = new StringBuilder($"{Title}\n\nWritten by `gradus report` from the folders of the runs, and anew each time: remarks belong in a run's notes. All times are UTC.\n");
        foreach (IGrouping<DateTime, LogbookEntry> day in Days(history))
        {
            text.Append($"\n## {day.Key:yyyy-MM-dd}\n");
            foreach (LogbookEntry entry in day)
            {
                text.Append($"\n### {entry.At.UtcDateTime:HH:mm} {Escaped(entry.Name)}\n\n");
                foreach (string line in entry.Lines.Concat(entry.Remarks.Select(r => $"Remark, {r}")))
                    text.Append($"- {Escaped(line)}\n");
            }
        }
        if (!history.Problems.IsEmpty)
            text.Append("\n## Could not be read\n\n");
        foreach (string problem in history.Problems)
            text.Append($"- {Escaped(problem)}\n");
        return text.ToString();
    }

    /// <summary>The entries by day, newest first.</summary>
    public static IEnumerable<IGrouping<DateTime, LogbookEntry>> Days(RunHistory history) =>
        history.Chosen.Reverse().Select(run => LogbookEntry.Of(history, run)).GroupBy(e => e.At.UtcDateTime.Date);

    // An underscore between letters or digits is no markup, and names and settings are full of them. Addresses become links in some
    // readers without any markup, which a backslash in "://" prevents.
    private static string Escaped(string text)
    {
        string clean = TextCell.Clean(text);
        return Marks.Replace(clean, mark => mark.Value switch
        {
            // Not every reader knows that a backslash disarms a tag.
            "<" => "&lt;",
            ">" => "&gt;",
            "&" => "&amp;",
            _ => Inner(clean, mark.Index) ? mark.Value : "\\" + mark.Value,
        }).Replace("://", ":\\//", StringComparison.Ordinal);
    }

    private static bool Inner(string text, int at) =>
        text[at] == '_' && at > 0 && at + 1 < text.Length && char.IsLetterOrDigit(text[at - 1]) && char.IsLetterOrDigit(text[at + 1]);
}
