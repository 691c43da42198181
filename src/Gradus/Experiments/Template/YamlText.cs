using System.Text;
using System.Text.RegularExpressions;

namespace Gradus.Experiments.Template;

/// <summary>Writes a text so that YAML reads back the same text.</summary>
public static partial class YamlText
{
    // What YAML 1.1 readers take for something other than a text.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase) { "null", "true", "false", "yes", "no", "on", "off", "y", "n" };

    /// <summary>Bare where that is safe, else in double quotes.</summary>
    public static string Quoted(string text)
    {
        if (Plain().IsMatch(text) && !Reserved.Contains(text))
            return text;
        var quoted = new StringBuilder("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\')
                quoted.Append('\\').Append(rune);
            else if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or 0xFEFF)
                quoted.Append($"\\u{rune.Value:X4}");
            else
                quoted.Append(rune);
        }
        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^[A-Za-z_./][A-Za-z0-9_./-]*\z")]
    private static partial Regex Plain();
}
