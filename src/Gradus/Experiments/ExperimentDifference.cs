using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gradus.Experiments;

/// <summary>A setting that two experiments have in different values.</summary>
/// <param name="Setting">Its path, in the words of experiment files: <c>train.top_lr</c>.</param>
/// <param name="Before">The first experiment's value; "not set" where it has none.</param>
/// <param name="After">The second one's.</param>
public sealed record SettingDifference(string Setting, string Before, string After);

/// <summary>A setting of an experiment.</summary>
/// <param name="Setting">Its path, in the words of experiment files: <c>train.top_lr</c>.</param>
/// <param name="Value">As text; "not set" where it has none.</param>
/// <param name="IsNumber">Tells 8 from a thing named "8".</param>
public sealed record ExperimentSetting(string Setting, string Value, bool IsNumber);

/// <summary>What differs between two experiments, setting by setting.</summary>
public static class ExperimentDifference
{
    /// <summary>The value of a setting that an experiment does not have.</summary>
    public const string Absent = "not set";

    private const string Device = "train.device";

    /// <summary>All differences, ordered as an experiment file is; where to compute is none of them.</summary>
    public static ImmutableArray<SettingDifference> Between(Experiment before, Experiment after) => Between(Settings(before), Settings(after));

    /// <summary>All differences of two lists of settings, in their order.</summary>
    public static ImmutableArray<SettingDifference> Between(IReadOnlyList<ExperimentSetting> before, IReadOnlyList<ExperimentSetting> after)
    {
        Dictionary<string, string> old = before.ToDictionary(p => p.Setting, p => p.Value), now = after.ToDictionary(p => p.Setting, p => p.Value);
        return
        [
            .. before.Concat(after).Select(p => p.Setting).Distinct()
                .Select(s => new SettingDifference(s, old.GetValueOrDefault(s, Absent), now.GetValueOrDefault(s, Absent)))
                .Where(d => d.Before != d.After),
        ];
    }

    /// <summary>All settings of an experiment, ordered as an experiment file is; where to compute is none of them.</summary>
    public static ImmutableArray<ExperimentSetting> Settings(Experiment experiment) => Settings(JsonSerializer.SerializeToNode(experiment, GradusJson.Compact));

    /// <summary>All settings of an experiment as a run.json holds it, one of another version of Gradus too.</summary>
    internal static ImmutableArray<ExperimentSetting> Settings(JsonNode? experiment)
    {
        var settings = ImmutableArray.CreateBuilder<ExperimentSetting>();
        if (experiment is JsonObject)
            Walk("", experiment, settings);
        // Where a run computes is no part of what it computes.
        settings.RemoveAll(s => s.Setting == Device);
        return settings.ToImmutable();
    }

    private static void Walk(string path, JsonNode? node, ImmutableArray<ExperimentSetting>.Builder settings)
    {
        switch (node)
        {
            case null:
                settings.Add(new ExperimentSetting(path, Absent, false));
                break;
            case JsonObject o:
                foreach ((string key, JsonNode? child) in o)
                    Walk(path.Length == 0 ? Snake(key) : $"{path}.{Snake(key)}", child, settings);
                break;
            case JsonArray list:
                settings.Add(new ExperimentSetting(path, $"[{string.Join(", ", list.Select(Brief))}]", false));
                break;
            default:
                settings.Add(new ExperimentSetting(path, node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString(), node.GetValueKind() == JsonValueKind.Number));
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
