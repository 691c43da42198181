using System.Buffers.Binary;
using Gradus.Datasets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Gradus.Torch.Prediction;

/// <summary>The views of a batch as tensor operations on its device.</summary>
internal static class ImageViews
{
    private const double Small = 0.9, Large = 1.1, CropShare = 0.9, MostDegrees = 15;

    /// <summary>
    /// One view of every image: (B, 3, H, W) float32 on 0 to 255 to the same, channels-last. Flips and transpositions move pixels and
    /// nothing else; a resampled view is rounded to whole numbers, being an 8-bit image like every other.
    /// </summary>
    public static Tensor Make(TestTimeAugmentation augmentation, int view, Tensor images, IReadOnlyList<ContentHash> hashes)
    {
        using var scope = NewDisposeScope();
        Tensor result = augmentation switch
        {
            FlipViews => Turned(images, view),
            DihedralViews => view < 4 ? Turned(images, view) : Turned(images.transpose(2, 3), view - 4),
            ScaleViews when view > 0 => Resample(images, _ => Affine.Scaled(view == 1 ? Small : Large)),
            CropViews => Resample(images, _ => Crop(view)),
            RandomViews random => Resample(images, i => Drawn(random, view, hashes[i])),
            _ => images.clone(),
        };
        return result.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope(); // (B, 3, H, W), channels-last
    }

    private static Tensor Turned(Tensor images, int view) => view switch
    {
        1 => images.flip(3),
        2 => images.flip(2),
        3 => images.flip(2, 3),
        _ => images.clone(),
    };

    private static Affine Crop(int view)
    {
        double room = 1 - CropShare;
        (double x, double y) = view switch { 1 => (-room, -room), 2 => (room, -room), 3 => (-room, room), 4 => (room, room), _ => (0, 0) };
        return Affine.Scaled(1 / CropShare) with { Right = x, Down = y };
    }

    private static Affine Drawn(RandomViews views, int view, ContentHash hash)
    {
        Random random = RandomStream.Create(views.Seed, "test-time view", view, BinaryPrimitives.ReadInt32LittleEndian(hash.ToBytes()));
        bool mirrored = random.NextDouble() < 0.5, transposed = random.NextDouble() < 0.5;
        double angle = MostDegrees * (2 * random.NextDouble() - 1) * Math.PI / 180;
        double scale = Small + (Large - Small) * random.NextDouble();
        (double cos, double sin) = (Math.Cos(angle) / scale, Math.Sin(angle) / scale);
        var turned = new Affine(cos, -sin, sin, cos);
        if (mirrored)
            turned = new Affine(-turned.XX, -turned.XY, turned.YX, turned.YY);
        return transposed ? new Affine(turned.YX, turned.YY, turned.XX, turned.XY) : turned;
    }

    private static Tensor Resample(Tensor images, Func<int, Affine> from)
    {
        int batch = (int)images.shape[0];
        float[] rows = [.. Enumerable.Range(0, batch).Select(from).SelectMany(a => new[] { (float)a.XX, (float)a.XY, (float)a.Right, (float)a.YX, (float)a.YY, (float)a.Down })];
        Tensor grid = affine_grid(tensor(rows, device: images.device).reshape(batch, 2, 3), [.. images.shape], align_corners: false); // (B, H, W, 2)
        return grid_sample(images, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false).round().clamp(0, 255);
    }

    /// <summary>From where in the source each pixel comes, on axes from -1 to 1: x = XX x' + XY y' + Right, y = YX x' + YY y' + Down.</summary>
    private readonly record struct Affine(double XX, double XY, double YX, double YY)
    {
        public double Right { get; init; }

        public double Down { get; init; }

        public static Affine Scaled(double magnification) => new(1 / magnification, 0, 0, 1 / magnification);
    }
}
