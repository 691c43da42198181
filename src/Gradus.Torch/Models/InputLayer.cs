using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Gradus.Torch.Models;

/// <summary>Fits a first convolution that was trained on three channels to another number of them.</summary>
internal static class InputLayer
{
    private const int Published = 3;

    /// <summary>True for (O, N, k, k) and (O, 3, k, k).</summary>
    public static bool CanAdapt(ImmutableArray<long> ours, ImmutableArray<long> theirs) =>
        ours.Length == 4 && theirs.Length == 4 && theirs[1] == Published && ours[1] != Published
        && ours[0] == theirs[0] && ours[2] == theirs[2] && ours[3] == theirs[3];

    /// <summary>
    /// One channel gets the sum of the three, so that a grey image gives what it gave as three equal channels; N channels get the
    /// three in turn, scaled by 3 / N, so that a sum over channels keeps its size. timm does the same.
    /// </summary>
    /// <param name="weight">(O, 3, k, k).</param>
    /// <param name="channels">N.</param>
    /// <returns>(O, N, k, k), float32.</returns>
    public static Tensor Adapt(Tensor weight, long channels)
    {
        using var scope = NewDisposeScope();
        Tensor w = weight.to(ScalarType.Float32);
        Tensor adapted = channels == 1
            ? w.sum(1, keepdim: true) // (O, 1, k, k)
            : w.repeat(1, (channels + Published - 1) / Published, 1, 1).narrow(1, 0, channels).mul((double)Published / channels); // (O, N, k, k)
        return adapted.MoveToOuterDisposeScope();
    }

    /// <summary>What was done, for a person.</summary>
    public static string Describe(string name, long channels) => channels == 1
        ? $"{name}: its 3 input channels were summed to 1"
        : $"{name}: its 3 input channels were repeated to {channels} and scaled by 3/{channels}";
}
