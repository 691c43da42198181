using System.Globalization;
using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>The network of an experiment with its starting weights, and the normalisation that goes with them.</summary>
/// <param name="Model">Backbone and head on the device, channels-last.</param>
/// <param name="Normalisation">The experiment's, else the weights', else ImageNet's.</param>
/// <param name="Padding">The weights', else symmetric.</param>
/// <param name="Origin">Where the weights came from, in a sentence.</param>
public sealed record Network(GradedClassifier Model, Normalisation Normalisation, PaddingStyle Padding, string Origin) : IDisposable
{
    /// <summary>Builds the network and loads the weights that the experiment names.</summary>
    /// <exception cref="GradusException">The weights do not fit, or say that they must not be trained as the experiment asks.</exception>
    public static Network Build(Experiment experiment, Device device)
    {
        ModelSpec spec = experiment.Model;
        int outputs = experiment.Target.OutputCount(experiment.Scale);
        long seed = RandomStream.Derive(experiment.Train.Seed, "weights");
        if (spec.Weights is null)
            return Placed(GradedClassifier.Create(spec, PaddingStyle.Symmetric, outputs, seed), experiment.Normalise ?? Normalisation.ImageNet, PaddingStyle.Symmetric, "random weights", device);

        using SafetensorsFile file = SafetensorsFile.Open(spec.Weights);
        PaddingStyle padding = Padding(file, spec.Weights);
        if (file.Metadata.TryGetValue("batch_norm", out string? note) && note.StartsWith("folded", StringComparison.OrdinalIgnoreCase) && experiment.Train.BatchNorm == BatchNormMode.Train)
            throw new GradusException("the batch norms of these weights are folded into the convolutions and must stay as they are", spec.Weights, "train: batch_norm: train", "Write batch_norm: frozen under train", Fault.Request);
        GradedClassifier model = GradedClassifier.Create(spec, padding, outputs, seed);
        LoadReport report = model.Load(file, WeightsScope.Backbone);
        string origin = $"{spec.Weights} ({report.Loaded} tensors; the classifier is new)";
        return Placed(model, experiment.Normalise ?? Statistics(file) ?? Normalisation.ImageNet, padding, origin, device);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static Network Placed(GradedClassifier model, Normalisation normalisation, PaddingStyle padding, string origin, Device device)
    {
        model.to(device);
        model.ToChannelsLast();
        return new Network(model, normalisation, padding, origin);
    }

    private static PaddingStyle Padding(SafetensorsFile file, string path) => file.Metadata.GetValueOrDefault("padding") switch
    {
        null or "symmetric" => PaddingStyle.Symmetric,
        "tf_same" => PaddingStyle.TfSame,
        string other => throw new GradusException("asks for a padding that Gradus does not know", path, other, "Known are symmetric and tf_same"),
    };

    private static Normalisation? Statistics(SafetensorsFile file) =>
        file.Metadata.TryGetValue("mean", out string? mean) && file.Metadata.TryGetValue("std", out string? std)
            ? new Normalisation([.. Numbers(mean)], [.. Numbers(std)])
            : null;

    private static IEnumerable<double> Numbers(string text) => text.Split(',').Select(t => double.Parse(t, CultureInfo.InvariantCulture));
}
