using Gradus.Imaging;
using static TorchSharp.torch;

namespace Gradus.Torch.Loading;

/// <summary>The one place where bytes become the network's input.</summary>
public static class BatchInput
{
    /// <summary>(B, H, W, 3) uint8 to (B, 3, H, W) float32 on 0 to 255, channels-last in memory: the bytes are in that order already.</summary>
    public static Tensor ToFloat(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return pixels.to(ScalarType.Float32).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Applies <c>(x / 255 - mean) / std</c> in place to (B, 3, H, W) float32 on 0 to 255.</summary>
    public static Tensor Normalise(Tensor input, Normalisation normalisation)
    {
        using var scope = NewDisposeScope();
        float[] scale = [.. normalisation.Std.Select(s => (float)(1 / (255 * s)))];
        float[] shift = [.. normalisation.Mean.Zip(normalisation.Std, (m, s) => (float)(-m / s))];
        Tensor scales = tensor(scale, device: input.device).reshape(1, 3, 1, 1);
        Tensor shifts = tensor(shift, device: input.device).reshape(1, 3, 1, 1);
        return input.mul_(scales).add_(shifts);
    }
}
