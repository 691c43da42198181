using NetVips;

namespace Gradus.Imaging;

/// <summary>
/// What the numbers of an image mean: which is black and which is white. Whole numbers of 8 and 16 bits say it by their
/// width; any other
/// numbers only where the file states their range (TIFF's MinSampleValue, MaxSampleValue, SMinSampleValue,
/// SMaxSampleValue). What is not
/// stated is refused and never guessed from the picture or from its neighbours.
/// </summary>
internal static class PixelLevels
{
    private const int TwelveBits = 4095;
    private const int Full = ushort.MaxValue;

    /// <summary>The image itself, or one of 16 bits over its stated range.</summary>
    /// <param name="image">As it was loaded.</param>
    /// <param name="file">The bytes that it was loaded from.</param>
    /// <param name="made">Takes every image made on the way, to be disposed.</param>
    /// <returns>The image to go on with and null, or why it cannot be used.</returns>
    public static (Image Image, string? Problem) Of(Image image, ReadOnlySpan<byte> file, Stack<Image> made)
    {
        bool floats = image.Format is Enums.BandFormat.Float or Enums.BandFormat.Double;
        bool unsigned = image.Format is Enums.BandFormat.Ushort or Enums.BandFormat.Uint;
        // Colours that a decoder made linear itself have their range by definition.
        bool isTiff = TiffPage.Read(file) is { Length: > 0 };
        if (
            image.Format == Enums.BandFormat.Uchar
            || (floats && !isTiff && image.Interpretation == Enums.Interpretation.Scrgb)
        )
            return (image, null);
        (double? low, double? high) = isTiff ? TiffPage.Read(file)[0].StatedRange(file) : (null, null);
        // The largest value that occurs may stand for the largest that could: a number of whole bits.
        if (unsigned && high is > 0 and <= uint.MaxValue)
            (low, high) = (0, Math.Pow(2, Math.Max(8, Math.Ceiling(Math.Log2(high.Value + 1)))) - 1);
        bool stated = low is not null && high > low && double.IsFinite(high.Value - low.Value);
        if (image.Format == Enums.BandFormat.Ushort && !stated)
            (low, high, stated) = (0, Full, true);
        if (!stated || image.Format is Enums.BandFormat.Complex or Enums.BandFormat.Dpcomplex)
            return (
                image,
                $"holds {Words(image.Format)} and does not state which are black and white: save it with 8 or 16 bits"
            );

        // Read once, since the pixels of a stream come once.
        made.Push(image.CopyMemory());
        Image pixels = made.Peek();
        if (pixels.HasAlpha())
            made.Push(pixels.ExtractBand(0, n: pixels.Bands - 1));
        (double least, double most) = (made.Peek().Min(), made.Peek().Max());
        if (!(least >= low - Tolerance(low) && most <= high + Tolerance(high)))
            return (
                image,
                $"states values from {low:g6} to {high:g6} and holds some from {least:g6} to {most:g6}: "
                    + "save it with 8 or 16 bits"
            );
        if (high == Full && low == 0 && image.Format == Enums.BandFormat.Ushort)
        {
            return most is > 0 and <= TwelveBits
                ? (
                    image,
                    $"nearly black: of the 16 bits that it states it uses 12 at most (up to {most:g6}). "
                        + "Multiply its values by 16, or state MaxSampleValue"
                )
                : (pixels, null);
        }
        double scale = Full / (high!.Value - low!.Value);
        made.Push(pixels.Linear([scale], [-low.Value * scale]));
        made.Push(made.Peek().Rint());
        made.Push(made.Peek().Cast(Enums.BandFormat.Ushort));
        made.Push(
            made.Peek()
                .Copy(interpretation: pixels.Bands < 3 ? Enums.Interpretation.Grey16 : Enums.Interpretation.Rgb16)
        );
        return (made.Peek(), null);

        static double Tolerance(double? end) => Math.Abs(end ?? 0) * 1e-6;
    }

    private static string Words(Enums.BandFormat format) =>
        format switch
        {
            Enums.BandFormat.Char => "signed numbers of 8 bits",
            Enums.BandFormat.Short => "signed numbers of 16 bits",
            Enums.BandFormat.Uint => "whole numbers of 32 bits",
            Enums.BandFormat.Int => "signed numbers of 32 bits",
            Enums.BandFormat.Float => "floating-point numbers of 32 bits",
            Enums.BandFormat.Double => "floating-point numbers of 64 bits",
            Enums.BandFormat.Ushort => "numbers of 16 bits",
            _ => "complex numbers",
        };
}
