using Gradus.Datasets;

namespace Gradus.Duplicates;

/// <summary>Two images that show the same picture with different bytes.</summary>
/// <param name="A">The one whose key comes first.</param>
/// <param name="B">The other.</param>
/// <param name="HashDistance">Differing bits of the hashes, 0 to the radius.</param>
/// <param name="Similarity">Normalised cross-correlation, from the threshold to 1.</param>
/// <param name="Orientation">What makes <paramref name="A"/> look like <paramref name="B"/>.</param>
public sealed record NearDuplicatePair(ImageKey A, ImageKey B, int HashDistance, double Similarity, Orientation Orientation);
