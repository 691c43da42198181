using System.Diagnostics;

namespace Gradus.Imaging;

/// <summary>What one step of a recipe made of one image.</summary>
/// <param name="Name">The step's name in experiment files; decode for reading the image.</param>
/// <param name="Image">The result, made smaller where it is larger than a person needs.</param>
/// <param name="Width">Of the result itself, in pixels.</param>
/// <param name="Height">Of the result itself, in pixels.</param>
/// <param name="Changed">The share of pixels, 0 to 1, that the step changed or cut away; null for decode and resize, which make all of them anew.</param>
/// <param name="Elapsed">Wall-clock time of the step alone.</param>
public sealed record TracedStep(string Name, RgbImage Image, int Width, int Height, double? Changed, TimeSpan Elapsed);

/// <summary>Watches an image on the way through its recipe: the way on which every image goes, not a copy of it made for looking.</summary>
internal sealed class RecipeTrace(int side)
{
    private readonly List<TracedStep> _steps = [];
    private readonly Dictionary<string, TimeSpan> _earlier = [];
    private RgbImage? _last;
    private long _begun;

    /// <summary>Name of what comes before the first step.</summary>
    public const string Decode = "decode";

    /// <summary>The steps so far, in order.</summary>
    public IReadOnlyList<TracedStep> Steps => _steps;

    /// <summary>A step begins.</summary>
    public void Begin() => _begun = Stopwatch.GetTimestamp();

    /// <summary>The image was decoded, perhaps for a second time at a larger size: what was done before costs time all the same.</summary>
    public void Decoded(DecodedImage decoded, SourceImage source)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_begun);
        foreach (TracedStep step in _steps)
            _earlier[step.Name] = _earlier.GetValueOrDefault(step.Name) + step.Elapsed;
        _steps.Clear();
        Add(Decode, RecipeRunner.Cut(decoded.Pixels, decoded.Width, decoded.Extent), (source.Width, source.Height), null, elapsed);
    }

    /// <summary>A box was found; the resize will read from it.</summary>
    public void Cropped(string name, DecodedImage decoded, Region region)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_begun);
        double kept = region.Width * region.Height / (decoded.Extent.Width * decoded.Extent.Height);
        TracedStep before = _steps[^1];
        (int, int) size = ((int)Math.Round(before.Width * region.Width / decoded.Extent.Width), (int)Math.Round(before.Height * region.Height / decoded.Extent.Height));
        Add(name, RecipeRunner.Cut(decoded.Pixels, decoded.Width, region), size, 1 - kept, elapsed);
    }

    /// <summary>A step after the decoding is done.</summary>
    public void End(string name, RgbImage image)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_begun);
        Add(name, image, (image.Width, image.Height), _last is null ? null : Different(_last, image), elapsed);
        _last = image;
    }

    private static double Different(RgbImage before, RgbImage after)
    {
        int different = 0;
        for (int i = 0; i < after.Pixels.Length; i += 3)
        {
            if (!before.Pixels.AsSpan(i, 3).SequenceEqual(after.Pixels.AsSpan(i, 3)))
                different++;
        }
        return different / (after.Pixels.Length / 3.0);
    }

    private void Add(string name, RgbImage image, (int Width, int Height) size, double? changed, TimeSpan elapsed)
    {
        _earlier.Remove(name, out TimeSpan earlier);
        _steps.Add(new TracedStep(name, Thumbnail.Of(image, side), size.Width, size.Height, changed, elapsed + earlier));
    }
}
