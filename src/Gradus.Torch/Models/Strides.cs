using static TorchSharp.torch;

namespace Gradus.Torch.Models;

/// <summary>Memory layouts, which the engine's .NET surface has no words for.</summary>
internal static class Strides
{
    /// <summary>
    /// (B, C, H, W) with strides (HWC, 1, WC, C): the same values and shape, the channels innermost. libtorch recognises the
    /// layout by its strides, and convolution, batch norm, pooling and ReLU keep it. Costs nothing where it is so already.
    /// </summary>
    public static Tensor ChannelsLast(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
