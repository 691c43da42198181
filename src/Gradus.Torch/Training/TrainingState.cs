using System.Globalization;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>
/// What a resumed run needs beside the last epoch's checkpoint: which epoch that was, and the optimiser's momenta. Written after
/// the checkpoint and the metrics of its epoch, so it never speaks of files that are not there.
/// </summary>
/// <param name="Epoch">Epochs finished.</param>
/// <param name="Data">Fingerprint of the images, grades and split that the run trains on.</param>
/// <param name="Optimizer">The optimiser's own serialisation.</param>
public sealed record TrainingState(int Epoch, string Data, byte[] Optimizer)
{
    private const string Key = "optimizer";

    /// <summary>Writes the state atomically.</summary>
    public void Save(string path)
    {
        using Tensor bytes = tensor(Optimizer);
        SafetensorsFile.Write(path, [(Key, bytes)], new Dictionary<string, string>
        {
            ["epoch"] = Epoch.ToString(CultureInfo.InvariantCulture),
            ["data"] = Data,
        });
    }

    /// <summary>Reads a state, or null where no epoch has been finished.</summary>
    /// <exception cref="GradusException">The file is not a state.</exception>
    public static TrainingState? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue("epoch", out string? epoch) || !file.Metadata.TryGetValue("data", out string? data) || !int.TryParse(epoch, CultureInfo.InvariantCulture, out int number))
            throw new GradusException("is not the state of a run", path, remedy: "Train again");
        using Tensor bytes = file.Load(Key);
        return new TrainingState(number, data, bytes.bytes.ToArray());
    }
}
