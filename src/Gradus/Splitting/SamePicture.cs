using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>
/// Two contents that show the same picture, so that images of either stay on one side of a split. Contents and not images: every copy of
/// either is bound, and the bond holds over an image that was left out.
/// </summary>
/// <param name="A">One content.</param>
/// <param name="B">The other.</param>
public readonly record struct SamePicture(ContentHash A, ContentHash B);
