namespace Gradus.Dashboard.Components;

/// <summary>Words of commands that a person copies.</summary>
internal static class ShellWord
{
    /// <summary>A word that a shell takes as it is, in quotes where it would take it otherwise.</summary>
    public static string Of(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or ':' or '=') && word[0] != '-' ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
