using TorchSharp;

namespace Gradus.Torch.Models;

/// <summary>A network of the zoo: its card and how it is built.</summary>
/// <param name="Card">What a person should know.</param>
/// <param name="Build">Makes it with random weights.</param>
/// <param name="HasTfPadding">It exists with TensorFlow's padding too.</param>
/// <param name="HasStemPool">It begins with a max-pool that can be left out.</param>
internal sealed record Architecture(ModelCard Card, Func<BackboneOptions, Backbone> Build, bool HasTfPadding = false, bool HasStemPool = false);

/// <summary>What may differ between two backbones of one architecture.</summary>
/// <param name="Generator">Draws the random weights.</param>
/// <param name="Padding">Where strided convolutions put their zeros.</param>
/// <param name="Channels">C of the input image, from 1; published weights have 3.</param>
/// <param name="StemPool">False leaves out the max-pool after the first convolution, so that maps are twice as large.</param>
public sealed record BackboneOptions(torch.Generator Generator, PaddingStyle Padding = PaddingStyle.Symmetric, int Channels = 3, bool StemPool = true);
