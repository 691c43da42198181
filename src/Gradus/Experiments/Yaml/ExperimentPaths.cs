using System.Text;

namespace Gradus.Experiments.Yaml;

/// <summary>Turns the paths of an experiment file into full ones: <c>${NAME}</c> is expanded, the rest is relative to the file.</summary>
internal sealed class ExperimentPaths(string folder, Func<string, string?> variables)
{
    /// <summary>The full path.</summary>
    /// <exception cref="GradusException">A variable is not set, or the path cannot be one.</exception>
    public string Full(YamlValue value)
    {
        string expanded = Expand(value, value.Text());
        if (expanded.Contains('\0', StringComparison.Ordinal))
            throw value.Wrong("is a path", "a NUL character");
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(expanded, folder));
    }

    private string Expand(YamlValue value, string text)
    {
        var result = new StringBuilder();
        int at = 0;
        while (text.IndexOf("${", at, StringComparison.Ordinal) is var start and >= 0)
        {
            int end = text.IndexOf('}', start);
            if (end < 0)
                throw value.Wrong("opens a variable that is never closed", $"'{YamlValue.Shown(text)}'", "Write ${NAME}");
            string variable = text[(start + 2)..end];
            string? content = variable.Length > 0 && variable.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? variables(variable) : throw value.Wrong("names a variable by letters, digits and underscores", $"'{YamlValue.Shown(variable)}'");
            if (string.IsNullOrEmpty(content))
                throw value.Wrong($"needs the environment variable {variable}, which is not set", remedy: $"Set it, for example export {variable}=/path/to/folder");
            if (end + 1 < text.Length && text[end + 1] == '/' && !Directory.Exists(content))
                throw value.Wrong($"needs the folder that the environment variable {variable} names", $"no folder '{YamlValue.Shown(content)}'", $"Set {variable} to the folder that holds {YamlValue.Shown(text[(end + 2)..])}");
            result.Append(text, at, start - at).Append(content);
            at = end + 1;
        }
        return result.Append(text, at, text.Length - at).ToString();
    }
}
