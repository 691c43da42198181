using System.Text;

namespace Gradus.Torch.Checkpoints.Pickle;

/// <summary>The bytes of pickles, read forward once.</summary>
/// <param name="stream">Where they come from, at their beginning.</param>
/// <param name="length">How many there are at most.</param>
/// <param name="path">The file, for messages.</param>
/// <param name="part">The part of the file that positions count in, for messages: <c> of data.pkl</c>; empty for the file itself.</param>
internal sealed class PickleInput(Stream stream, long length, string path, string part)
{
    private const int BufferBytes = 1 << 14;
    private const int LongestText = 1 << 20;
    private const int LongestLine = 256;

    private byte[] _buffer = new byte[(int)Math.Min(BufferBytes, Math.Max(length, 16))];
    private int _start;
    private int _end;

    /// <summary>Bytes consumed.</summary>
    public long Position { get; private set; }

    private long Left => length - Position;

    /// <summary>The next byte.</summary>
    public byte Byte() => Bytes(1)[0];

    /// <summary>Leaves out a few bytes.</summary>
    public void Skip(int count) => Bytes(count);

    /// <summary>The next bytes, valid until the next call.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Left)
            throw Refusal("is cut off: the pickle ends early", Position, "Get the file again");
        if (_end - _start < count)
            Fill(count);
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, count);
        _start += count;
        Position += count;
        return bytes;
    }

    /// <summary>Bytes whose count the pickle states, within reason.</summary>
    public ReadOnlySpan<byte> Counted(ulong count) => count <= LongestText
        ? Bytes((int)count)
        : throw Refusal($"has a text or number of {count} bytes, more than {LongestText}", Position);

    /// <summary>Text in UTF-8 up to a line feed.</summary>
    public string Line()
    {
        var line = new List<byte>(48);
        for (byte b = Byte(); b != '\n'; b = Byte())
        {
            if (line.Count == LongestLine)
                throw Refusal($"has a name of more than {LongestLine} bytes", Position);
            line.Add(b);
        }
        return Encoding.UTF8.GetString([.. line]);
    }

    /// <summary>A refusal that names the byte.</summary>
    public GradusException Refusal(string problem, long at, string remedy = "Get the file again from its publisher") =>
        new($"{problem} (byte {at}{part})", path, remedy: remedy, fault: Fault.Request);

    private void Fill(int count)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_buffer.Length < count)
            Array.Resize(ref _buffer, count);
        int most = (int)Math.Min(_buffer.Length, Left);
        while (_end < count)
        {
            int read = stream.Read(_buffer, _end, most - _end);
            if (read == 0)
                throw Refusal("is cut off: the pickle ends early", Position, "Get the file again");
            _end += read;
        }
    }
}
