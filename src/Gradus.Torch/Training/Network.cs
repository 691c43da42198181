using Gradus.Experiments;
using Gradus.Imaging;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>The network of an experiment with its starting weights, and the normalisation that goes with them.</summary>
/// <param name="Model">Backbone and head on the device, channels-last.</param>
/// <param name="Normalisation">The experiment's, else what the weights state, else what weights of the architecture expect.</param>
/// <param name="Origin">Where the weights came from, in a sentence.</param>
public sealed record Network(GradedClassifier Model, Normalisation Normalisation, string Origin) : IDisposable
{
    /// <summary>Builds the network and loads the weights that the experiment names.</summary>
    /// <param name="experiment">Its model, target and scale.</param>
    /// <param name="device">Where it will work.</param>
    /// <param name="weightsAre">What the file is: Backbone for published weights, Parent for a checkpoint that is continued.</param>
    /// <exception cref="GradusException">The weights do not fit, or say that they must not be trained as the experiment asks.</exception>
    public static Network Build(Experiment experiment, Device device, LoadScope weightsAre = LoadScope.Backbone)
    {
        ModelSpec spec = experiment.Model;
        long seed = RandomStream.Derive(experiment.Train.Seed, "weights");
        if (spec.Weights is null)
            return Place(Sized(GradedClassifier.Create(spec, PaddingStyle.Symmetric, experiment.Target, experiment.Scale, seed), experiment.Recipe.Size), experiment.Normalise ?? Normalisation.ImageNet, "random weights", device);

        using WeightsFile file = WeightsFile.Open(spec.Weights, spec.WeightsKey);
        WeightFacts facts = WeightFacts.From(file);
        if (facts.FoldedBatchNorm && experiment.Train.BatchNorm == BatchNormMode.Train && experiment.Train.FreezeBackboneEpochs < experiment.Train.Epochs)
            throw new GradusException("its batch norms were folded into the convolutions, so they hold no statistics to train on", spec.Weights, remedy: "Write train: { batch_norm: frozen }", fault: Fault.Request);
        PaddingStyle padding = facts.Padding == PaddingStyle.TfSame && Zoo.HasTfPadding(spec.Backbone) ? PaddingStyle.TfSame : PaddingStyle.Symmetric;
        GradedClassifier model = Sized(GradedClassifier.Create(spec, padding, experiment.Target, experiment.Scale, seed), experiment.Recipe.Size);
        LoadReport report = model.Load(file, weightsAre);
        return Place(model, experiment.Normalise ?? facts.Normalisation ?? Zoo.Card(spec.Backbone).Normalisation, Describe(file, report), device);
    }

    /// <summary>Builds the network as a checkpoint of the same run left it; the file that the run started from is not needed any more.</summary>
    /// <exception cref="GradusException">The checkpoint is not the experiment's.</exception>
    public static Network Resume(Experiment experiment, string checkpoint, Device device)
    {
        using WeightsFile file = WeightsFile.Open(checkpoint);
        WeightFacts facts = WeightFacts.From(file);
        GradedClassifier model = GradedClassifier.Create(experiment.Model, facts.Padding ?? PaddingStyle.Symmetric, experiment.Target, experiment.Scale, seed: 0);
        model.Load(file, LoadScope.All);
        return Place(model, facts.Normalisation ?? Normalisation.ImageNet, $"the run's own {Path.GetFileName(checkpoint)}", device);
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    /// <summary>A network halves its image five times and some pool without padding: small ones are tried.</summary>
    private static GradedClassifier Sized(GradedClassifier model, int size)
    {
        const int AlwaysEnough = 64;
        if (size >= AlwaysEnough || Takes(size))
            return model;
        int least = Enumerable.Range(size + 1, AlwaysEnough - size).First(Takes);
        model.Dispose();
        throw new GradusException($"{model.Backbone.Architecture} needs images of at least {least} pixels", found: $"resize: size {size}", remedy: $"Write resize: {{ size: {least} }} or more", fault: Fault.Request);

        bool Takes(int pixels)
        {
            using var scope = NewDisposeScope();
            using IDisposable inference = inference_mode();
            model.SetTraining(false, BatchNormMode.Frozen);
            try
            {
                _ = model.call(zeros(1, 3, pixels, pixels));
                return true;
            }
            catch (System.Runtime.InteropServices.ExternalException)
            {
                return false;
            }
        }
    }

    private static string Describe(WeightsFile file, LoadReport report) => string.Join("; ", new[]
    {
        $"{file.Path}{(file.Key is { } key ? $", under '{WeightsEntry.Shown(key)}'" : "")}, with the names of {report.Convention}",
        report.SkippedClassifier is { } skipped ? $"its classifier {skipped} was left out" : null,
        report.Unexpected.Length > 0 ? $"left out of the file: {Names(report.Unexpected)}" : null,
        report.WrongShape.Length > 0 ? $"left out for their shape: {Names(report.WrongShape)}" : null,
        file.OtherKeys.Length > 0 ? $"also in the file: {Names(file.OtherKeys)} (model: weights_key chooses)" : null,
        file.PassedOver.Length > 0 ? $"passed over without being run: {Names(file.PassedOver)}" : null,
        report.AdaptedInput,
    }.OfType<string>());

    private static string Names(IReadOnlyList<string> names)
    {
        const int Shown = 12;
        string more = names.Count > Shown ? $" and {names.Count - Shown} more" : "";
        return string.Join(", ", names.Take(Shown).Select(WeightsEntry.Shown)) + more;
    }

    private static Network Place(GradedClassifier model, Normalisation normalisation, string origin, Device device)
    {
        model.to(device);
        model.ToChannelsLast();
        return new Network(model, normalisation, origin);
    }
}
