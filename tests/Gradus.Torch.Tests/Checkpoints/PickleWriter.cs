using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Gradus.Torch.Tests.Checkpoints;

/// <summary>Writes pickles opcode by opcode, and the two kinds of file that PyTorch keeps them in.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [];

    public PickleWriter(byte protocol = 2) => Raw(0x80, protocol);

    public PickleWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Op(char opcode) => Raw((byte)opcode);

    public PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Op('X').Number(utf8.Length).Raw(utf8);
    }

    public PickleWriter Int(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
            return Op('J').Number((int)value);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8a, 8).Raw(bytes);
    }

    public PickleWriter Global(string module, string name) => Op('c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleWriter Ints(params ReadOnlySpan<long> values)
    {
        Op('(');
        foreach (long value in values)
            Int(value);
        return Op('t');
    }

    public PickleWriter Storage(string key, string type, long count) =>
        Op('(').Text("storage").Global("torch", type + "Storage").Text(key).Text("cuda:0").Int(count).Op('t').Op('Q');

    public PickleWriter Tensor(string key, string type, long count, long offset, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(key, type, count).Int(offset).Ints(shape).Ints(strides)
            .Raw(0x89).Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    public PickleWriter Dict(params ReadOnlySpan<(string Key, Action<PickleWriter> Value)> items)
    {
        Op('}').Op('(');
        foreach ((string key, Action<PickleWriter> value) in items)
            value(Text(key));
        return Op('u');
    }

    public byte[] Done()
    {
        Op('.');
        return [.. _bytes];
    }

    /// <summary>The format since PyTorch 1.6.</summary>
    public static byte[] Zip(byte[] pickle, IEnumerable<(string Key, byte[] Bytes)> storages, CompressionLevel level = CompressionLevel.NoCompression, string extra = "byteorder", string content = "little")
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "archive/data.pkl", pickle);
            Add(archive, $"archive/{extra}", Encoding.UTF8.GetBytes(content));
            foreach ((string key, byte[] numbers) in storages)
                Add(archive, $"archive/data/{key}", numbers);
        }
        return bytes.ToArray();

        void Add(ZipArchive archive, string name, byte[] member)
        {
            using Stream stream = archive.CreateEntry(name, level).Open();
            stream.Write(member);
        }
    }

    /// <summary>The format before PyTorch 1.6; each storage has elements of the given size.</summary>
    public static byte[] Stream(byte[] pickle, IEnumerable<(string Key, byte[] Bytes, int ElementSize)> storages, bool littleEndian = true)
    {
        using var bytes = new MemoryStream();
        bytes.Write([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);
        bytes.Write([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.']);
        bytes.Write(new PickleWriter().Dict(("protocol_version", w => w.Int(1001)), ("little_endian", w => w.Raw((byte)(littleEndian ? 0x88 : 0x89)))).Done());
        bytes.Write(pickle);
        var keys = new PickleWriter().Op(']').Op('(');
        foreach ((string key, _, _) in storages)
            keys.Text(key);
        bytes.Write(keys.Op('e').Done());
        foreach ((_, byte[] content, int size) in storages)
        {
            bytes.Write(BitConverter.GetBytes((long)content.Length / size));
            bytes.Write(content);
        }
        return bytes.ToArray();
    }

    public static byte[] Floats(int count, float first = 0) =>
        MemoryMarshal.AsBytes<float>(Enumerable.Range(0, count).Select(i => first + i).ToArray()).ToArray();

    private PickleWriter Number(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }
}
