using Gradus.Imaging;

namespace Gradus.Duplicates;

/// <summary>
/// Makes a <see cref="Pattern"/> of an image: cut to its content, reduced, freed of all that is wider than a twelfth of it, and
/// brought to the same contrast everywhere. What remains of a retina is vessels, lesions and the borders of the optic disc; the disc of light,
/// which is the same in all retinas, and its edge are gone.
/// </summary>
internal static class PatternFilter
{
    private const int Side = Pattern.Side;

    // Decoded to at least this many times the pattern's size, an image loses nothing that the pattern could show.
    private const double Oversampling = 1.3;

    // A rim of this many pixels is left out: the edge of a disc would outweigh everything in it.
    private const int Rim = 3;

    // Content that covers less than this is no disc on a dark ground: bright strokes, say, whose gaps tell as much as they do.
    private const double SmallestContent = 0.25;

    // Below half a grey level of standard deviation there is nothing but noise and compression.
    private const double BlankDeviation = 0.5;

    // How far the contrast of a quiet neighbourhood is raised: as if this share of the whole image's variance were in it.
    private const float SharedVariance = 0.25f;

    private const float LevelOfDeviation = 32;

    /// <summary>
    /// Pixels a side below which an image has no pattern. Blown up to 48 x 48, fewer hold hardly anything finer than a twelfth of the image: of 20,000
    /// unrelated pictures of 8 x 8, thousands looked alike.
    /// </summary>
    public const int SmallestSide = 16;

    private static readonly Smoothing Wide = new(4), Narrow = new(0.7);

    private static ReadOnlySpan<int> Shrinks => [8, 4, 2];

    /// <summary>The pattern of an image, decoded no larger than it needs.</summary>
    /// <exception cref="GradusException">The image is truncated or damaged.</exception>
    public static Pattern Run(SourceImage source)
    {
        if (Math.Min(source.Width, source.Height) < SmallestSide)
        {
            using DecodedImage whole = source.Decode(1); // whether it can be decoded is for the caller to know
            return Pattern.Blank;
        }
        int shrink = LargestShrink(source.Width, source.Height);
        while (true)
        {
            using DecodedImage decoded = source.Decode(shrink);
            Region region = ContentRegion.Find(decoded);
            // A small disc in a large image: decode again, at a size at which the disc alone is large enough.
            int enough = LargestShrink(region.Width * source.Width / decoded.Extent.Width, region.Height * source.Height / decoded.Extent.Height);
            if (enough >= shrink)
                return Run(decoded, region);
            shrink = enough;
        }
    }

    /// <summary>The pattern of the content of a decoded image.</summary>
    public static Pattern Run(DecodedImage image, Region region)
    {
        if (Math.Min(image.Width, image.Height) < SmallestSide)
            return Pattern.Blank;
        byte[] rgb = new byte[Side * Side * 3];
        Resampling.Resize(image.Pixels, image.Width, image.Height, region, Side, Side, rgb, Side * 3);
        return Run(rgb);
    }

    /// <summary>The pattern of (48, 48, 3) pixels.</summary>
    private static Pattern Run(ReadOnlySpan<byte> rgb)
    {
        float[] content = Content(rgb), detail = new float[Side * Side], blurred = new float[Side * Side];
        for (int i = 0; i < detail.Length; i++)
            detail[i] = content[i] * (0.299f * rgb[3 * i] + 0.587f * rgb[3 * i + 1] + 0.114f * rgb[3 * i + 2]);

        // Means over the content only: what lies outside has no weight, so that no edge is left at the border.
        float[] wideWeight = Wide.Apply(content), narrowWeight = Narrow.Apply(content);
        Wide.Apply(detail, blurred);
        for (int i = 0; i < detail.Length; i++)
            detail[i] = content[i] * (detail[i] - blurred[i] / Math.Max(wideWeight[i], 1e-3f));
        Narrow.Apply(detail, blurred);
        for (int i = 0; i < detail.Length; i++)
            detail[i] = content[i] * blurred[i] / Math.Max(narrowWeight[i], 1e-3f);

        double covered = content.Sum(c => (double)c), variance = Squares(detail) / covered;
        if (!(variance > BlankDeviation * BlankDeviation))
            return Pattern.Blank;

        float[] squared = new float[Side * Side];
        for (int i = 0; i < squared.Length; i++)
            squared[i] = detail[i] * detail[i];
        Wide.Apply(squared, blurred);
        float shared = SharedVariance * (float)variance;
        for (int i = 0; i < detail.Length; i++)
            detail[i] /= MathF.Sqrt(blurred[i] / Math.Max(wideWeight[i], 1e-3f) + shared);
        double scale = LevelOfDeviation / Math.Sqrt(Squares(detail) / covered);
        sbyte[] levels = new sbyte[Side * Side];
        for (int i = 0; i < levels.Length; i++)
            levels[i] = (sbyte)Math.Clamp(Math.Round(detail[i] * scale), -127, 127);
        return Pattern.Of(levels);
    }

    /// <summary>One within the content, zero outside it and on its rim; one everywhere where the content is not one coherent piece.</summary>
    private static float[] Content(ReadOnlySpan<byte> rgb)
    {
        float[] content = new float[Side * Side];
        Array.Fill(content, 1);
        int threshold = ContentRegion.Threshold(rgb);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                if (ContentRegion.Level(rgb, (y * Side + x) * 3) <= threshold)
                    Darken(content, x, y);
            }
        }
        if (content.Sum() < SmallestContent * content.Length)
            Array.Fill(content, 1);
        return content;
    }

    private static void Darken(Span<float> content, int centreX, int centreY)
    {
        for (int y = Math.Max(0, centreY - Rim); y <= Math.Min(Side - 1, centreY + Rim); y++)
        {
            int chord = (int)Math.Sqrt(Rim * Rim - (y - centreY) * (y - centreY));
            int left = Math.Max(0, centreX - chord), right = Math.Min(Side - 1, centreX + chord);
            content.Slice(y * Side + left, right - left + 1).Clear();
        }
    }

    private static double Squares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += (double)value * value;
        return sum;
    }

    private static int LargestShrink(double width, double height)
    {
        foreach (int shrink in Shrinks)
        {
            if (Math.Min(width, height) / shrink >= Side * Oversampling)
                return shrink;
        }
        return 1;
    }
}
