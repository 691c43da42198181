using Gradus.Datasets;
using Gradus.Imaging;

namespace Gradus.Duplicates;

/// <summary>
/// What is compared of an image when near duplicates are looked for: 64 bits to search by, and a pattern of 48 x 48 levels to
/// verify by. Neither knows brightness, contrast, colour, size, margins or the round outline of a retina. About 2.5 KB.
/// </summary>
public sealed class Fingerprint
{
    private readonly Pattern _pattern;

    private Fingerprint(Pattern pattern)
    {
        _pattern = pattern;
        Hash = PerceptualHash.Of(pattern);
    }

    /// <summary>Signs of 8 x 8 frequencies of the pattern; see <see cref="HashDistance"/>.</summary>
    public ulong Hash { get; }

    /// <summary>Fewer pixels a side than this have too little structure to be compared; such images are blank.</summary>
    public const int SmallestSide = PatternFilter.SmallestSide;

    /// <summary>Whether the image is flat or tiny, so that there is nothing to compare: such an image is a near duplicate of none.</summary>
    public bool IsBlank => _pattern.Energy == 0;

    /// <summary>Reads an image, decoded no larger than the fingerprint needs.</summary>
    /// <exception cref="GradusException">The image cannot be used; its problem is what <see cref="ImageDecoder.Probe"/> would report.</exception>
    public static Fingerprint Of(ImageLocation location)
    {
        using SourceBytes bytes = SourceBytes.Read(location);
        return Of(SourceImage.Open(bytes));
    }

    /// <summary>The fingerprint of an image in memory. The same pixels always give the same fingerprint.</summary>
    public static Fingerprint Of(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var decoded = new DecodedImage(image.Width, image.Height, image.Pixels);
        return new Fingerprint(PatternFilter.Run(decoded, ContentRegion.Find(decoded)));
    }

    internal static Fingerprint Of(SourceImage source) => new(PatternFilter.Run(source));

    internal static Fingerprint Of(Pattern pattern) => new(pattern);

    /// <summary>The number of differing bits (0 to 64) once this image is turned by <paramref name="orientation"/>; exact, nothing is decoded again.</summary>
    public int HashDistance(Fingerprint other, Orientation orientation = Orientation.Upright) =>
        System.Numerics.BitOperations.PopCount(PerceptualHash.Turned(Hash, orientation) ^ other.Hash);

    /// <summary>
    /// The normalised cross-correlation of the patterns once this image is turned by <paramref name="orientation"/>: the largest
    /// over moves of one pattern by up to a pixel each way. 1 for the same picture, about 0 for unrelated ones, up to 0.86 between
    /// different eyes in the data it was tuned on; 0 where an image is blank.
    /// </summary>
    public double Similarity(Fingerprint other, Orientation orientation = Orientation.Upright) => _pattern.Turned(orientation).Similarity(other._pattern);

    internal Pattern Turned(Orientation orientation) => _pattern.Turned(orientation);
}
