using Gradus.Datasets;
using Gradus.Duplicates;

namespace Gradus.Audit;

/// <summary>Two images that show the same picture with different bytes, as <see cref="Gradus.Duplicates.NearDuplicates"/> finds them.</summary>
/// <param name="A">The one whose key comes first, hashed, with the grade that its source gives it.</param>
/// <param name="B">The other.</param>
/// <param name="HashDistance">Bits of 64 in which the hashes differ.</param>
/// <param name="Similarity">Normalised cross-correlation, from the threshold of 0.9 to 1.</param>
/// <param name="Orientation">What makes <paramref name="A"/> look like <paramref name="B"/>.</param>
public sealed record NearDuplicate(ImageRecord A, ImageRecord B, int HashDistance, double Similarity, Orientation Orientation)
{
    /// <summary>Whether both have a grade and the grades differ.</summary>
    public bool GradesDiffer => A.Grade is { } a && B.Grade is { } b && a != b;
}
