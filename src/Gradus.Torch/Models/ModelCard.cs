using Gradus.Imaging;

namespace Gradus.Torch.Models;

/// <summary>What a person should know about a network before choosing it.</summary>
/// <param name="Name">Its name in experiments and in the metadata of weights.</param>
/// <param name="InputSize">Pixels a side that the published weights were trained at.</param>
/// <param name="Normalisation">What the published weights expect; weights that state another in their metadata win.</param>
/// <param name="ParameterCount">Learned numbers with the published head of 1000 classes; buffers are not counted.</param>
/// <param name="WeightsSource">Where published weights under these names come from.</param>
/// <param name="Licence">The licence of those weights, an SPDX identifier.</param>
/// <param name="Paper">Authors, year, title, and its number on arXiv.</param>
public sealed record ModelCard(string Name, int InputSize, Normalisation Normalisation, long ParameterCount, string WeightsSource, string Licence, string Paper);
