using Gradus.Experiments;
using static TorchSharp.torch;

namespace Gradus.Torch.Loading;

/// <summary>Proves before training that every augmentation step does something to real images (ledger, row 15).</summary>
public static class AugmentationCheck
{
    /// <summary>Applies each step by itself to a sample and measures what it changed.</summary>
    /// <param name="augmentation">The experiment's.</param>
    /// <param name="sample">(B, 3, H, W) float32 on 0 to 255, prepared training images.</param>
    /// <param name="seed">The run's.</param>
    /// <returns>For each step the share of values, 0 to 1, that moved by more than half a level.</returns>
    /// <exception cref="GradusException">A step changed nothing.</exception>
    public static IReadOnlyList<(string Step, double Changed)> Verify(Augmentation augmentation, Tensor sample, long seed)
    {
        var shares = new List<(string, double)>();
        foreach (AugmentStep step in augmentation.Steps)
        {
            using var scope = NewDisposeScope();
            string name = Augmentation.Name(step);
            double share = Changed(new BatchAugmenter(new Augmentation([step])).Apply(sample, RandomStream.Create(seed, "augmentation check")), sample);
            if (share == 0)
                throw new GradusException($"augmentation step '{name}' changes no pixel of {sample.shape[0]} training images", found: step.ToString(), remedy: "Give it a range that does something, or take it out", fault: Fault.Request);
            shares.Add((name, share));
        }
        return shares;
    }

    /// <summary>The share of values, 0 to 1, that differ by more than half a level.</summary>
    internal static double Changed(Tensor after, Tensor before) => (after - before).abs().gt(0.5).to(ScalarType.Float32).mean().item<float>();
}
