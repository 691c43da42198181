using System.Buffers.Binary;
using System.Text;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Checkpoints;

public sealed class SafetensorsMalformedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"v":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "v", "overlaps")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"v":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "v", "gap")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "w", "gap")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, null, "do not fill")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "w", "outside")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "w", "outside")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "w", "12 bytes")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "w", "too large")]
    [InlineData("""{"w":{"dtype":"F32","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}}""", 0, "w", "too large")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}""", 0, "w", "whole numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "w", "whole numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}}""", 4, "w", "whole numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,2,4]}}""", 4, "w", "more than 2")]
    [InlineData("""{"w":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "w", "dtype")]
    [InlineData("""{"w":{"shape":[1],"data_offsets":[0,4]}}""", 4, "w", "needs")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "w", "needs")]
    [InlineData("""{"w":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "w", "twice")]
    [InlineData("""{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "w", "twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__", "twice")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "__metadata__.a", "twice")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__.a", "string")]
    [InlineData("""{"w":[]}""", 0, "w", "object")]
    [InlineData("""[]""", 0, null, "object")]
    [InlineData("""{}{}""", 0, null, "JSON")]
    [InlineData("""{"w":""", 0, null, "JSON")]
    [InlineData("", 0, null, "JSON")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, null, "JSON")]
    public void A_header_that_lies_is_refused_and_the_tensor_named(string header, int dataBytes, string? tensor, string problem)
    {
        string path = _folder.Write("bad.safetensors", FileOf(header, dataBytes));
        GradusException e = Assert.Throws<GradusException>(() => WeightsFile.Open(path));
        Assert.Equal(path, e.Where);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        if (tensor is not null)
            Assert.Contains($"'{tensor}'", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(3UL)]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void A_header_length_that_cannot_be_is_refused_without_taking_memory(ulong length)
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        string path = _folder.Write("length.safetensors", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<GradusException>(() => WeightsFile.Open(path));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Memory_stays_within_a_few_times_the_size_of_a_hostile_header()
    {
        string header = "{\"w\":{\"shape\":[" + string.Join(',', Enumerable.Repeat("0", 2_000_000)) + "]}}";
        string path = _folder.Write("hostile.safetensors", FileOf(header, 0));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<GradusException>(() => WeightsFile.Open(path));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2L * header.Length);
    }

    [Fact]
    public void A_file_that_is_empty_absent_or_a_folder_is_refused()
    {
        Assert.Throws<GradusException>(() => WeightsFile.Open(_folder.Write("empty")));
        Assert.Equal(Fault.Request, Assert.Throws<GradusException>(() => WeightsFile.Open(_folder.File("absent"))).Fault);
        Assert.Throws<GradusException>(() => WeightsFile.Open(_folder.Path));
    }

    [Fact]
    public void A_flipped_bit_is_read_as_something_valid_or_refused()
    {
        using var scope = NewDisposeScope();
        string whole = _folder.File("whole");
        SafetensorsFile.Write(whole, [("a.weight", ones(2, 3)), ("n", tensor(5L)), ("t", tensor(new[] { true, false })), ("h", ones([2], ScalarType.Float16))], new Dictionary<string, string> { ["k"] = "v" });
        byte[] bytes = File.ReadAllBytes(whole);
        int refused = 0;
        for (int bit = 0; bit < bytes.Length * 8; bit += 3) // every byte twice or thrice, at changing places
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            refused += IsRefused(_folder.Write("flipped", flipped)) ? 1 : 0;
        }
        Assert.InRange(refused, bytes.Length, bytes.Length * 3);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        using var scope = NewDisposeScope();
        string whole = _folder.File("whole");
        SafetensorsFile.Write(whole, [("a.weight", ones(2, 3)), ("n", tensor(5L))], new Dictionary<string, string>());
        byte[] bytes = File.ReadAllBytes(whole);
        for (int length = 0; length < bytes.Length; length++)
            Assert.True(IsRefused(_folder.Write("cut", bytes.AsSpan(0, length))), $"{length} of {bytes.Length} bytes");
    }

    [Fact]
    public void A_truth_value_other_than_0_and_1_is_refused()
    {
        byte[] bytes = FileOf("""{"t":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", 2);
        bytes[^1] = 2;
        using WeightsFile file = WeightsFile.Open(_folder.Write("bool", bytes));
        Assert.Contains("'t'", Assert.Throws<GradusException>(() => file.Load("t")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_shrinks_while_open_and_an_unknown_name_are_refused()
    {
        string path = _folder.Write("shrinks", FileOf("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8));
        using WeightsFile file = WeightsFile.Open(path);
        Assert.Contains("'v'", Assert.Throws<GradusException>(() => file.Load("v")).Message, StringComparison.Ordinal);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            stream.SetLength(stream.Length - 1);
        Assert.Contains("shorter", Assert.Throws<GradusException>(() => file.Load("w")).Message, StringComparison.Ordinal);
    }

    private static bool IsRefused(string path)
    {
        try
        {
            using WeightsFile file = WeightsFile.Open(path);
            foreach (string name in file.Names)
                file.Load(name).Dispose();
            return false;
        }
        catch (GradusException)
        {
            return true;
        }
    }

    private static byte[] FileOf(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }
}
