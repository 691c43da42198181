using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gradus.Experiments;

/// <summary>A setting that two experiments have in different values.</summary>
/// <param name="Setting">Its path, in the words of experiment files: <c>train.top_lr</c>.</param>
/// <param name="Before">The first experiment's value; "not set" where it has none.</param>
/// <param name="After">The second one's.</param>
public sealed record SettingDifference(string Setting, string Before, string After);

/// <summary>What differs between two experiments, setting by setting.</summary>
public static class ExperimentDifference
{
    /// <summary>The value of a setting that an experiment does not have.</summary>
    internal const string Absent = "not set";

    /// <summary>All differences, ordered as an experiment file is; where to compute is none of them.</summary>
    public static ImmutableArray<SettingDifference> Between(Experiment before, Experiment after)
    {
        IReadOnlyList<(string Setting, string Value, bool IsNumber)> a = Settings(before), b = Settings(after);
        Dictionary<string, string> old = a.ToDictionary(p => p.Setting, p => p.Value), now = b.ToDictionary(p => p.Setting, p => p.Value);
        return
        [
            .. a.Concat(b).Select(p => p.Setting).Distinct()
                .Select(s => new SettingDifference(s, old.GetValueOrDefault(s, Absent), now.GetValueOrDefault(s, Absent)))
                .Where(d => d.Before != d.After),
        ];
    }

    /// <summary>Every setting, ordered as an experiment file is, but for where to compute; whether it is a number tells 8 from a thing named "8".</summary>
    internal static IReadOnlyList<(string Setting, string Value, bool IsNumber)> Settings(Experiment experiment)
    {
        var settings = new List<(string, string, bool)>();
        // Where a run computes is no part of what it computes.
        Walk("", JsonSerializer.SerializeToNode(experiment with { Train = experiment.Train with { Device = "auto" } }, GradusJson.Compact), settings);
        settings.RemoveAll(s => s.Item1 == "train.device");
        return settings;
    }

    private static void Walk(string path, JsonNode? node, List<(string Setting, string Value, bool IsNumber)> settings)
    {
        switch (node)
        {
            case null:
                settings.Add((path, Absent, false));
                break;
            case JsonObject o:
                foreach ((string key, JsonNode? child) in o)
                    Walk(path.Length == 0 ? Snake(key) : $"{path}.{Snake(key)}", child, settings);
                break;
            case JsonArray list:
                settings.Add((path, $"[{string.Join(", ", list.Select(Brief))}]", false));
                break;
            default:
                settings.Add((path, node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString(), node.GetValueKind() == JsonValueKind.Number));
                break;
        }
    }

    /// <summary>An entry of a list: a step as <c>resize(size 224, fit stretch)</c>.</summary>
    private static string Brief(JsonNode? node)
    {
        if (node is not JsonObject o)
            return node is JsonValue v && v.GetValueKind() == JsonValueKind.String ? v.GetValue<string>() : node?.ToJsonString() ?? "null";
        string[] parameters = [.. o.Skip(1).Where(p => p.Key != "version" && p.Value is not null).Select(p => $"{Snake(p.Key)} {Brief(p.Value)}")];
        string name = Brief(o.FirstOrDefault().Value);
        return parameters.Length == 0 ? name : $"{name}({string.Join(", ", parameters)})";
    }

    private static string Snake(string key) => JsonNamingPolicy.SnakeCaseLower.ConvertName(key);
}
