using System.Text.Json;
using Gradus.Experiments;

namespace Gradus.Dashboard.Components;

/// <summary>An experiment in words.</summary>
internal static class ExperimentWords
{
    /// <summary>A version with the first eight characters of its commit.</summary>
    public static string Version(string version) => version.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus && version.Length > plus + 9 ? version[..(plus + 9)] : version;

    /// <summary>The kind of target, as the experiment file calls it.</summary>
    public static string Target(Experiment experiment) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(experiment.Target.GetType().Name.Replace("Target", "", StringComparison.Ordinal));
}
