using Gradus.Imaging;

namespace Gradus.Duplicates;

/// <summary>Tells an image's content from the dark ground around it, relative to its own brightness: a copy made brighter has the same.</summary>
internal static class ContentRegion
{
    // Darker than this is the ground in any photograph, whatever the compression added to it.
    private const int DarkestLit = 12;

    // A disc's vignetted rim is brighter than this share of its bright parts; its blurred edge is not.
    private const double Share = 0.2;

    // The brightest parts are reflections and the optic disc, which differ from picture to picture.
    private const double Bright = 0.85;

    /// <summary>The level that a pixel's brightest channel exceeds where it is content.</summary>
    /// <param name="pixels">(H, W, 3).</param>
    public static int Threshold(ReadOnlySpan<byte> pixels)
    {
        Span<int> histogram = stackalloc int[256];
        histogram.Clear();
        for (int i = 0; i + 2 < pixels.Length; i += 3)
            histogram[Level(pixels, i)]++;
        int lit = 0;
        for (int level = DarkestLit; level < histogram.Length; level++)
            lit += histogram[level];
        int bright = DarkestLit;
        for (double below = Bright * lit; bright < 255 && (below -= histogram[bright]) > 0;)
            bright++;
        return Math.Max(DarkestLit, (int)(Share * bright));
    }

    /// <summary>The bounding box of the content; the whole image where there is none.</summary>
    public static Region Find(DecodedImage image) =>
        RetinaBox.Find(image.Pixels, image.Width, image.Height, Threshold(image.Pixels))?.Intersect(image.Extent) ?? image.Extent;

    /// <summary>The brightest channel of the pixel at <paramref name="at"/>.</summary>
    public static byte Level(ReadOnlySpan<byte> pixels, int at) => Math.Max(pixels[at], Math.Max(pixels[at + 1], pixels[at + 2]));
}
