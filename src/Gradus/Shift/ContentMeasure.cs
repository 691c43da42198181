using Gradus.Duplicates;

namespace Gradus.Shift;

/// <summary>Statistics over the lit pixels of a small picture.</summary>
/// <param name="Share">Share of the pixels that are lit, 0 to 1.</param>
/// <param name="Mean">Of their luma, 0 to 1.</param>
/// <param name="Deviation">Of their luma.</param>
/// <param name="Sharpness">Deviation of the Laplacian over that of the luma; 0 for a flat picture.</param>
/// <param name="Red">Share of the mean colour; 1/3 for a black picture.</param>
/// <param name="Green">As red.</param>
/// <param name="Blue">As red.</param>
internal readonly record struct ContentMeasure(double Share, double Mean, double Deviation, double Sharpness, double Red, double Green, double Blue)
{
    /// <summary>Measures (H, W, 3) pixels whose brightest channel is above <paramref name="threshold"/>; all of them where none is.</summary>
    public static ContentMeasure Of(byte[] pixels, int width, int height, int threshold)
    {
        var luma = new double[width * height];
        var lit = new bool[width * height];
        for (int i = 0; i < luma.Length; i++)
        {
            luma[i] = (0.299 * pixels[3 * i] + 0.587 * pixels[3 * i + 1] + 0.114 * pixels[3 * i + 2]) / 255;
            lit[i] = ContentRegion.Level(pixels, 3 * i) > threshold;
        }
        if (!lit.Contains(true))
            Array.Fill(lit, true);
        var levels = new Moments();
        var edges = new Moments();
        (double red, double green, double blue) = (0, 0, 0);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = y * width + x;
                if (!lit[i])
                    continue;
                levels.Add(luma[i]);
                (red, green, blue) = (red + pixels[3 * i], green + pixels[3 * i + 1], blue + pixels[3 * i + 2]);
                // The disc's rim is an edge of every picture, sharp or not.
                if (x > 0 && y > 0 && x < width - 1 && y < height - 1 && lit[i - 1] && lit[i + 1] && lit[i - width] && lit[i + width])
                    edges.Add(luma[i - 1] + luma[i + 1] + luma[i - width] + luma[i + width] - 4 * luma[i]);
            }
        }
        double colour = red + green + blue;
        return new ContentMeasure(
            levels.Count / luma.Length, levels.Mean, levels.Deviation,
            levels.Deviation > 0 ? edges.Deviation / levels.Deviation : 0,
            Part(red), Part(green), Part(blue));

        double Part(double channel) => colour > 0 ? channel / colour : 1.0 / 3;
    }

    private struct Moments
    {
        private double _sum, _squares;

        public double Count { get; private set; }

        public readonly double Mean => Count > 0 ? _sum / Count : 0;

        public readonly double Deviation => Count > 0 ? Math.Sqrt(Math.Max(0, _squares / Count - Mean * Mean)) : 0;

        public void Add(double value)
        {
            Count++;
            _sum += value;
            _squares += value * value;
        }
    }
}
