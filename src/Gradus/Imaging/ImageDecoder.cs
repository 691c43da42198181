using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>
/// The one way from an image's bytes to pixels, for training and prediction alike. JPEG, PNG, TIFF, BMP, WebP, GIF,
/// AVIF and Netpbm, grey,
/// colour or CMYK, 8 or 16 bit, with or without alpha, and slots of arrays all become upright 8-bit sRGB, transparency
/// on black. Numbers of
/// other kinds are read by the range that the file states, and refused where it states none (<see
/// cref="PixelLevels"/>).
/// </summary>
public static class ImageDecoder
{
    // Enough to meet every byte of a damaged file at the least cost.
    private const int Coarsest = 8;

    /// <summary>Hashes an image and checks that all of it can be decoded. Never throws for a bad image: that is what it reports.</summary>
    public static ImageProbe Probe(ImageLocation location) => Inspect(location, static (_, image) => image.Decode(Coarsest).Dispose());

    /// <summary>As <see cref="Probe"/>, for a caller that has a use for the pixels.</summary>
    /// <param name="location">The image.</param>
    /// <param name="decode">Decodes it at least once, at whatever size: that is the check. Takes the hash of its bytes as well.</param>
    internal static ImageProbe Inspect(ImageLocation location, Action<ContentHash, SourceImage> decode)
    {
        ContentHash? hash = null;
        (int width, int height) = (0, 0);
        try
        {
            using SourceBytes bytes = SourceBytes.Read(location);
            ContentHash known = bytes.Hash;
            hash = known;
            SourceImage image = SourceImage.Open(bytes);
            (width, height) = (image.Width, image.Height);
            decode(known, image);
            return new ImageProbe(hash, width, height, null) { Remark = image.Remark };
        }
        catch (GradusException e)
        {
            return new ImageProbe(hash, width, height, e.Problem);
        }
    }

    /// <summary>Reads, decodes and prepares an image: the only path by which pixels come to a network.</summary>
    /// <exception cref="GradusException">The image cannot be used; its problem is what <see cref="Probe"/> would report.</exception>
    public static PreparedImage Prepare(Recipe recipe, ImageLocation location)
    {
        using SourceBytes bytes = SourceBytes.Read(location);
        return Prepare(recipe, bytes);
    }

    /// <summary>Prepares an image as <see cref="Prepare(Recipe, ImageLocation)"/> does, and keeps what each step made of it.</summary>
    /// <exception cref="GradusException">The image cannot be used.</exception>
    internal static ImmutableArray<TracedStep> Trace(Recipe recipe, ImageLocation location, int side)
    {
        using SourceBytes bytes = SourceBytes.Read(location);
        var trace = new RecipeTrace(side);
        RecipeRunner.Run(recipe, SourceImage.Open(bytes), [], trace);
        return [.. trace.Steps];
    }

    /// <summary>Decodes an image at its full size.</summary>
    /// <exception cref="GradusException">The image cannot be used; its problem is what <see cref="Probe"/> would report.</exception>
    public static RgbImage Decode(ImageLocation location)
    {
        using SourceBytes bytes = SourceBytes.Read(location);
        using DecodedImage decoded = SourceImage.Open(bytes).Decode(1);
        return new RgbImage(decoded.Width, decoded.Height, decoded.Pixels.ToArray());
    }

    internal static PreparedImage Prepare(Recipe recipe, SourceBytes bytes)
    {
        var notes = new List<string>();
        SourceImage source = SourceImage.Open(bytes);
        (RgbImage image, RecipeGeometry geometry) = RecipeRunner.Run(recipe, source, notes);
        if (source.Remark is { } remark)
            notes.Add(remark);
        return new PreparedImage(image, bytes.Hash, [.. notes], geometry);
    }
}
