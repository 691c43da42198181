namespace Gradus.Imaging;

/// <summary>
/// RGB pixels of an image decoded at a fraction of its size. Where the size is no multiple of the fraction, the last column or
/// row covers less than a whole pixel; <see cref="Extent"/> says how far the image really reaches, so that no resize shifts it.
/// </summary>
internal sealed class DecodedImage(int width, int height, ReadOnlyMemory<byte> pixels, Action? release = null) : IDisposable
{
    /// <summary>Columns.</summary>
    public int Width { get; } = width;

    /// <summary>Rows.</summary>
    public int Height { get; } = height;

    /// <summary>(H, W, 3), R G B.</summary>
    public ReadOnlySpan<byte> Pixels => pixels.Span;

    /// <summary>The part of the pixels' plane that the image covers, in pixels.</summary>
    public Region Extent { get; init; } = new(0, 0, width, height);

    /// <summary>Frees the pixels.</summary>
    public void Dispose() => release?.Invoke();
}

/// <summary>A rectangle between pixel borders: pixel (0, 0) covers 0 to 1 in both directions.</summary>
internal readonly record struct Region(double Left, double Top, double Right, double Bottom)
{
    /// <summary>Pixels across.</summary>
    public double Width => Right - Left;

    /// <summary>Pixels down.</summary>
    public double Height => Bottom - Top;

    /// <summary>What both cover.</summary>
    public Region Intersect(Region other) => new(
        Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right), Math.Min(Bottom, other.Bottom));
}
