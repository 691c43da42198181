using SkiaSharp;

namespace Gradus.Imaging;

/// <summary>A Windows bitmap, which libvips reads only with a loader that its bundle leaves out.</summary>
internal sealed class BmpImage : SourceImage
{
    private readonly SourceBytes _bytes;

    private BmpImage(SourceBytes bytes, SKImageInfo info)
        : base(bytes.Location, info.Width, info.Height) => _bytes = bytes;

    /// <summary>Whether the bytes start like a bitmap's.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith("BM"u8);

    /// <summary>Reads the header.</summary>
    /// <exception cref="GradusException">It is none.</exception>
    public static BmpImage OpenHeader(SourceBytes bytes)
    {
        using SKData data = SKData.CreateCopy(bytes.Span);
        using var codec = SKCodec.Create(data);
        return codec is null ? throw new GradusException("not an image that libvips or Skia reads", bytes.Location.ToString()) : new BmpImage(bytes, codec.Info);
    }

    /// <inheritdoc/>
    public override DecodedImage Decode(int shrink)
    {
        using SKData data = SKData.CreateCopy(_bytes.Span);
        using var codec = SKCodec.Create(data);
        // Premultiplied by its alpha, a pixel is already what it is on black.
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        SKCodecResult result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw Unusable(result == SKCodecResult.IncompleteInput ? "truncated: the file ends before its image does" : $"damaged: {result}");

        byte[] pixels = GC.AllocateUninitializedArray<byte>(Width * Height * 3);
        ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
        for (int i = 0, o = 0; o < pixels.Length; i += 4, o += 3)
            (pixels[o], pixels[o + 1], pixels[o + 2]) = (rgba[i], rgba[i + 1], rgba[i + 2]);
        return new DecodedImage(Width, Height, pixels);
    }
}
