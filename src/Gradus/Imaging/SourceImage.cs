using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>An image whose header has been read and found good, to be decoded at one or several fractions of its size.</summary>
internal abstract class SourceImage(ImageLocation location, int width, int height)
{
    /// <summary>Fewer pixels a side say nothing.</summary>
    public const int SmallestSide = 8;

    /// <summary>2^28, a fundus camera's output ten times over; more is a mistake or an attack on memory.</summary>
    public const long MostPixels = 1L << 28;

    /// <summary>Where it came from, for messages.</summary>
    protected string Where { get; } = location.ToString()!;

    /// <summary>Pixels across at full size, upright.</summary>
    public int Width { get; } = width;

    /// <summary>Pixels down at full size, upright.</summary>
    public int Height { get; } = height;

    /// <summary>
    /// What a person may want to know of a file that can be used, as a clause; null where there is nothing.
    /// </summary>
    public virtual string? Remark => null;

    /// <summary>Reads the header.</summary>
    /// <exception cref="GradusException">Not an image, too small, or too large.</exception>
    public static SourceImage Open(SourceBytes bytes)
    {
        SourceImage image = !bytes.SlotShape.IsEmpty ? new ArrayImage(bytes)
            : BmpImage.Recognises(bytes.Span) ? BmpImage.OpenHeader(bytes)
            : PnmImage.Recognises(bytes.Span) ? PnmImage.OpenHeader(bytes)
            : VipsImage.OpenHeader(bytes);
        if ((long)image.Width * image.Height > MostPixels)
            throw image.Unusable($"{image.Width} x {image.Height} pixels, more than the limit of {MostPixels / 1_000_000} megapixels");
        return Math.Min(image.Width, image.Height) >= SmallestSide ? image : throw image.Unusable($"too small ({image.Width} x {image.Height})");
    }

    /// <summary>Decodes to upright RGB at 1 / <paramref name="shrink"/> of the size: every pixel the mean of a square of pixels.</summary>
    /// <param name="shrink">1, 2, 4 or 8. Formats that gain nothing from it may be decoded larger.</param>
    /// <exception cref="GradusException">The image is truncated or damaged.</exception>
    public abstract DecodedImage Decode(int shrink);

    /// <summary>An error of this image.</summary>
    protected GradusException Unusable(string problem, Exception? inner = null) => new(problem, Where, inner: inner);
}
