using System.Collections.Immutable;
using System.Text.Json;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// One file that answers alone: weights under the published names, and a <see cref="CheckpointInfo"/> with the preparation, the
/// normalisation, the grades and their decoding. Predictions take all of these from here and from nowhere else.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private const string InfoKey = "gradus";

    private Checkpoint(string path, CheckpointInfo info, GradedClassifier model, Device device) => (Path, Info, Model, Device) = (path, info, model, device);

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>Everything but the weights.</summary>
    public CheckpointInfo Info { get; }

    /// <summary>Where the network works.</summary>
    public Device Device { get; }

    /// <summary>The network with the weights, in evaluation mode.</summary>
    public GradedClassifier Model { get; }

    /// <summary>Writes a checkpoint atomically; the same network and description give the same bytes.</summary>
    public static void Save(string path, GradedClassifier model, CheckpointInfo info)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "pt", // what Python's safetensors calls tensors in row-major order
            ["architecture"] = info.Model.Backbone,
            ["padding"] = info.Padding,
            ["mean"] = string.Join(',', info.Normalisation.Mean),
            ["std"] = string.Join(',', info.Normalisation.Std),
            [InfoKey] = JsonSerializer.Serialize(info, GradusJson.Compact),
        };
        SafetensorsFile.Write(path, [.. model.NamedTensors()], metadata);
    }

    /// <summary>Reads only the description.</summary>
    /// <exception cref="GradusException">Not a checkpoint of Gradus.</exception>
    public static CheckpointInfo ReadInfo(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return ReadInfo(file, path);
    }

    /// <summary>Reads description and weights and builds the network.</summary>
    /// <exception cref="GradusException">Not a checkpoint of Gradus, or its tensors do not fit its description.</exception>
    public static Checkpoint Load(string path, Device device)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        CheckpointInfo info = ReadInfo(file, path);
        GradedClassifier model = GradedClassifier.Create(info.Model, Enum.Parse<PaddingStyle>(info.Padding, ignoreCase: true), info.Target.OutputCount(info.Scale), seed: 0);
        model.Load(file, WeightsScope.Everything);
        model.to(device);
        model.ToChannelsLast();
        model.SetTraining(false, Experiments.BatchNormMode.Frozen);
        return new Checkpoint(path, info, model, device);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static CheckpointInfo ReadInfo(SafetensorsFile file, string path) => file.Metadata.TryGetValue(InfoKey, out string? json)
        ? CheckpointInfo.Parse(json, path)
        : throw new GradusException("is not a checkpoint of Gradus", path, "a safetensors file without a description", "Give a file from a run's checkpoints folder; other weights belong into the experiment's model: weights", Fault.Request);
}
