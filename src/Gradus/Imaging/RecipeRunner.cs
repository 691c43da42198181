using System.Numerics;
using System.Runtime.CompilerServices;
using NetVips;

namespace Gradus.Imaging;

/// <summary>Applies the steps of a recipe. The same pixels in always give the same pixels out, on every processor.</summary>
public static class RecipeRunner
{
    // Reduced to at least this many times the final size while decoding, an image loses nothing that the final size could show.
    private const double Oversampling = 1.5;

    private static ReadOnlySpan<int> Shrinks => [8, 4, 2];

    /// <summary>Applies one step, as a preview shows it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="image">(H, W, 3); it is not changed.</param>
    /// <param name="notes">Takes what a person may want to look at.</param>
    /// <returns>A new image; the given one where the step leaves it as it is.</returns>
    public static RgbImage Apply(RecipeStep step, RgbImage image, ICollection<string> notes) => step switch
    {
        CropRetina crop => Crop(image, crop, notes),
        Resize resize => Resized(image.Pixels, image.Width, image.Height, new Region(0, 0, image.Width, image.Height), resize).Image,
        Gray => ToGrey(image),
        BenGraham ben => SubtractLocalMean(ben.Colour ? image : ToGrey(image), ben),
        Median median => MedianOf(image, median.Size),
        Clahe clahe => Equalise(image, clahe),
        CircleMask => OutsideCircle(Copy(image), 1, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    /// <summary>Applies a whole recipe to an image, decoding no more of it than the recipe needs.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="source">The image.</param>
    /// <param name="notes">Takes what a person may want to look at.</param>
    /// <param name="trace">Is shown every step; null where nobody watches, as in a cache being filled.</param>
    internal static (RgbImage Image, RecipeGeometry Geometry) Run(Recipe recipe, SourceImage source, ICollection<string> notes, RecipeTrace? trace = null)
    {
        (RgbImage image, RecipeGeometry geometry) = Geometry(recipe, source, notes, trace);
        foreach (RecipeStep step in recipe.Steps.Where(s => s.Stage == RecipeStage.Colour))
        {
            trace?.Begin();
            image = Apply(step, image, notes);
            trace?.End(Recipe.Name(step), image);
        }
        return (image, geometry);
    }

    private static (RgbImage Image, RecipeGeometry Geometry) Geometry(Recipe recipe, SourceImage source, ICollection<string> notes, RecipeTrace? trace)
    {
        Resize resize = recipe.Steps.OfType<Resize>().Single();
        CropRetina[] crops = [.. recipe.Steps.OfType<CropRetina>()];
        int shrink = LargestShrink(source.Width, source.Height, resize);
        while (true)
        {
            trace?.Begin();
            using DecodedImage decoded = source.Decode(shrink);
            trace?.Decoded(decoded, source);
            Region region = decoded.Extent;
            var found = new List<string>();
            foreach (CropRetina crop in crops)
            {
                trace?.Begin();
                region = Box(decoded.Pixels, decoded.Width, decoded.Height, crop, found)?.Intersect(region) ?? region;
                trace?.Cropped(Recipe.Name(crop), decoded, region);
            }

            // A small disc in a large image: decode again, at a size at which the disc alone is large enough.
            double across = source.Width / decoded.Extent.Width, down = source.Height / decoded.Extent.Height;
            int enough = LargestShrink(region.Width * across, region.Height * down, resize);
            if (enough >= shrink)
            {
                found.ForEach(notes.Add);
                trace?.Begin();
                (RgbImage image, Region placed) = Resized(decoded.Pixels, decoded.Width, decoded.Height, region, resize);
                trace?.End(Recipe.Name(resize), image);
                var taken = new Region(region.Left * across, region.Top * down, region.Right * across, region.Bottom * down);
                return (image, new RecipeGeometry(source.Width, source.Height, resize.Size, taken, placed));
            }
            shrink = enough;
        }
    }

    private static int LargestShrink(double width, double height, Resize resize)
    {
        double side = resize.Fit == ResizeFit.Stretch ? Math.Min(width, height) : Math.Max(width, height);
        foreach (int shrink in Shrinks)
        {
            if (side / shrink >= resize.Size * Oversampling)
                return shrink;
        }
        return 1;
    }

    private static Region? Box(ReadOnlySpan<byte> pixels, int width, int height, CropRetina crop, ICollection<string> notes)
    {
        Region? box = RetinaBox.Find(pixels, width, height, crop.Tolerance);
        if (box is null)
            notes.Add("crop_retina found no disc; the whole image was kept");
        return box;
    }

    private static RgbImage Crop(RgbImage image, CropRetina crop, ICollection<string> notes) =>
        Box(image.Pixels, image.Width, image.Height, crop, notes) is { } box ? Cut(image.Pixels, image.Width, box) : image;

    /// <summary>Copies the whole pixels of a region.</summary>
    internal static RgbImage Cut(ReadOnlySpan<byte> from, int across, Region region)
    {
        int left = (int)region.Left, top = (int)region.Top, width = (int)Math.Ceiling(region.Right) - left, height = (int)Math.Ceiling(region.Bottom) - top;
        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
            from.Slice(((top + y) * across + left) * 3, width * 3).CopyTo(pixels.AsSpan(y * width * 3));
        return new RgbImage(width, height, pixels);
    }

    /// <summary>The square, and the part of it that shows the region; the rest is black.</summary>
    private static (RgbImage Image, Region Placed) Resized(ReadOnlySpan<byte> pixels, int width, int height, Region region, Resize resize)
    {
        int size = resize.Size;
        (int across, int down) = (size, size);
        if (resize.Fit == ResizeFit.Pad)
        {
            double scale = size / Math.Max(region.Width, region.Height);
            (across, down) = (Math.Clamp((int)Math.Round(region.Width * scale), 1, size), Math.Clamp((int)Math.Round(region.Height * scale), 1, size));
        }
        byte[] result = new byte[size * size * 3];
        (int left, int top) = ((size - across) / 2, (size - down) / 2);
        Resampling.Resize(pixels, width, height, region, across, down, result.AsSpan((top * size + left) * 3), size * 3);
        return (new RgbImage(size, size, result), new Region(left, top, left + across, top + down));
    }

    /// <summary>The weights of BT.601 in 15 bits, as OpenCV rounds them.</summary>
    private static RgbImage ToGrey(RgbImage image)
    {
        ReadOnlySpan<byte> from = image.Pixels;
        byte[] pixels = GC.AllocateUninitializedArray<byte>(from.Length);
        for (int i = 0; i + 2 < pixels.Length; i += 3)
            pixels[i] = pixels[i + 1] = pixels[i + 2] = (byte)((from[i] * 9798 + from[i + 1] * 19235 + from[i + 2] * 3735 + (1 << 14)) >> 15);
        return new RgbImage(image.Width, image.Height, pixels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static RgbImage SubtractLocalMean(RgbImage image, BenGraham step)
    {
        double sigma = step.Sigma ?? 10.0 * image.Width / 224;
        byte[] pixels = GaussianBlur.Apply(image.Pixels, image.Width, image.Height, sigma);
        ReadOnlySpan<byte> source = image.Pixels;
        int i = 0;
        for (; i <= pixels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(source[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(new Vector<byte>(pixels, i), out Vector<ushort> lowMean, out Vector<ushort> highMean);
            Vector.Narrow(Stretched(low, lowMean), Stretched(high, highMean)).CopyTo(pixels, i);
        }
        for (; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(4 * (source[i] - pixels[i]) + 128, 0, 255);
        var result = new RgbImage(image.Width, image.Height, pixels);
        return step.Mask ? OutsideCircle(result, 0.95, 128) : result;

        static Vector<ushort> Stretched(Vector<ushort> level, Vector<ushort> mean) =>
            Vector.Min(Vector.Max(((level - mean).As<ushort, short>() << 2) + new Vector<short>(128), Vector<short>.Zero), new Vector<short>(255)).As<short, ushort>();
    }

    private static RgbImage MedianOf(RgbImage image, int size)
    {
        LibVips.Ready();
        using Image source = Image.NewFromMemory(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
        using Image median = source.Median(size);
        return new RgbImage(image.Width, image.Height, median.WriteToMemory<byte>());
    }

    private static RgbImage Equalise(RgbImage image, Clahe step)
    {
        const int Green = 1;
        RgbImage result = Copy(image);
        ContrastLimit.Apply(result.Pixels, result.Width, result.Height, Green, step.Tiles, step.Slope);
        return result;
    }

    /// <summary>Fills in place what lies outside the inscribed circle, its radius multiplied by <paramref name="share"/>.</summary>
    private static RgbImage OutsideCircle(RgbImage image, double share, byte level)
    {
        double centreX = (image.Width - 1) / 2.0, centreY = (image.Height - 1) / 2.0, radius = Math.Min(image.Width, image.Height) / 2.0 * share;
        for (int y = 0; y < image.Height; y++)
        {
            double chord = Math.Sqrt(Math.Max(0, radius * radius - (y - centreY) * (y - centreY)));
            bool crossed = Math.Abs(y - centreY) <= radius;
            int left = crossed ? Math.Max(0, (int)Math.Ceiling(centreX - chord)) : image.Width;
            int right = crossed ? Math.Min(image.Width, (int)Math.Floor(centreX + chord) + 1) : image.Width;
            Span<byte> row = image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3);
            row[..(left * 3)].Fill(level);
            row[(right * 3)..].Fill(level);
        }
        return image;
    }

    private static RgbImage Copy(RgbImage image) => new(image.Width, image.Height, [.. image.Pixels]);
}
