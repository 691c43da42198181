using Gradus.Explanations;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>Lays a heat map over the photograph that it belongs to.</summary>
public static class HeatOverlay
{
    /// <summary>Most pixels of the longer side.</summary>
    public const int LargestSide = 768;

    // Even at the peak the retina stays visible below the colour.
    private const double Strongest = 0.72;

    // From violet to yellow, lightness rising evenly, readable without red and green (van der Walt and Smith 2015); it stands out against the
    // orange of a retina, which red to yellow would not.
    private static readonly ScottPlot.Colormaps.Viridis Colours = new();

    /// <summary>The photograph, fitted into a square, without and with the map. Colour and opacity follow the value, from none at 0 to the map's peak.</summary>
    /// <param name="explanation">The photograph, read again, and the map.</param>
    /// <param name="side">Pixels of the square, 48 to <see cref="LargestSide"/>.</param>
    /// <exception cref="GradusException">The photograph cannot be read any more.</exception>
    public static (RgbImage Photograph, RgbImage Overlay) Draw(ImageExplanation explanation, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 48);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, LargestSide);
        RgbImage photograph = Thumbnail.Of(explanation.Location, side);
        HeatMap map = explanation.Map.OnPhotograph(explanation.Geometry, photograph.Width, photograph.Height);
        byte[] pixels = [.. photograph.Pixels];
        for (int i = 0; i < map.Values.Length; i++)
        {
            double share = explanation.Map.Peak > 0 ? map.Values[i] / explanation.Map.Peak : 0, opacity = Strongest * share;
            ScottPlot.Color colour = Colour(share);
            (byte R, byte G, byte B) = (colour.R, colour.G, colour.B);
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = (Mix(pixels[3 * i], R), Mix(pixels[3 * i + 1], G), Mix(pixels[3 * i + 2], B));

            byte Mix(byte below, byte above) => (byte)Math.Round(below + opacity * (above - below));
        }
        return (photograph, new RgbImage(photograph.Width, photograph.Height, pixels));
    }

    /// <summary>Writes the photograph with the map as a PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="explanation">The photograph, read again, and the map.</param>
    /// <param name="side">Pixels of the longer side, 48 to <see cref="LargestSide"/>.</param>
    /// <exception cref="GradusException">The photograph cannot be read any more, or the file cannot be written.</exception>
    public static void Write(string path, ImageExplanation explanation, int side = LargestSide)
    {
        RgbImage overlay = Draw(explanation, side).Overlay;
        using var bitmap = new SKBitmap(overlay.Width, overlay.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        Span<byte> to = bitmap.GetPixelSpan();
        ReadOnlySpan<byte> from = overlay.Pixels;
        for (int i = 0, j = 0; i < from.Length; i += 3, j += 4)
            (to[j], to[j + 1], to[j + 2], to[j + 3]) = (from[i], from[i + 1], from[i + 2], 255);
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, png.SaveTo);
    }

    /// <summary>The colour of a share, 0 to 1, of the peak.</summary>
    internal static ScottPlot.Color Colour(double share) => Colours.GetColor(share);
}
