using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Explanations;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using Gradus.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Explanation;

/// <summary>How far the network's weights are disordered, from the answer down.</summary>
public enum Disorder
{
    /// <summary>The head.</summary>
    Head,

    /// <summary>The head and the last third of the backbone's tensors.</summary>
    LastThird,

    /// <summary>Every weight.</summary>
    Whole,
}

/// <summary>What became of the maps when weights were disordered.</summary>
/// <param name="Images">Whose maps were compared.</param>
/// <param name="Correlations">
/// For each stage the mean rank correlation with the true network's map, -1 to 1, and the number of pairs behind it; a pair without a map on one
/// side compares nothing and is left out, and the mean is null where no pair is left.
/// </param>
public sealed record SanityReport(int Images, ImmutableArray<(Disorder Stage, int Pairs, double? Correlation)> Correlations)
{
    /// <summary>A mean correlation below this, with every weight disordered, is no likeness.</summary>
    public const double Limit = 0.5;

    /// <summary>Pairs of maps that a judgement needs.</summary>
    public const int LeastPairs = 5;

    /// <summary>True where the maps of a network that knows nothing are unlike those of the one that learned; null where it gave too few to say.</summary>
    public bool? MapsDependOnTheModel => Correlations.Single(c => c.Stage == Disorder.Whole) is (_, >= LeastPairs, { } correlation) ? correlation < Limit : null;
}

/// <summary>
/// Whether the maps say anything about the network: those of the same network with its weights in disorder must look otherwise (Adebayo et al.
/// 2018, cascading randomisation). Every tensor keeps its numbers and gets them in a random order, so that activations keep their size.
/// </summary>
public static class SanityCheck
{
    // In one disorder the evidence may be negative everywhere, which leaves no map to compare: others are tried.
    private const int Repetitions = 3, MostRepetitions = 12;

    /// <summary>Explains the images with the checkpoint and with its disordered versions, and compares.</summary>
    /// <exception cref="GradusException">None of the images can be read.</exception>
    public static SanityReport Run(Checkpoint checkpoint, IReadOnlyList<(ImageId Id, ImageLocation Location)> images, CamMethod method, CamScalar of, long seed, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        ImmutableArray<ImageExplanation> truth = Explainer.Explain(checkpoint, images, method, of, progress, stop).Images;
        if (truth.IsEmpty)
            throw new GradusException("none of the images can be read, so nothing was checked");
        (ImageId, ImageLocation)[] read = [.. truth.Select(e => (e.Id, e.Location))];
        var correlations = ImmutableArray.CreateBuilder<(Disorder, int, double?)>();
        foreach (Disorder stage in Enum.GetValues<Disorder>())
        {
            var pairs = new List<double>();
            for (int repetition = 0, compared = 0; compared < Repetitions && repetition < MostRepetitions; repetition++)
            {
                using GradedClassifier disordered = Disordered(checkpoint, stage, RandomStream.Derive(seed, "disorder", repetition));
                // Norms that know the activations of the weights in order would let hardly anything through.
                BatchNormEstimate.Run(disordered, Experiments.BatchNormMode.Train, isBackboneFrozen: stage == Disorder.Head, Explainer.Inputs(checkpoint, read, stop));
                ImmutableArray<ImageExplanation> maps = Explainer.Explain(checkpoint, read, method, of, progress, stop, disordered).Images;
                double[] found = [.. truth.Zip(maps).Where(p => p.First.Map.Peak > 0 && p.Second.Map.Peak > 0).Select(p => p.First.Map.RankCorrelation(p.Second.Map))];
                pairs.AddRange(found);
                compared += found.Length > 0 ? 1 : 0;
            }
            correlations.Add((stage, pairs.Count, pairs.Count > 0 ? pairs.Average() : null));
        }
        return new SanityReport(truth.Length, correlations.ToImmutable());
    }

    /// <summary>A copy of the checkpoint's network, evaluating, with the weights of the stage in random order. The caller disposes it.</summary>
    public static GradedClassifier Disordered(Checkpoint checkpoint, Disorder stage, long seed)
    {
        CheckpointInfo info = checkpoint.Info;
        GradedClassifier copy = GradedClassifier.Create(info.Model, checkpoint.Model.Facts.Padding ?? PaddingStyle.Symmetric, info.Target, info.Scale, seed: 0);
        copy.to(checkpoint.Device);
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach (((string _, Tensor to), (string _, Tensor from)) in copy.NamedTensors().Zip(checkpoint.Model.NamedTensors()))
            to.copy_(from);
        var backbone = copy.BackboneParameters;
        int first = stage switch { Disorder.Head => backbone.Length, Disorder.LastThird => backbone.Length * 2 / 3, _ => 0 };
        int place = 0;
        foreach (Tensor weight in backbone.Skip(first).Concat(copy.HeadParameters).Select(p => (Tensor)p.Parameter))
        {
            using var one = NewDisposeScope();
            long[] order = [.. Enumerable.Range(0, (int)weight.numel()).Select(i => (long)i)];
            RandomStream.Create(seed, "disordered weights", place++).Shuffle(order);
            weight.copy_(weight.reshape(-1)[tensor(order, device: weight.device)].reshape(weight.shape));
        }
        copy.ToChannelsLast();
        copy.SetTraining(false, Experiments.BatchNormMode.Frozen);
        return copy;
    }
}
