using System.Globalization;
using System.Text;

namespace Gradus.Cli.Terminal;

/// <summary>Names of folders and words of files, which can be anything, as a terminal may show them.</summary>
internal static class Harmless
{
    /// <summary>
    /// The text with a <c>?</c> for each character that would move the cursor, change colours, or turn the direction of writing;
    /// the length stays.
    /// </summary>
    public static string Of(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (char c in text)
            shown.Append(char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned ? '?' : c);
        return shown.ToString();
    }
}
