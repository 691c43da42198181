using System.IO.Compression;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Models;
using Gradus.Torch.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Checkpoints;

public sealed class PthFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds => ["zip", "deflated", "stream"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Views_of_one_storage_come_as_row_major_tensors_of_their_own(string kind)
    {
        // arange(24).reshape(2, 3, 4): the whole, permuted, a slice, a diagonal, one number, an expanded number, nothing.
        byte[] pickle = new PickleWriter().Dict(
            ("whole", w => w.Tensor("0", "Float", 24, 0, [2, 3, 4], [12, 4, 1])),
            ("permuted", w => w.Tensor("0", "Float", 24, 0, [4, 2, 3], [1, 12, 4])),
            ("slice", w => w.Tensor("0", "Float", 24, 13, [3, 2], [4, 1])),
            ("diagonal", w => w.Tensor("0", "Float", 24, 0, [3], [5])),
            ("scalar", w => w.Tensor("0", "Float", 24, 23, [], [])),
            ("expanded", w => w.Tensor("0", "Float", 24, 7, [2, 2], [0, 0])),
            ("empty", w => w.Tensor("0", "Float", 24, 24, [0, 3], [3, 1])),
            ("alone", w => w.Tensor("1", "Float", 6, 2, [2, 2], [1, 2]))).Done();
        using WeightsFile file = Open(kind, pickle, ("0", PickleWriter.Floats(24), 4), ("1", PickleWriter.Floats(6, 100), 4));
        Assert.Equal(["whole", "permuted", "slice", "diagonal", "scalar", "expanded", "empty", "alone"], file.Names);
        Assert.Equal([.. Enumerable.Range(0, 24)], Values(file, "whole"));
        Assert.Equal([0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23], Values(file, "permuted"));
        Assert.Equal([13, 14, 17, 18, 21, 22], Values(file, "slice"));
        Assert.Equal([0, 5, 10], Values(file, "diagonal"));
        Assert.Equal([23], Values(file, "scalar"));
        Assert.Equal([7, 7, 7, 7], Values(file, "expanded"));
        Assert.Equal([], Values(file, "empty"));
        Assert.Equal([102, 104, 103, 105], Values(file, "alone"));
        Assert.Equal(("3x2", 24L, "scalar"), (file["slice"].ShapeText, file["slice"].Bytes, file["scalar"].ShapeText));

        using Tensor changed = file.Load("slice"), again = file.Load("whole");
        changed.zero_();
        Assert.Equal(276, again.sum().item<float>()); // nobody shares numbers with anybody
        Assert.Equal(276, Values(file, "whole").Sum());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_element_type_has_its_values(string kind)
    {
        byte[] pickle = new PickleWriter().Dict(
            ("d", w => w.Tensor("d", "Double", 1, 0, [1], [1])), ("h", w => w.Tensor("h", "Half", 1, 0, [1], [1])),
            ("b", w => w.Tensor("b", "BFloat16", 1, 0, [1], [1])), ("l", w => w.Tensor("l", "Long", 1, 0, [], [])),
            ("i", w => w.Tensor("i", "Int", 1, 0, [1], [1])), ("s", w => w.Tensor("s", "Short", 1, 0, [1], [1])),
            ("c", w => w.Tensor("c", "Char", 1, 0, [1], [1])), ("u", w => w.Tensor("u", "Byte", 1, 0, [1], [1])),
            ("t", w => w.Tensor("t", "Bool", 2, 0, [2], [1]))).Done();
        using WeightsFile file = Open(
            kind, pickle, ("d", BitConverter.GetBytes(1.5), 8), ("h", BitConverter.GetBytes((Half)1.5f), 2), ("b", [0xc0, 0x3f], 2), ("l", BitConverter.GetBytes(-7L), 8),
            ("i", BitConverter.GetBytes(-7), 4), ("s", BitConverter.GetBytes((short)-7), 2), ("c", [0xf9], 1), ("u", [0xf9], 1), ("t", [1, 0], 1));
        ScalarType[] types = [ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool];
        Assert.Equal(types, file.Entries.Select(e => e.Type));
        Assert.Equal([1.5f, 1.5f, 1.5f, -7, -7, -7, -7, 249, 1, 0], file.Names.SelectMany(n => Values(file, n)));
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model")]
    [InlineData("state_dict_ema")]
    [InlineData("somewhere_else")]
    public void A_training_checkpoint_gives_the_network_and_leaves_the_rest(string key)
    {
        byte[] pickle = new PickleWriter().Dict(
            ("epoch", w => w.Int(90)), ("lr", w => w.Op('G').Raw(0x3f, 0x50, 0x62, 0x4d, 0xd2, 0xf1, 0xa9, 0xfc)), ("best", w => w.Op('N')),
            ("steps", w => w.Op(']').Op('(').Int(1).Int(1L << 40).Op('e')),
            ("optimizer", w => w.Dict(("state", v => v.Dict()), ("param_groups", v => v.Op(']').Dict(("lr", x => x.Int(1))).Op('a')))),
            (key, w => w.Dict(("version", v => v.Text("1")), ("fc.weight", v => v.Tensor("0", "Float", 2, 0, [2], [1]))))).Done();
        using WeightsFile file = Open("zip", pickle, ("0", PickleWriter.Floats(2), 4));
        Assert.Equal(["fc.weight"], file.Names);
        Assert.Equal($"PyTorch zip, under '{key}'", file.Format);
    }

    [Fact]
    public void The_tensors_of_the_network_are_preferred_to_a_best_score_that_is_a_tensor()
    {
        byte[] pickle = new PickleWriter().Dict(
            ("best", w => w.Tensor("1", "Float", 1, 0, [], [])),
            ("model", w => w.Dict(("a", v => v.Tensor("0", "Float", 2, 0, [2], [1]))))).Done();
        using WeightsFile file = Open("stream", pickle, ("1", PickleWriter.Floats(1), 4), ("0", PickleWriter.Floats(2), 4));
        Assert.Equal(["a"], file.Names);
    }

    [Fact]
    public void Two_networks_in_one_file_are_refused_with_their_keys()
    {
        byte[] pickle = new PickleWriter().Dict(
            ("teacher", w => w.Dict(("a", v => v.Tensor("0", "Float", 2, 0, [2], [1])))),
            ("student", w => w.Dict(("a", v => v.Tensor("0", "Float", 2, 0, [2], [1]))))).Done();
        Assert.Contains("'teacher', 'student'", Assert.Throws<GradusException>(() => Open("zip", pickle, ("0", PickleWriter.Floats(2), 4))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ordered_dictionaries_parameters_and_sizes_of_all_protocols_are_read()
    {
        // As protocol 4 writes them: frames, short texts, memo, globals from the stack; with a state dict's versions as attributes.
        PickleWriter w = new PickleWriter(4).Raw(0x95, 0, 0, 0, 0, 0, 0, 0, 0);
        w.Raw(0x8c, 11).Raw("collections"u8).Raw(0x94, 0x8c, 11).Raw("OrderedDict"u8).Raw(0x94, 0x93, 0x94).Op(')').Op('R').Raw(0x94).Op('(');
        w.Raw(0x8c, 1).Raw("a"u8).Global("torch._utils", "_rebuild_parameter").Op('(').Tensor("0", "Float", 2, 0, [2], [1]).Raw(0x88).Op('h').Raw(2).Op(')').Op('R').Op('t').Op('R');
        w.Raw(0x8c, 1).Raw("b"u8).Global("torch.nn.parameter", "Parameter").Tensor("0", "Float", 2, 0, [2], [1]).Raw(0x85).Op('R').Ints(1, 0).Op('b');
        w.Raw(0x8c, 1).Raw("c"u8).Global("torch._utils", "_rebuild_tensor").Op('(').Storage("0", "Float", 2).Int(1).Global("torch", "Size").Ints(1).Raw(0x85).Op('R').Ints(1).Op('t').Op('R');
        w.Op('u').Dict(("_metadata", m => m.Dict(("", v => v.Dict(("version", x => x.Int(1))))))).Op('b');
        using WeightsFile file = Open("zip", w.Done(), ("0", PickleWriter.Floats(2), 4));
        Assert.Equal(["a", "b", "c"], file.Names);
        Assert.Equal([0, 1, 0, 1, 1], file.Names.SelectMany(n => Values(file, n)));
    }

    [Fact]
    public void An_ordered_dictionary_of_Python_2_is_read()
    {
        PickleWriter w = new PickleWriter().Global("collections", "OrderedDict").Op(']').Op(']').Op('(').Op('U').Raw(1).Raw("a"u8).Tensor("0", "Float", 2, 0, [2], [1]).Op('e').Op('a').Raw(0x85).Op('R');
        using WeightsFile file = Open("stream", w.Done(), ("0", PickleWriter.Floats(2), 4));
        Assert.Equal(["a"], file.Names);
    }

    [Fact]
    public void Loading_leaves_no_tensor_behind()
    {
        byte[] pickle = new PickleWriter().Dict(
            ("a", w => w.Tensor("0", "Float", 4, 0, [2, 2], [1, 2])), ("b", w => w.Tensor("0", "Float", 4, 0, [4], [1])), ("c", w => w.Tensor("1", "Float", 4, 0, [2, 2], [1, 2]))).Done();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (WeightsFile file = Open("zip", pickle, ("0", PickleWriter.Floats(4), 4), ("1", PickleWriter.Floats(4), 4)))
        {
            foreach (string name in file.Names)
                file.Load(name).Dispose();
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_storage_of_several_chunks_is_read_whole_from_every_kind()
    {
        const int Count = 5_000_001; // 20 MB, two chunks
        byte[] pickle = new PickleWriter().Dict(("large", w => w.Tensor("0", "Float", Count, 1, [Count - 1], [1]))).Done();
        byte[] content = PickleWriter.Floats(Count);
        foreach (string kind in Kinds.Select(k => k.Data))
        {
            using WeightsFile file = Open(kind, pickle, ("0", content, 4));
            using Tensor large = file.Load("large");
            Assert.True(content.AsSpan(4).SequenceEqual(large.bytes), kind);
        }
    }

    [Fact]
    public async Task Several_threads_may_load_at_once()
    {
        byte[] pickle = new PickleWriter().Dict(
            ("a", w => w.Tensor("0", "Float", 1000, 0, [10, 100], [1, 10])), ("b", w => w.Tensor("0", "Float", 1000, 500, [500], [1])), ("c", w => w.Tensor("1", "Float", 1000, 0, [1000], [1]))).Done();
        using WeightsFile file = Open("deflated", pickle, ("0", PickleWriter.Floats(1000), 4), ("1", PickleWriter.Floats(1000), 4));
        float[][] sums = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 50).SelectMany(_ => file.Names.Select(n => Values(file, n).Sum())).Distinct().ToArray())));
        Assert.All(sums, s => Assert.Equal([499500, 374750], s));
    }

    [Fact]
    public void A_real_file_of_the_old_format_has_exactly_the_tensors_of_its_safetensors_twin()
    {
        using WeightsFile old = WeightsFile.Open(RealFiles.Weights("legacy/resnet20-12fca82f.th")), twin = WeightsFile.Open(RealFiles.Weights("legacy/resnet20-12fca82f.safetensors"));
        Assert.Equal("PyTorch before 1.6, under 'state_dict'", old.Format);
        string wrapper = PublishedNames.Wrapper(old.Entries);
        Assert.Equal("module.", wrapper); // it was trained on several GPUs
        Assert.Equal(twin.Names.Select(n => wrapper + n).Order(StringComparer.Ordinal), old.Names.Order(StringComparer.Ordinal));
        Assert.NotEmpty(twin.Names);
        foreach (string name in twin.Names)
        {
            Assert.Equal((twin[name].Type, twin[name].ShapeText), (old[wrapper + name].Type, old[wrapper + name].ShapeText));
            using Tensor a = old.Load(wrapper + name), b = twin.Load(name);
            Assert.True(a.bytes.SequenceEqual(b.bytes), name);
        }
    }

    private WeightsFile Open(string kind, byte[] pickle, params (string Key, byte[] Bytes, int ElementSize)[] storages) => WeightsFile.Open(_folder.Write($"{Guid.NewGuid():N}.pth", kind switch
    {
        "stream" => PickleWriter.Stream(pickle, storages),
        "zip" => PickleWriter.Zip(pickle, storages.Select(s => (s.Key, s.Bytes))),
        _ => PickleWriter.Zip(pickle, storages.Select(s => (s.Key, s.Bytes)), CompressionLevel.Optimal),
    }));

    private static float[] Values(WeightsFile file, string name)
    {
        using Tensor tensor = file.Load(name);
        Assert.True(tensor.is_contiguous());
        using Tensor floats = tensor.to(ScalarType.Float32);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(floats.bytes).ToArray();
    }
}
