using static TorchSharp.torch;

namespace Gradus.Torch.Loading;

/// <summary>A batch as it comes from the cache, before anything is computed.</summary>
/// <param name="Pixels">(B, H, W, 3) uint8, RGB.</param>
/// <param name="Grades">(B) int64.</param>
/// <param name="Positions">(B) positions in the set that was loaded from.</param>
public sealed record ByteBatch(Tensor Pixels, Tensor Grades, int[] Positions) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Pixels.Dispose();
        Grades.Dispose();
    }
}
