using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gradus;

/// <summary>Says what is wrong with a JSON file in the words of people, who know neither the types behind it nor lines counted from 0.</summary>
internal static partial class DamagedJson
{
    /// <summary>The failure of reading a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cause">What the reader threw.</param>
    /// <param name="remedy">What to do, as a sentence without its full stop.</param>
    /// <param name="fault">Whose turn it is.</param>
    public static GradusException In(string path, Exception cause, string remedy, Fault fault = Fault.Work)
    {
        var json = cause as JsonException;
        bool placed = json?.LineNumber is not null && IsSyntax(json);
        return new GradusException("is damaged", placed ? $"{path}:{json!.LineNumber + 1}" : path, Found(cause, json), remedy, fault, cause);
    }

    private static string Found(Exception cause, JsonException? json)
    {
        if (json is null)
            return "values that do not belong there";
        // Without a place the words are those of whoever looked at what was read.
        if (json.LineNumber is null)
            return json.InnerException is null && !Missing().IsMatch(json.Message) ? json.Message.TrimEnd('.') : Lacking(json);
        if (IsSyntax(json))
            return "text that is no JSON";
        return json.Path is { Length: > 2 } path ? $"a value that does not belong at {path[2..]}" : Lacking(json);
    }

    // The reader's message ends with the names, which are those in the file.
    private static string Lacking(JsonException json) => Missing().Match(json.Message) is { Success: true } missing ? $"no {missing.Groups[1].Value.Replace("'", "", StringComparison.Ordinal)}" : "values that do not belong there";

    // What is thrown for text that breaks the grammar is thrown by the reader of tokens, or holds what that threw.
    private static bool IsSyntax(JsonException json) => json.GetType() != typeof(JsonException) || json.InnerException is JsonException;

    [GeneratedRegex("missing required properties,? including:? (.+?)\\.?$")]
    private static partial Regex Missing();
}
