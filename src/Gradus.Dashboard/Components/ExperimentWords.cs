using System.Text.Json;
using Gradus.Experiments;

namespace Gradus.Dashboard.Components;

/// <summary>An experiment in words.</summary>
internal static class ExperimentWords
{
    /// <summary>The kind of target, as the experiment file calls it.</summary>
    public static string Target(Experiment experiment) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(experiment.Target.GetType().Name.Replace("Target", "", StringComparison.Ordinal));
}
