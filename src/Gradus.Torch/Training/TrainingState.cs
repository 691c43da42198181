using System.Globalization;
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
    /// <summary>Writes the state atomically.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public void Save(string path, GroupedOptimizer optimizer, WeightAverage? average = null)
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(path, [.. optimizer.State(), .. average?.State() ?? []], new Dictionary<string, string>
        {
            ["epoch"] = Epoch.ToString(CultureInfo.InvariantCulture),
            ["data"] = Data,
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
            ? new TrainingState(number, data)
            : throw new GradusException("is not the state of a run", path, remedy: "Train again");
    }

    /// <summary>Hands the momenta in the file to an optimiser over the same parameters, and the weights to their network where it is averaged.</summary>
    public static void Restore(string path, GroupedOptimizer optimizer, WeightAverage? average = null)
    {
        using WeightsFile file = WeightsFile.Open(path);
        optimizer.Load(file);
        average?.Load(file);
    }
}
