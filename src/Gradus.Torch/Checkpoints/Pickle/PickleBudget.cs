namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>
/// What a file may cost: a few times its own size in memory and in declared data, so that a small hostile file stays small. The
/// allowances are for tiny files, whose objects outweigh their bytes.
/// </summary>
internal sealed class PickleBudget
{
    private const int MemoryTimes = 8;
    private const long MemoryAllowance = 1 << 20;
    private const int DataTimes = 4;
    private const long DataAllowance = 1 << 16;
    private const int MostTensors = 1 << 16;
    private const int TensorBytes = 600; // the view, its entry, and their places in the file's tables

    private readonly string _path;
    private readonly long _memoryLimit;
    private readonly long _dataLimit;
    private long _memory;
    private long _data;
    private long _tensorData;
    private int _tensors;

    public PickleBudget(string path, long fileBytes)
    {
        _path = path;
        _memoryLimit = MemoryAllowance + MemoryTimes * fileBytes;
        _dataLimit = DataAllowance + DataTimes * fileBytes;
    }

    /// <summary>Pays for objects, in bytes that they take at most.</summary>
    public void Spend(long bytes)
    {
        _memory += bytes;
        if (_memory > _memoryLimit)
            throw new GradusException($"would take more than {MemoryTimes} times its size in memory", _path, remedy: "Save the tensors alone: torch.save(model.state_dict(), path)", fault: Fault.Request);
    }

    /// <summary>Pays for data that the file declares to have, once for each part of it.</summary>
    public void Declare(long bytes, string what)
    {
        _data = bytes > _dataLimit ? bytes : _data + bytes;
        if (_data > _dataLimit)
            throw new GradusException($"{what} has {bytes} bytes, more than a file of this size can hold", _path, remedy: "Get the file again from its publisher", fault: Fault.Request);
    }

    /// <summary>Pays for a tensor, which may share its data with others.</summary>
    public void DeclareTensor(long bytes, int dimensions)
    {
        Spend(TensorBytes + 32 * dimensions);
        _tensorData = bytes > _dataLimit ? long.MaxValue / 2 : _tensorData + bytes;
        if (_tensorData > 2 * _dataLimit)
            throw new GradusException("its tensors share so much data that they would be many times its size", _path, remedy: "Save the tensors alone: torch.save(model.state_dict(), path)", fault: Fault.Request);
        if (++_tensors > MostTensors)
            throw new GradusException($"holds more than {MostTensors} tensors", _path, remedy: "Save the tensors of one network alone", fault: Fault.Request);
    }
}
