using System.Text.Json;
using Gradus.Experiments;
using Gradus.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints;

/// <summary>
/// One file that answers alone: weights under the published names, and a <see cref="CheckpointInfo"/> with the preparation, the
/// normalisation, the grades and their decoding. Predictions take all of these from here and from nowhere else.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private const string InfoKey = "gradus";
    private const string DigestKey = "sha256";

    private Checkpoint(CheckpointInfo info, GradedClassifier model, Device device) => (Info, Model, Device) = (info, model, device);

    /// <summary>Everything but the weights.</summary>
    public CheckpointInfo Info { get; }

    /// <summary>The network with the weights, in evaluation mode.</summary>
    public GradedClassifier Model { get; }

    /// <summary>Where the network works.</summary>
    public Device Device { get; }

    /// <summary>Writes a checkpoint atomically; the same network and description give the same bytes.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Save(string path, GradedClassifier model, CheckpointInfo info)
    {
        WeightFacts facts = model.Facts with { Normalisation = info.Normalisation };
        SafetensorsFile.Write(path, model.NamedTensors(), new SortedDictionary<string, string>(facts.ToMetadata().ToDictionary(), StringComparer.Ordinal)
        {
            ["format"] = "pt", // Python's safetensors asks for the framework whose row-major order the tensors have
            [DigestKey] = SafetensorsFile.Digest(model.NamedTensors()),
            [InfoKey] = JsonSerializer.Serialize(info, GradusJson.Compact),
        });
    }

    /// <summary>Reads description and weights and builds the network.</summary>
    /// <exception cref="GradusException">Not a checkpoint of Gradus, or its tensors do not fit its description.</exception>
    public static Checkpoint Load(string path, Device device)
    {
        using WeightsFile file = WeightsFile.Open(path);
        CheckpointInfo info = ReadInfo(file, path);
        GradedClassifier model = GradedClassifier.Create(info.Model, WeightFacts.From(file).Padding ?? PaddingStyle.Symmetric, info.Target, info.Scale, seed: 0);
        model.Load(file, LoadScope.All);
        if (file.Metadata.TryGetValue(DigestKey, out string? digest) && digest != SafetensorsFile.Digest(model.NamedTensors()))
            throw new GradusException("is damaged: its weights are not those that were written", path, remedy: "Take another checkpoint of the run, or get the file again");
        model.to(device);
        model.ToChannelsLast();
        model.SetTraining(false, BatchNormMode.Frozen);
        return new Checkpoint(info, model, device);
    }

    /// <summary>Reads the description alone.</summary>
    /// <exception cref="GradusException">Not a checkpoint of Gradus.</exception>
    public static CheckpointInfo ReadInfo(string path)
    {
        using WeightsFile file = WeightsFile.Open(path);
        return ReadInfo(file, path);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static CheckpointInfo ReadInfo(WeightsFile file, string path) => file.Metadata.TryGetValue(InfoKey, out string? json)
        ? CheckpointInfo.Parse(json, path)
        : throw new GradusException("is not a checkpoint of Gradus", path, $"weights without a description ({file.Format})", "Give a file of a run's checkpoints folder; other weights belong into the experiment under model: weights", Fault.Request);
}
