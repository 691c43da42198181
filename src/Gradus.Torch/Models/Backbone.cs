using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gradus.Torch.Models;

/// <summary>
/// A network without its head: float images (B, 3, H, W), normalised, to a feature map (B, C, H / 32, W / 32). Its state dict
/// has the published names.
/// </summary>
public abstract class Backbone : Module<Tensor, Tensor>
{
    private protected Backbone(string architecture, PaddingStyle padding)
        : base(architecture)
    {
        Architecture = architecture;
        Padding = padding;
    }

    /// <summary>The name in the zoo and in the metadata of weights: <c>resnet18</c>.</summary>
    public string Architecture { get; }

    /// <summary>Where strided convolutions put their zeros.</summary>
    public PaddingStyle Padding { get; }

    /// <summary>C of the feature map.</summary>
    public abstract int FeatureChannels { get; }

    /// <summary>The published name of the classifier's linear layer, a prefix without its dot: <c>fc</c>, <c>classifier.1</c>.</summary>
    public abstract string ClassifierName { get; }
}
