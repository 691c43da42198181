using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gradus.Experiments;

namespace Gradus.Runs;

/// <summary>run.json as far as this version of Gradus understands it: the experiment of another version may say what this one does not know.</summary>
/// <param name="Outline">All but the experiment; a <see cref="RunInfo"/> where that is understood too.</param>
/// <param name="Settings">The experiment's settings, where it is not understood as they are written.</param>
/// <param name="Grades">The names of the grades, the mildest first; none where not even they can be read.</param>
public sealed record RunDescription(RunOutline Outline, ImmutableArray<ExperimentSetting> Settings, ImmutableArray<string> Grades)
{
    /// <summary>The experiment; null where this version does not understand it.</summary>
    public Experiment? Experiment => (Outline as RunInfo)?.Experiment;

    /// <summary>Why there is no experiment, for people; null where there is one.</summary>
    public string? Problem => Experiment is null ? $"its experiment cannot be read by this version of Gradus, but by {Gradus.CodeVersion.Brief(Outline.CodeVersion)}" : null;

    /// <summary>The value of a setting as text; null where the experiment does not have it.</summary>
    public string? Setting(string name) => Settings.FirstOrDefault(s => s.Setting == name) is { Value: not ExperimentDifference.Absent and var value } ? value : null;

    /// <summary>The epoch that was selected when the run finished, and before that the one that the experiment's rule would select; null where there is none.</summary>
    public EpochRecord? Best(IReadOnlyList<EpochRecord> records) => Experiment is { } experiment && Selected is null
        ? Selection.Best(records, experiment.Select)
        : records.FirstOrDefault(r => r.Epoch == Selected);

    /// <summary>The epoch that was selected when the run finished; null before.</summary>
    public int? Selected => Outline is { Status: RunStatus.Finished, Selection: [var best, ..] } ? best : null;

    private static ImmutableArray<string> Names(JsonNode? experiment) =>
        experiment is JsonObject o && o["scale"] is JsonObject scale && scale["names"] is JsonArray names && names.All(n => n?.GetValueKind() == JsonValueKind.String) ? [.. names.Select(n => n!.GetValue<string>())] : [];

    /// <summary>Understands the text of a run.json.</summary>
    /// <exception cref="JsonException">Not even the outline can be read.</exception>
    internal static RunDescription Of(string json)
    {
        try
        {
            RunInfo info = JsonSerializer.Deserialize<RunInfo>(json, GradusJson.Indented) ?? throw new JsonException("the file says null");
            return new RunDescription(info, ExperimentDifference.Settings(info.Experiment), info.Experiment.Scale.Names);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or GradusException or ArgumentException or InvalidOperationException)
        {
            try
            {
                RunOutline outline = JsonSerializer.Deserialize<RunOutline>(json, GradusJson.Indented) ?? throw new JsonException("the file says null");
                JsonNode? experiment = JsonNode.Parse(json)!["experiment"];
                return new RunDescription(outline, ExperimentDifference.Settings(experiment), Names(experiment));
            }
            catch (Exception f) when (f is NotSupportedException or ArgumentException or InvalidOperationException)
            {
                throw new JsonException("values that do not belong there", f);
            }
        }
    }
}
