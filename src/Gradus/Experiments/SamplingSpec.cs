using System.Collections.Immutable;

namespace Gradus.Experiments;

/// <summary>How training images are drawn, after the split and from the training fold only.</summary>
/// <param name="ClassWeights">(K) An image is drawn with a chance in proportion to its grade's weight, with replacement; null draws every image once.</param>
public sealed record SamplingSpec(ImmutableArray<double>? ClassWeights = null);
