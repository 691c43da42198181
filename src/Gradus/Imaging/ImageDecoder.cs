using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>The one way from an image's bytes to pixels, for training and prediction alike.</summary>
public static class ImageDecoder
{
    /// <summary>Hashes and checks an image. Never throws for a bad one.</summary>
    public static ImageProbe Probe(ImageLocation location) => throw new NotImplementedException();

    /// <summary>Reads, decodes and prepares an image.</summary>
    /// <exception cref="GradusException">The image cannot be used.</exception>
    public static PreparedImage Prepare(Recipe recipe, ImageLocation location) => throw new NotImplementedException();

    /// <summary>Decodes an image at its full size.</summary>
    /// <exception cref="GradusException">The image cannot be used.</exception>
    public static RgbImage Decode(ImageLocation location) => throw new NotImplementedException();
}
