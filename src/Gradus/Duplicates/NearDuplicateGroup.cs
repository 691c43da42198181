using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Duplicates;

/// <summary>Images of which each is a near duplicate of one among them.</summary>
/// <param name="Representative">That one: the image with the most near duplicates.</param>
/// <param name="Images">Two or more, the representative among them, in order of their keys.</param>
public sealed record NearDuplicateGroup(ImageKey Representative, ImmutableArray<ImageKey> Images);
