using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Gradus.Torch.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Checkpoints;

public sealed class SafetensorsRoundTripTests : IDisposable
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64,
        ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64,
    ];

    private static readonly Gen<(string Name, long[] Shape, int Type, int Fill)> Tensors = Gen.Select(
        Gen.String[Gen.Char["abcä.0/\"\\\n 漢"], 1, 12], Gen.Long[0, 4].Array[0, 4], Gen.Int[0, Types.Length - 1], Gen.Int[0, 1000]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back_bit_for_bit()
    {
        Gen.Select(Tensors.List[0, 6], Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 0, 6], Gen.String[Gen.Char["x\"\\\n漢"], 0, 9])[0, 4]).Sample((specs, metadata) =>
        {
            using var scope = NewDisposeScope();
            (string Name, Tensor Tensor)[] tensors = [.. specs.DistinctBy(s => s.Name).Select(s => (s.Name, Filled(s.Shape, Types[s.Type], s.Fill)))];
            string path = _folder.File("round.safetensors");
            SafetensorsFile.Write(path, tensors, metadata);
            using WeightsFile file = WeightsFile.Open(path);
            Assert.Equal(metadata.OrderBy(p => p.Key, StringComparer.Ordinal), file.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal));
            Assert.Equal(tensors.Select(t => t.Name).Order(StringComparer.Ordinal), file.Names);
            foreach ((string name, Tensor tensor) in tensors)
            {
                Tensor back = file.Load(name);
                Assert.Equal(tensor.shape, back.shape);
                Assert.Equal(tensor.dtype, back.dtype);
                Assert.Equal(tensor.bytes.ToArray(), back.bytes.ToArray());
                Assert.Equal(tensor.shape, file[name].Shape.AsSpan());
            }
        }, iter: 150, threads: 1);
    }

    [Fact]
    public void Equal_content_gives_equal_bytes_in_any_order()
    {
        using var scope = NewDisposeScope();
        Tensor a = Filled([3, 2], ScalarType.Float32, 1), b = Filled([5], ScalarType.Int64, 2), c = Filled([3], ScalarType.Bool, 3);
        SafetensorsFile.Write(_folder.File("1"), [("a", a), ("b", b), ("c", c)], new Dictionary<string, string> { ["y"] = "1", ["x"] = "2" });
        SafetensorsFile.Write(_folder.File("2"), [("c", c), ("b", b), ("a", a)], new Dictionary<string, string> { ["x"] = "2", ["y"] = "1" });
        Assert.Equal(File.ReadAllBytes(_folder.File("1")), File.ReadAllBytes(_folder.File("2")));
    }

    [Fact]
    public void Channels_last_and_transposed_tensors_are_written_row_major()
    {
        using var scope = NewDisposeScope();
        Tensor rowMajor = arange(2 * 3 * 4 * 5, ScalarType.Float32).reshape(2, 3, 4, 5);
        Tensor channelsLast = rowMajor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        Tensor transposed = rowMajor.reshape(6, 20).t();
        Assert.False(channelsLast.is_contiguous());
        SafetensorsFile.Write(_folder.File("strides"), [("w", channelsLast), ("t", transposed)], new Dictionary<string, string>());
        using WeightsFile file = WeightsFile.Open(_folder.File("strides"));
        Assert.Equal(rowMajor.data<float>().ToArray(), file.Load("w").data<float>().ToArray());
        Assert.Equal(transposed.contiguous().data<float>().ToArray(), file.Load("t").data<float>().ToArray());
    }

    [Fact]
    public void A_tensor_larger_than_one_chunk_comes_back()
    {
        using var scope = NewDisposeScope();
        Tensor large = arange(9_000_001, ScalarType.Int32); // 36 MB, three chunks
        SafetensorsFile.Write(_folder.File("large"), [("large", large)], new Dictionary<string, string>());
        using WeightsFile file = WeightsFile.Open(_folder.File("large"));
        Assert.True(file.Load("large").Equals(large));
    }

    [Fact]
    public void The_bytes_are_those_of_the_published_format()
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(_folder.File("exact"), [("b", tensor(new byte[] { 7 })), ("a", tensor(new float[] { 1f, 2f }))], new Dictionary<string, string> { ["k"] = "v" });
        byte[] bytes = File.ReadAllBytes(_folder.File("exact"));
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, header % 8);
        Assert.Equal(
            """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}""",
            Encoding.UTF8.GetString(bytes, 8, header).TrimEnd(' '));
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 7], bytes[(8 + header)..]);
    }

    [Fact]
    public void The_reserved_name_and_a_name_twice_are_refused()
    {
        using Tensor t = zeros(1);
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(_folder.File("x"), [("__metadata__", t)], new Dictionary<string, string>()));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(_folder.File("x"), [("a", t), ("a", t)], new Dictionary<string, string>()));
        Assert.False(File.Exists(_folder.File("x")));
    }

    [Fact]
    public void Reading_and_writing_leave_no_tensor_behind()
    {
        using Tensor t = ones([4, 4], ScalarType.Float32);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        SafetensorsFile.Write(_folder.File("leak"), [("t", t), ("u", t)], new Dictionary<string, string>());
        using (WeightsFile file = WeightsFile.Open(_folder.File("leak")))
        {
            using Tensor back = file.Load("t");
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Filled(long[] shape, ScalarType type, int fill)
    {
        long n = shape.Aggregate(1L, (a, b) => a * b);
        return arange(n, ScalarType.Int64).add(fill).remainder(type == ScalarType.Bool ? 2 : 101).to(type).reshape(shape);
    }
}
