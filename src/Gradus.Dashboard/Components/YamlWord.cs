namespace Gradus.Dashboard.Components;

/// <summary>Words of experiment files that a person copies.</summary>
internal static class YamlWord
{
    /// <summary>A value inside of braces, in quotes where it would otherwise be read as something else.</summary>
    public static string Of(string value) =>
        value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-') && value[0] != '-'
            ? value
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
