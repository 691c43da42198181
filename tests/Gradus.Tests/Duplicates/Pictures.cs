using Gradus.Duplicates;
using Gradus.Imaging;
using Gradus.Synthetic;

namespace Gradus.Tests.Duplicates;

/// <summary>Pictures to compare, and what may happen to one.</summary>
internal static class Pictures
{
    public static RgbImage Retina(int number, FundusCamera? camera = null) =>
        SyntheticFundus.Draw(number % SyntheticFundus.Grades, camera ?? FundusCamera.Cedar, RandomStream.Create(21, "pictures", number)).Image;

    /// <summary>Blobs of all sizes over the whole frame, as stained tissue shows them.</summary>
    public static RgbImage Tissue(int side, int number)
    {
        Random random = RandomStream.Create(22, "tissue", number);
        (double X, double Y, double Radius, double Depth)[] cells = [.. Enumerable.Range(0, 40).Select(_ => (random.NextDouble(), random.NextDouble(), 0.02 + 0.08 * random.NextDouble(), 30 + 90 * random.NextDouble()))];
        byte[] pixels = new byte[side * side * 3];
        for (int i = 0; i < side * side; i++)
        {
            double x = (i % side + 0.5) / side, y = (i / side + 0.5) / side;
            double dark = cells.Sum(c => c.Depth * Math.Exp(-((x - c.X) * (x - c.X) + (y - c.Y) * (y - c.Y)) / (c.Radius * c.Radius)));
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = ((byte)Math.Clamp(225 - 0.6 * dark, 0, 255), (byte)Math.Clamp(180 - dark, 0, 255), (byte)Math.Clamp(215 - 0.5 * dark, 0, 255));
        }
        return new RgbImage(side, side, pixels);
    }

    public static RgbImage Turned(RgbImage image, Orientation orientation)
    {
        (int width, int height) = orientation.Transposes() ? (image.Height, image.Width) : (image.Width, image.Height);
        byte[] pixels = new byte[image.Pixels.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int column, int row) = (orientation.MirrorsColumns() ? width - 1 - x : x, orientation.MirrorsRows() ? height - 1 - y : y);
                (int fromX, int fromY) = orientation.Transposes() ? (row, column) : (column, row);
                image.Pixels.AsSpan((fromY * image.Width + fromX) * 3, 3).CopyTo(pixels.AsSpan((y * width + x) * 3));
            }
        }
        return new RgbImage(width, height, pixels);
    }

    public static RgbImage Brighter(RgbImage image, double gain) =>
        new(image.Width, image.Height, [.. image.Pixels.Select(p => (byte)Math.Clamp(Math.Round(p * gain), 0, 255))]);

    public static RgbImage WithMargins(RgbImage image, int left, int top, int right, int bottom)
    {
        int width = image.Width + left + right;
        byte[] pixels = new byte[width * (image.Height + top + bottom) * 3];
        for (int y = 0; y < image.Height; y++)
            image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3).CopyTo(pixels.AsSpan(((y + top) * width + left) * 3));
        return new RgbImage(width, image.Height + top + bottom, pixels);
    }

    /// <summary>Reduced by averaging.</summary>
    public static RgbImage Reduced(RgbImage image, double share)
    {
        int width = (int)(image.Width * share), height = (int)(image.Height * share);
        byte[] pixels = new byte[width * height * 3];
        Resampling.Resize(image.Pixels, image.Width, image.Height, new Region(0, 0, image.Width, image.Height), width, height, pixels, width * 3);
        return new RgbImage(width, height, pixels);
    }
}
