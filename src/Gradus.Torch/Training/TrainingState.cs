using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>
/// What a resumed run needs beside the last epoch's checkpoint: which epoch that was, the optimiser's momenta, and the weights themselves where the checkpoint has their moving average. Written after
/// the checkpoint and the metrics of its epoch, so it never speaks of files that are not there.
/// </summary>
/// <param name="Epoch">Epochs finished.</param>
/// <param name="Data">Fingerprint of the images, grades and split that the run trains on.</param>
public sealed record TrainingState(int Epoch, string Data)
{
    /// <summary>The settings that the run was trained with; empty in states of earlier versions, which did not keep them.</summary>
    public ImmutableArray<ExperimentSetting> Settings { get; init; } = [];

    /// <summary>Refuses to go on with other settings than the epochs before were trained with.</summary>
    /// <param name="experiment">What run.json says now.</param>
    /// <param name="infoFile">Path of run.json, for the message.</param>
    /// <exception cref="GradusException">A setting differs; each is named.</exception>
    public void RequireSame(Experiment experiment, string infoFile)
    {
        const int Shown = 5;
        if (Settings.IsDefaultOrEmpty)
            return;
        ImmutableArray<SettingDifference> edited = ExperimentDifference.Between(Settings, ExperimentDifference.Settings(experiment));
        if (edited.IsEmpty)
            return;
        throw new GradusException(
            $"the run's settings were edited after epoch {Epoch}, and a resumed run would not be what its run.json says",
            infoFile,
            string.Join(", ", edited.Take(Shown).Select(d => $"{d.Setting} {d.After} instead of {d.Before}")) + (edited.Length > Shown ? $" and {edited.Length - Shown} more" : ""),
            "Restore them to resume the run, or start a new one with gradus train",
            Fault.Request);
    }

    /// <summary>Writes the state atomically.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public void Save(string path, GroupedOptimizer optimizer, WeightAverage? average = null)
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(path, [.. optimizer.State(), .. average?.State() ?? []], new Dictionary<string, string>
        {
            ["epoch"] = Epoch.ToString(CultureInfo.InvariantCulture),
            ["data"] = Data,
            ["settings"] = JsonSerializer.Serialize(Settings, GradusJson.Compact),
        });
    }

    /// <summary>Reads which epoch is done, and on what data; null where none is.</summary>
    /// <exception cref="GradusException">The file is not a state.</exception>
    public static TrainingState? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        using WeightsFile file = WeightsFile.Open(path);
        return file.Metadata.TryGetValue("epoch", out string? epoch) && file.Metadata.TryGetValue("data", out string? data) && int.TryParse(epoch, CultureInfo.InvariantCulture, out int number)
            ? new TrainingState(number, data) { Settings = SettingsOf(file, path) }
            : throw new GradusException("is not the state of a run", path, remedy: "Train again");
    }

    private static ImmutableArray<ExperimentSetting> SettingsOf(WeightsFile file, string path)
    {
        if (!file.Metadata.TryGetValue("settings", out string? json))
            return [];
        try
        {
            return JsonSerializer.Deserialize<ImmutableArray<ExperimentSetting>>(json, GradusJson.Compact);
        }
        catch (JsonException e)
        {
            throw new GradusException("is a damaged state of a run", path, e.Message.TrimEnd('.'), "Train again", inner: e);
        }
    }

    /// <summary>Hands the momenta in the file to an optimiser over the same parameters, and the weights to their network where it is averaged.</summary>
    public static void Restore(string path, GroupedOptimizer optimizer, WeightAverage? average = null)
    {
        using WeightsFile file = WeightsFile.Open(path);
        optimizer.Load(file);
        average?.Load(file);
    }
}
