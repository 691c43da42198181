using System.Runtime.InteropServices;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Synthetic;

/// <summary>Pictures as the bytes of files, and the ways in which copies of a file come to differ from it.</summary>
internal static class PictureFile
{
    /// <summary>Encodes as the camera does.</summary>
    public static byte[] Encode(RgbImage image, FundusCamera camera)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<uint> target = MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan());
        for (int i = 0; i < target.Length; i++)
            target[i] = 0xff000000u | (uint)image.Pixels[3 * i + 2] << 16 | (uint)image.Pixels[3 * i + 1] << 8 | image.Pixels[3 * i];
        return camera.Format == PictureFormat.Png ? Png(bitmap) : Jpeg(bitmap, camera.Quality);
    }

    /// <summary>The same pixels compressed again, more strongly.</summary>
    public static byte[] Reencoded(byte[] file)
    {
        using SKBitmap bitmap = SKBitmap.Decode(file);
        return Jpeg(bitmap, 62);
    }

    /// <summary>The same picture at four fifths of its size.</summary>
    public static byte[] Resized(byte[] file)
    {
        using SKBitmap bitmap = SKBitmap.Decode(file);
        using SKBitmap smaller = bitmap.Resize(new SKImageInfo(bitmap.Width * 4 / 5, bitmap.Height * 4 / 5), new SKSamplingOptions(SKCubicResampler.Mitchell));
        return Jpeg(smaller, 90);
    }

    /// <summary>The file as an interrupted download leaves it.</summary>
    public static byte[] Truncated(byte[] file) => file[..(file.Length * 2 / 5)];

    private static byte[] Jpeg(SKBitmap bitmap, int quality)
    {
        using SKPixmap pixels = bitmap.PeekPixels();
        return Bytes(pixels.Encode(new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore)));
    }

    private static byte[] Png(SKBitmap bitmap)
    {
        using SKPixmap pixels = bitmap.PeekPixels();
        return Bytes(pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 4)));
    }

    private static byte[] Bytes(SKData? encoded)
    {
        using SKData data = encoded ?? throw new InvalidOperationException("SkiaSharp did not encode a picture that was just drawn");
        return data.ToArray();
    }
}
