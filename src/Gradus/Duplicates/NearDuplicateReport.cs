using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Duplicates;

/// <summary>The near duplicates among images. It depends on the images and the options, not on the order in which they were given.</summary>
public sealed record NearDuplicateReport
{
    /// <summary>What counted as a near duplicate.</summary>
    public required NearDuplicateOptions Options { get; init; }

    /// <summary>Number of images that were compared.</summary>
    public required int Images { get; init; }

    /// <summary>
    /// Every pair of near duplicates, in order of keys. Images whose content hashes are equal count as one here, the first by key: they are
    /// exact duplicates, and their pairs would say the same.
    /// </summary>
    public required ImmutableArray<NearDuplicatePair> Pairs { get; init; }

    /// <summary>The groups that the pairs form, in order of their first keys, exact duplicates of a member included. No image is in two.</summary>
    public required ImmutableArray<NearDuplicateGroup> Groups { get; init; }

    /// <summary>Images without any structure, which were compared with none.</summary>
    public required ImmutableArray<ImageKey> Blank { get; init; }

    /// <summary>Images that could not be read.</summary>
    public required ImmutableArray<UnreadableImage> Unreadable { get; init; }
}
