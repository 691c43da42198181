using Gradus.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Gradus.Torch.Loading;

/// <summary>
/// Random changes to a whole batch as tensor operations on the device. What is drawn depends on the generator alone, so any
/// number of loader tasks gives the same images.
/// </summary>
public sealed class BatchAugmenter(Augmentation augmentation)
{
    /// <summary>True where nothing would be done.</summary>
    public bool IsEmpty => augmentation.Steps.IsEmpty;

    /// <summary>Changes (B, 3, H, W) float32 on 0 to 255; the result is a new tensor, channels-last, on 0 to 255.</summary>
    public Tensor Apply(Tensor images, Random random)
    {
        using var scope = NewDisposeScope();
        Tensor x = images;
        foreach (AugmentStep step in augmentation.Steps)
        {
            x = step switch
            {
                FlipStep => ForHalf(ForHalf(x, static t => t.flip(3), random), static t => t.flip(2), random),
                TransposeStep => ForHalf(x, static t => t.transpose(2, 3), random),
                BrightnessStep s => x.mul(Factors(x, s.Amount, random)),
                ContrastStep s => Contrast(x, Factors(x, s.Amount, random)),
                _ => x, // rotate and scale are one resampling, below
            };
        }
        if (augmentation.Fill is { } fill)
            x = Resample(x, fill, random);
        x = x.clamp(0, 255);
        return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope(); // (B, 3, H, W), channels-last
    }

    private static Tensor ForHalf(Tensor x, Func<Tensor, Tensor> change, Random random)
    {
        var chosen = new bool[x.shape[0]];
        for (int i = 0; i < chosen.Length; i++)
            chosen[i] = random.NextDouble() < 0.5;
        Tensor mask = tensor(chosen, device: x.device).reshape(-1, 1, 1, 1); // (B, 1, 1, 1)
        return where(mask, change(x), x);
    }

    private static Tensor Factors(Tensor x, double amount, Random random)
    {
        var factors = new float[x.shape[0]];
        for (int i = 0; i < factors.Length; i++)
            factors[i] = (float)(1 + amount * (2 * random.NextDouble() - 1));
        return tensor(factors, device: x.device).reshape(-1, 1, 1, 1); // (B, 1, 1, 1)
    }

    private static Tensor Contrast(Tensor x, Tensor factors)
    {
        Tensor mean = x.mean([1, 2, 3], keepdim: true); // (B, 1, 1, 1)
        return (x - mean) * factors + mean;
    }

    private Tensor Resample(Tensor x, Fill fill, Random random)
    {
        RotateStep? rotate = augmentation.Steps.OfType<RotateStep>().SingleOrDefault();
        ScaleStep? scale = augmentation.Steps.OfType<ScaleStep>().SingleOrDefault();
        int batch = (int)x.shape[0];
        var inverse = new float[batch * 6]; // from where in the source each pixel comes: rows (cos/s, -sin/s, 0), (sin/s, cos/s, 0)
        for (int i = 0; i < batch; i++)
        {
            double angle = rotate is null ? 0 : rotate.Degrees * (2 * random.NextDouble() - 1) * Math.PI / 180;
            double magnification = scale is null ? 1 : scale.Low + (scale.High - scale.Low) * random.NextDouble();
            float cos = (float)(Math.Cos(angle) / magnification), sin = (float)(Math.Sin(angle) / magnification);
            (inverse[i * 6], inverse[i * 6 + 1], inverse[i * 6 + 3], inverse[i * 6 + 4]) = (cos, -sin, sin, cos);
        }
        Tensor theta = tensor(inverse, device: x.device).reshape(batch, 2, 3); // (B, 2, 3)
        Tensor grid = affine_grid(theta, [.. x.shape], align_corners: false); // (B, H, W, 2)
        // The engine fills with zero only, so any other constant is subtracted before and added after.
        float constant = fill == Fill.Gray ? 128 : 0;
        GridSamplePaddingMode padding = fill switch
        {
            Fill.Edge => GridSamplePaddingMode.Border,
            Fill.Reflect => GridSamplePaddingMode.Reflection,
            _ => GridSamplePaddingMode.Zeros,
        };
        return grid_sample(x - constant, grid, GridSampleMode.Bilinear, padding, align_corners: false) + constant;
    }
}
