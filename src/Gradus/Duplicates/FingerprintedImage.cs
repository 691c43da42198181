using Gradus.Datasets;

namespace Gradus.Duplicates;

/// <summary>An image that is ready to be compared.</summary>
/// <param name="Key">Which.</param>
/// <param name="Fingerprint">What is compared.</param>
/// <param name="Hash">SHA-256 of its bytes; null where unknown, and then it counts as an image of its own.</param>
public sealed record FingerprintedImage(ImageKey Key, Fingerprint Fingerprint, ContentHash? Hash);
