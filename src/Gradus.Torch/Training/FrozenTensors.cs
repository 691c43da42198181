using System.IO.Hashing;
using static TorchSharp.torch;

namespace Gradus.Torch.Training;

/// <summary>Watches tensors that must not move (ledger, row 14): a fingerprint before the epoch, compared after it.</summary>
public sealed class FrozenTensors
{
    private readonly IReadOnlyList<(string Name, Tensor Tensor)> _tensors;
    private readonly ulong[] _before;

    /// <summary>Takes the fingerprints of the tensors that are said to be frozen.</summary>
    public FrozenTensors(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        _tensors = tensors;
        _before = [.. tensors.Select(t => Fingerprint(t.Tensor))];
    }

    /// <summary>Compares with the fingerprints taken before.</summary>
    /// <exception cref="GradusException">A frozen tensor has changed.</exception>
    public void Verify(int epoch)
    {
        for (int i = 0; i < _tensors.Count; i++)
        {
            if (Fingerprint(_tensors[i].Tensor) != _before[i])
                throw new GradusException($"'{_tensors[i].Name}' is frozen but changed during epoch {epoch}", remedy: "The run was stopped before it could mislead; please report this");
        }
    }

    private static ulong Fingerprint(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return XxHash3.HashToUInt64(tensor.detach().cpu().contiguous().bytes);
    }
}
