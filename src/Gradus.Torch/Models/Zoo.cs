using System.Collections.Immutable;
using Gradus.Experiments;
using TorchSharp;

namespace Gradus.Torch.Models;

/// <summary>The backbones that Gradus has.</summary>
public static class Zoo
{
    private static readonly ImmutableArray<Architecture> All =
    [
        .. DenseNet.Family,
        .. EfficientNet.Family,
        .. MobileNetV2.Family,
        .. NasNetMobile.Family,
        .. ResNet.Family,
        .. SeNet.Family,
    ];

    /// <summary>All names, by family and size.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(a => a.Card.Name)];

    /// <summary>All cards, by family and size.</summary>
    public static ImmutableArray<ModelCard> Cards { get; } = [.. All.Select(a => a.Card)];

    /// <summary>What is known about a network.</summary>
    /// <exception cref="GradusException">The name is unknown (fault: request).</exception>
    public static ModelCard Card(string name) => Find(name).Card;

    /// <summary>Builds a network with random weights fixed by <paramref name="seed"/>, on the CPU, float32, in training mode.</summary>
    /// <exception cref="GradusException">The name is unknown, or the network does not exist in that variant (fault: request).</exception>
    public static Backbone Create(string name, PaddingStyle padding, long seed) => Create(new ModelSpec { Backbone = name }, padding, seed);

    /// <summary>Builds the backbone of <paramref name="spec"/> with random weights fixed by <paramref name="seed"/>, on the CPU, float32, in training mode.</summary>
    /// <exception cref="GradusException">The name is unknown, or the network does not exist in that variant (fault: request).</exception>
    public static Backbone Create(ModelSpec spec, PaddingStyle padding, long seed)
    {
        Architecture architecture = Find(spec.Backbone);
        if (padding != PaddingStyle.Symmetric && !architecture.HasTfPadding)
            throw new GradusException($"{spec.Backbone} pads symmetrically and has no TensorFlow padding", found: "padding tf_same", remedy: "Use weights that were trained with symmetric padding", fault: Fault.Request);
        if (!spec.StemPool && !architecture.HasStemPool)
            throw new GradusException($"{spec.Backbone} has no max-pool at its beginning to leave out", found: "stem_pool: false", remedy: "Remove the key", fault: Fault.Request);
        using var generator = new torch.Generator((ulong)RandomStream.Derive(seed, "backbone weights"));
        return architecture.Build(new BackboneOptions(generator, padding, spec.Channels, spec.StemPool));
    }

    /// <summary>True where the network also exists with TensorFlow's padding.</summary>
    /// <exception cref="GradusException">The name is unknown (fault: request).</exception>
    public static bool HasTfPadding(string name) => Find(name).HasTfPadding;

    private static Architecture Find(string name) => All.FirstOrDefault(a => a.Card.Name == name)
        ?? throw new GradusException($"there is no backbone '{name}'", remedy: NearestWord.Remedy(name, Names, $"There are {string.Join(", ", Names)}"), fault: Fault.Request);
}
