namespace Gradus.Imaging;

/// <summary>The one image type: RGB, 8 bit, rows from the top, interleaved, (H, W, 3).</summary>
public sealed class RgbImage
{
    /// <summary>Wraps <paramref name="pixels"/> without copying.</summary>
    /// <exception cref="ArgumentException">The array is not height x width x 3 bytes.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        if (pixels.Length != (long)width * height * 3)
            throw new ArgumentException($"{width} x {height} x 3 bytes expected, {pixels.Length} given", nameof(pixels));
        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>W.</summary>
    public int Width { get; }

    /// <summary>H.</summary>
    public int Height { get; }

    /// <summary>(H, W, 3), R G B.</summary>
    public byte[] Pixels { get; }
}
