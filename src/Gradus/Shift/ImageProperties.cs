using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Imaging;

namespace Gradus.Shift;

/// <summary>
/// What can be measured of a picture without a network. All but the sizes are taken over the content alone, the disc of a fundus
/// photograph, so that a wider black ground makes no picture darker.
/// </summary>
public sealed record ImageProperties
{
    /// <summary>Pixels of the longer side at which the content is measured: like pictures measure alike, however many pixels they have.</summary>
    internal const int Side = 128;

    /// <summary>Rows and columns of the coarse picture that stands in for an embedding.</summary>
    internal const int GridSide = 6;

    /// <summary>Pixels across, upright.</summary>
    public required double Width { get; init; }

    /// <summary>Pixels down, upright.</summary>
    public required double Height { get; init; }

    /// <summary>Mean luma, 0 to 1 (Rec. 601).</summary>
    public required double Brightness { get; init; }

    /// <summary>Standard deviation of the luma.</summary>
    public required double Contrast { get; init; }

    /// <summary>Standard deviation of the luma's Laplacian over that of the luma, so that a darker picture is not called blurred.</summary>
    public required double Sharpness { get; init; }

    /// <summary>Share of red in the mean colour, 0 to 1; a third is grey. Green and blue alike.</summary>
    public required double Red { get; init; }

    /// <summary>Share of green in the mean colour.</summary>
    public required double Green { get; init; }

    /// <summary>Share of blue in the mean colour.</summary>
    public required double Blue { get; init; }

    /// <summary>The content's longer side over the picture's, 0 to 1.</summary>
    public required double DiscDiameter { get; init; }

    /// <summary>Share of the picture's pixels that are content, 0 to 1.</summary>
    public required double DiscShare { get; init; }

    /// <summary>Width over height.</summary>
    public double Aspect => Width / Height;

    /// <summary>(6, 6, 3) the content in coarse blocks, 0 to 1.</summary>
    internal ImmutableArray<float> Grid { get; init; } = [];

    /// <summary>Measures an image at the smallest size that its decoder offers and that is large enough.</summary>
    /// <exception cref="GradusException">The image cannot be used.</exception>
    public static ImageProperties Measure(ImageLocation location)
    {
        using SourceBytes bytes = SourceBytes.Read(location);
        SourceImage source = SourceImage.Open(bytes);
        int longer = Math.Max(source.Width, source.Height), shrink = 8;
        while (shrink > 1 && longer / shrink < 2 * Side)
            shrink /= 2;
        using DecodedImage decoded = source.Decode(shrink);
        Region content = ContentRegion.Find(decoded);
        double scale = Math.Min(1, Side / Math.Max(content.Width, content.Height));
        int width = Math.Max(1, (int)Math.Round(content.Width * scale)), height = Math.Max(1, (int)Math.Round(content.Height * scale));
        byte[] pixels = Resized(decoded, content, width, height);
        ContentMeasure measure = ContentMeasure.Of(pixels, width, height, ContentRegion.Threshold(decoded.Pixels));
        double covered = content.Width * content.Height / (decoded.Extent.Width * decoded.Extent.Height);
        return new ImageProperties
        {
            Width = source.Width,
            Height = source.Height,
            Brightness = measure.Mean,
            Contrast = measure.Deviation,
            Sharpness = measure.Sharpness,
            Red = measure.Red,
            Green = measure.Green,
            Blue = measure.Blue,
            DiscDiameter = Math.Max(content.Width, content.Height) / Math.Max(decoded.Extent.Width, decoded.Extent.Height),
            DiscShare = covered * measure.Share,
            Grid = [.. Resized(decoded, content, GridSide, GridSide).Select(level => level / 255f)],
        };
    }

    /// <summary>Measures many images on all processors; those that cannot be read any more are left out.</summary>
    /// <param name="images">In any order.</param>
    /// <param name="progress">Where to tell how far it is.</param>
    /// <param name="ct">Stops it.</param>
    public static ImmutableArray<(ImageRecord Image, ImageProperties Properties)> MeasureAll(IReadOnlyList<ImageRecord> images, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var measured = new ImageProperties?[images.Count];
        int done = 0;
        Parallel.For(0, images.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct, TaskScheduler = TaskScheduler.Current }, i =>
        {
            try
            {
                measured[i] = Measure(images[i].Location);
            }
            catch (GradusException)
            {
                measured[i] = null; // the audit read it a moment ago; it lists what cannot be read
            }
            progress?.Report(new WorkProgress("measure", Interlocked.Increment(ref done), images.Count, "images"));
        });
        return [.. images.Zip(measured).Where(m => m.Second is not null).Select(m => (m.First, m.Second!))];
    }

    private static byte[] Resized(DecodedImage decoded, Region content, int width, int height)
    {
        byte[] pixels = new byte[width * height * 3];
        Resampling.Resize(decoded.Pixels, decoded.Width, decoded.Height, content, width, height, pixels, width * 3);
        return pixels;
    }
}
