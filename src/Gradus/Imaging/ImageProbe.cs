using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>What is known of an image without preparing it.</summary>
/// <param name="Hash">SHA-256 of its bytes; null where they could not be read.</param>
/// <param name="Width">Pixels, after the orientation that the file asks for; 0 where unknown.</param>
/// <param name="Height">Pixels, after the orientation that the file asks for; 0 where unknown.</param>
/// <param name="Problem">Why it cannot be used, as a clause: "missing", "truncated: …"; null where it can.</param>
public sealed record ImageProbe(ContentHash? Hash, int Width, int Height, string? Problem);
