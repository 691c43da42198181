using static TorchSharp.torch;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>Where the numbers of storages lie: members of a zip archive, or the end of a stream.</summary>
internal abstract class StorageSource : IDisposable
{
    /// <summary>Fills pieces of a row-major tensor, in rising order, from a storage whose size was checked.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="skip">Bytes of it before the tensor.</param>
    /// <param name="chunks">Pieces with their offsets in bytes from the tensor's beginning.</param>
    public abstract void Fill(PickleStorage storage, long skip, IEnumerable<(Tensor Chunk, long Offset)> chunks);

    /// <summary>Closes the file.</summary>
    public abstract void Dispose();
}
