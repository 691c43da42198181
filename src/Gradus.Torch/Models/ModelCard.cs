using System.Collections.Immutable;
using Gradus.Imaging;

namespace Gradus.Torch.Models;

/// <summary>What a person should know about a network before choosing it.</summary>
/// <param name="Name">Its name in experiments and in the metadata of weights.</param>
/// <param name="InputSize">Pixels a side that the published weights were trained at.</param>
/// <param name="Normalisation">What the published weights expect; weights that state another in their metadata win.</param>
/// <param name="ParameterCount">Learned numbers with the published head of 1000 classes; buffers are not counted.</param>
/// <param name="MultiplyAdds">Multiplications with an addition of all convolutions and linear layers, for one image of <see cref="InputSize"/>, 1000 classes.</param>
/// <param name="Weights">Where published weights come from, the nearest to our names first.</param>
/// <param name="Paper">Authors, year, title, and its number on arXiv.</param>
public sealed record ModelCard(string Name, int InputSize, Normalisation Normalisation, long ParameterCount, long MultiplyAdds, ImmutableArray<WeightSource> Weights, string Paper);

/// <summary>A place that publishes weights for a network.</summary>
/// <param name="Name">Project and name of the weights: <c>torchvision IMAGENET1K_V1</c>.</param>
/// <param name="Licence">The licence of those weights, an SPDX identifier.</param>
/// <param name="File">The published file's name, which carries the first digits of its SHA-256 where the publisher does so; null where it has none.</param>
public sealed record WeightSource(string Name, string Licence, string? File = null);
