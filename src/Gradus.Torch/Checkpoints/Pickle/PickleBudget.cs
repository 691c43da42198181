namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>
/// What a file may cost: a few times its own size in memory and in declared data, so that a small hostile file stays small.
/// </summary>
internal sealed class PickleBudget
{
    private const int Times = 4;
    private const long Allowance = 1 << 16; // for tiny files, whose objects outweigh their bytes
    private const int MostTensors = 1 << 16;

    private readonly string _path;
    private readonly long _limit;
    private long _memory;
    private long _data;
    private long _tensorBytes;
    private int _tensors;

    public PickleBudget(string path, long fileBytes)
    {
        _path = path;
        _limit = Allowance + Times * fileBytes;
    }

    /// <summary>Pays for objects, in bytes that they take at most.</summary>
    public void Spend(long bytes)
    {
        _memory += bytes;
        if (_memory > _limit)
            throw new GradusException($"would take more than {Times} times its size in memory", _path, remedy: "Save the tensors alone: torch.save(model.state_dict(), path)", fault: Fault.Request);
    }

    /// <summary>Pays for data that the file declares to have, once for each part of it.</summary>
    public void Declare(long bytes, string what)
    {
        _data = bytes > _limit ? bytes : _data + bytes;
        if (_data > _limit)
            throw new GradusException($"{what} has {bytes} bytes, more than a file of this size can hold", _path, remedy: "Get the file again from its publisher", fault: Fault.Request);
    }

    /// <summary>Pays for a tensor, which may share its data with others.</summary>
    public void DeclareTensor(long bytes)
    {
        Spend(200);
        _tensorBytes = bytes > _limit ? long.MaxValue / 2 : _tensorBytes + bytes;
        if (_tensorBytes > 2 * _limit)
            throw new GradusException("its tensors share so much data that they would be many times its size", _path, remedy: "Save the tensors alone: torch.save(model.state_dict(), path)", fault: Fault.Request);
        if (++_tensors > MostTensors)
            throw new GradusException($"holds more than {MostTensors} tensors", _path, remedy: "Save the tensors of one network alone", fault: Fault.Request);
    }
}
