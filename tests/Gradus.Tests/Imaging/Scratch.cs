using Gradus.Datasets;
using Gradus.Imaging;
using NetVips;

namespace Gradus.Tests.Imaging;

/// <summary>A folder that goes away with the test, and images to put into it.</summary>
internal sealed class Scratch : IDisposable
{
    public Scratch() => LibVips.Ready();

    public string Folder { get; } = Directory.CreateTempSubdirectory("gradus-imaging-").FullName;

    /// <summary>The folder of real data; null where the machine has none.</summary>
    public static string? Data => Environment.GetEnvironmentVariable("GRADUS_DATA") is { Length: > 0 } data && Directory.Exists(data) ? data : null;

    public string this[string name] => Path.Combine(Folder, name);

    public FileLocation Put(string name, byte[] bytes)
    {
        AtomicFile.Write(this[name], s => s.Write(bytes));
        return new FileLocation(this[name]);
    }

    public FileLocation Put(string name, RgbImage image, string options = "")
    {
        using Image vips = Vips(image);
        return Put(name, vips.WriteToBuffer(Path.GetExtension(name) + options));
    }

    /// <summary>Records of images that all differ.</summary>
    public ImageRecord[] Records(int count, int side = 40) =>
        [.. Enumerable.Range(0, count).Select(i => new ImageRecord(new ImageId($"image-{i}"), i % 5, null, "test", Put($"image-{i}.png", Fundus(side, side, i))))];

    public static Image Vips(RgbImage image)
    {
        using Image raw = Image.NewFromMemoryCopy<byte>(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
        return raw.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    /// <summary>A textured disc on black, smooth enough for a JPEG to keep, different for every seed.</summary>
    public static RgbImage Fundus(int width, int height, int seed = 0, double radius = 0.45)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (Math.Pow(x + 0.5 - width / 2.0, 2) + Math.Pow(y + 0.5 - height / 2.0, 2) > Math.Pow(radius * Math.Min(width, height), 2))
                    continue;
                double wave = Math.Sin((x + seed) * 0.11) * Math.Cos((y - seed) * 0.07);
                int i = (y * width + x) * 3;
                pixels[i] = (byte)(170 + 50 * wave + seed % 30);
                pixels[i + 1] = (byte)(90 + 40 * wave * Math.Cos(x * 0.05));
                pixels[i + 2] = (byte)(50 + 20 * Math.Sin(y * 0.09 + seed));
            }
        }
        return new RgbImage(width, height, pixels);
    }

    public static RgbImage Flat(int width, int height, byte level)
    {
        byte[] pixels = new byte[width * height * 3];
        pixels.AsSpan().Fill(level);
        return new RgbImage(width, height, pixels);
    }

    public static double MeanDifference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Assert.Equal(a.Length, b.Length);
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] - b[i]);
        return sum / a.Length;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
