using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>What is known of an image without preparing it.</summary>
/// <param name="Hash">SHA-256 of its bytes; null where they could not be read.</param>
/// <param name="Width">Pixels, after the orientation that the file asks for; 0 where unknown.</param>
/// <param name="Height">Pixels, after the orientation that the file asks for; 0 where unknown.</param>
/// <param name="Problem">Why it cannot be used, as a clause: "missing", "truncated: …"; null where it can.</param>
public sealed record ImageProbe(ContentHash? Hash, int Width, int Height, string? Problem)
{
    /// <summary>
    /// What a person may want to know of an image that can be used, as a clause: "page 2 of 2 is larger …"; mostly
    /// null.
    /// </summary>
    public string? Remark { get; init; }
}
