using Gradus.Datasets;

namespace Gradus.Audit;

/// <summary>An image that cannot be used.</summary>
/// <param name="Image">Which.</param>
/// <param name="Problem">Why, as a clause: "missing", "truncated: …", "too small (1 x 1)".</param>
public sealed record UnreadableImage(ImageKey Image, string Problem);
