using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>Small versions of images for people to look at; no network sees them.</summary>
public static class Thumbnail
{
    /// <summary>An image fitted into a square, its proportions kept; one that fits already stays as it is.</summary>
    /// <param name="location">The image.</param>
    /// <param name="side">Pixels of the square.</param>
    /// <exception cref="GradusException">The image cannot be used.</exception>
    public static RgbImage Of(ImageLocation location, int side)
    {
        using SourceBytes bytes = SourceBytes.Read(location);
        SourceImage source = SourceImage.Open(bytes);
        int longer = Math.Max(source.Width, source.Height), shrink = 8;
        while (shrink > 1 && longer / shrink < side)
            shrink /= 2;
        using DecodedImage decoded = source.Decode(shrink);
        double scale = Math.Min(1, (double)side / longer);
        int width = Math.Max(1, (int)Math.Round(source.Width * scale)), height = Math.Max(1, (int)Math.Round(source.Height * scale));
        byte[] pixels = new byte[width * height * 3];
        Resampling.Resize(decoded.Pixels, decoded.Width, decoded.Height, decoded.Extent, width, height, pixels, width * 3);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>The same for an image that is at hand.</summary>
    public static RgbImage Of(RgbImage image, int side)
    {
        double scale = (double)side / Math.Max(image.Width, image.Height);
        if (scale >= 1)
            return image;
        int width = Math.Max(1, (int)Math.Round(image.Width * scale)), height = Math.Max(1, (int)Math.Round(image.Height * scale));
        byte[] pixels = new byte[width * height * 3];
        Resampling.Resize(image.Pixels, image.Width, image.Height, new Region(0, 0, image.Width, image.Height), width, height, pixels, width * 3);
        return new RgbImage(width, height, pixels);
    }
}
