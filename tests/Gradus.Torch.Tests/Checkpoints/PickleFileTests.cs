using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Gradus.Torch.Checkpoints;
using Gradus.Torch.Tests.Models;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Checkpoints;

public sealed class PickleFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_real_file_of_the_old_format_holds_exactly_the_tensors_of_the_safetensors_beside_it()
    {
        using WeightsFile pickle = WeightsFile.Open(RealFiles.Weights("legacy/resnet20-12fca82f.th")), safe = WeightsFile.Open(RealFiles.Weights("legacy/resnet20-12fca82f.safetensors"));
        Assert.IsType<PickleFile>(pickle);
        Assert.Equal(safe.Names.Order(StringComparer.Ordinal), pickle.Names.Order(StringComparer.Ordinal));
        foreach (string name in safe.Names)
        {
            using Tensor expected = safe.Load(name), actual = pickle.Load(name);
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.True(expected.shape.SequenceEqual(actual.shape) && expected.equal(actual).all().item<bool>(), name);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Views_and_transposed_tensors_arrive_in_order(bool zip)
    {
        var pickle = new PickleText().Dictionary(
            ("a", p => p.Tensor("0", 6, 0, [2, 3], [3, 1])),
            ("turned", p => p.Tensor("0", 6, 0, [3, 2], [1, 3])),
            ("part", p => p.Tensor("0", 6, 4, [2], [1])),
            ("none", p => p.Tensor("0", 6, 0, [0, 3], [3, 1])),
            ("epoch", p => p.Number(7)));
        using WeightsFile file = WeightsFile.Open(Write(zip, pickle, [1, 2, 3, 4, 5, 6]));
        Assert.Equal(["a", "turned", "part", "none"], file.Names);
        Assert.Equal([1, 2, 3, 4, 5, 6], Numbers(file, "a"));
        Assert.Equal([1, 4, 2, 5, 3, 6], Numbers(file, "turned"));
        Assert.Equal([5, 6], Numbers(file, "part"));
        Assert.Empty(Numbers(file, "none"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_state_dict_of_a_training_state_is_found_and_its_wrapper_removed(bool zip)
    {
        var pickle = new PickleText().Dictionary(
            ("best", p => p.Tensor("0", 2, 0, [], [])),
            ("state_dict", p => p.Dictionary(
                ("module.fc.weight", q => q.Tensor("0", 2, 0, [2], [1])),
                ("module.fc.bias", q => q.Tensor("0", 2, 1, [1], [1])))));
        using WeightsFile file = WeightsFile.Open(Write(zip, pickle, [8, 9]));
        Assert.Equal(["fc.weight", "fc.bias"], file.Names);
        Assert.Equal([9], Numbers(file, "fc.bias"));
    }

    [Theory]
    [InlineData("posix", "system", true)]
    [InlineData("os", "system", false)]
    [InlineData("builtins", "eval", true)]
    [InlineData("torch.nn.modules.container", "Sequential", true)]
    public void A_pickle_that_calls_anything_else_is_refused_and_nothing_is_run(string module, string name, bool zip)
    {
        string witness = _folder.File("witness");
        var pickle = new PickleText().Dictionary(("w", p => p.Tensor("0", 1, 0, [1], [1])), ("x", p => p.Call(module, name, $"touch {witness}")));
        GradusException error = Assert.Throws<GradusException>(() => WeightsFile.Open(Write(zip, pickle, [1])));
        Assert.Equal(Fault.Request, error.Fault);
        Assert.Contains($"'{module}.{name}'", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(witness));
    }

    public static TheoryData<string, Func<PickleText, PickleText>> Hostile => new()
    {
        { "a tensor beyond its numbers", p => p.Dictionary(("w", q => q.Tensor("0", 2, 1, [2], [1]))) },
        { "a tensor far beyond", p => p.Dictionary(("w", q => q.Tensor("0", 2, 0, [1 << 30, 1 << 30], [1, 1]))) },
        { "one number many times over", p => p.Dictionary(("w", q => q.Tensor("0", 2, 0, [1 << 30], [0]))) },
        { "a storage larger than the file", p => p.Dictionary(("w", q => q.Tensor("0", int.MaxValue, 0, [2], [1]))) },
        { "a negative stride", p => p.Dictionary(("w", q => q.Tensor("0", 2, 1, [2], [-1]))) },
        { "a million open lists", p => p.Raw([.. Enumerable.Repeat((byte)'(', 1_000_000)]) },
        { "a text of two gigabytes", p => p.Raw([(byte)'X', 0xFF, 0xFF, 0xFF, 0x7F]) },
        { "an end without a beginning", p => p.Raw([(byte)'t']) },
        { "a slot that is empty", p => p.Raw([(byte)'h', 5]) },
        { "an opcode of newer pickles", p => p.Raw([0x81]) },
        { "an extension", p => p.Raw([0x82, 1]) },
        { "a persistent thing of another kind", p => p.Raw([(byte)'N', (byte)'Q']) },
        { "no dictionary", p => p.Number(3) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_and_damaged_descriptions_are_refused(string what, Func<PickleText, PickleText> write)
    {
        foreach (bool zip in new[] { true, false })
        {
            string file = Write(zip, write(new PickleText()), [1, 2]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            GradusException error = Assert.Throws<GradusException>(() => WeightsFile.Open(file));
            Assert.True(error.Fault == Fault.Request, what);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60 * new FileInfo(file).Length + 2_000_000);
        }
    }

    [Fact]
    public void Changed_files_are_read_or_refused_and_never_more()
    {
        double seconds = double.TryParse(Environment.GetEnvironmentVariable("GRADUS_FUZZ_SECONDS"), out double asked) ? asked : 3;
        var pickle = new PickleText().Dictionary(
            ("state_dict", p => p.Dictionary(("module.a", q => q.Tensor("0", 6, 0, [2, 3], [3, 1])), ("module.b", q => q.Tensor("0", 6, 0, [3, 2], [1, 3])))),
            ("epoch", p => p.Number(7)));
        byte[][] seeds = [File.ReadAllBytes(Write(true, pickle, [1, 2, 3, 4, 5, 6])), File.ReadAllBytes(Write(false, pickle, [1, 2, 3, 4, 5, 6]))];
        Random random = RandomStream.Create(1, "fuzz", (int)Math.Min(seconds, 1e6));
        string path = _folder.File("fuzzed");
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        int read = 0, refused = 0;
        long most = 0;
        while (System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            byte[] bytes = Mutate(seeds[random.Next(2)], seeds[random.Next(2)], random);
            _folder.Write("fuzzed", bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var scope = NewDisposeScope();
                using WeightsFile file = WeightsFile.Open(path);
                foreach (string name in file.Names)
                    _ = file.Load(name);
                read++;
            }
            catch (GradusException)
            {
                refused++;
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused");
        Assert.InRange(most, 0, 3_000_000);
        TestContext.Current.SendDiagnosticMessage($"{read} read, {refused} refused, at most {most} bytes allocated");
    }

    private static byte[] Mutate(byte[] a, byte[] b, Random random)
    {
        byte[] bytes = [.. a];
        switch (random.Next(4))
        {
            case 0: // cut
                return bytes[..random.Next(bytes.Length)];
            case 1: // splice
                return [.. a[..random.Next(a.Length)], .. b[random.Next(b.Length)..]];
            case 2: // repeat a piece
                int from = random.Next(a.Length), length = random.Next(a.Length - from);
                return [.. a[..from], .. a[from..(from + length)], .. a[from..]];
            default: // change bytes
                for (int n = 1 + random.Next(6); n > 0; n--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
        }
    }

    private static float[] Numbers(WeightsFile file, string name)
    {
        using Tensor tensor = file.Load(name);
        Assert.True(tensor.is_contiguous());
        return [.. tensor.data<float>()];
    }

    /// <summary>A file of either format around a pickle, with one storage "0" of the given numbers.</summary>
    private string Write(bool zip, PickleText pickle, float[] numbers)
    {
        byte[] storage = [.. numbers.SelectMany(BitConverter.GetBytes)];
        string path = _folder.File(Guid.NewGuid().ToString("N"));
        if (zip)
        {
            using FileStream stream = File.Create(path);
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create);
            Entry(archive, "archive/data.pkl", pickle.End());
            Entry(archive, "archive/byteorder", "little"u8.ToArray());
            Entry(archive, "archive/data/0", storage);
            return path;
        }
        var count = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(count, numbers.Length);
        return _folder.Write(Path.GetFileName(path), [
            0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.',
            0x80, 2, (byte)'M', 0xe9, 3, (byte)'.',
            .. new PickleText().Dictionary(("little_endian", p => p.Raw([0x88]))).End(),
            .. pickle.End(),
            0x80, 2, (byte)']', (byte)'X', 1, 0, 0, 0, (byte)'0', (byte)'a', (byte)'.',
            .. count, .. storage]);
    }

    private static void Entry(ZipArchive archive, string name, byte[] bytes)
    {
        using Stream stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(bytes);
    }

    /// <summary>Writes pickles by hand, opcode by opcode.</summary>
    public sealed class PickleText
    {
        private readonly List<byte> _bytes = [];

        public byte[] End() => [0x80, 2, .. _bytes, (byte)'.'];

        public PickleText Raw(byte[] bytes)
        {
            _bytes.AddRange(bytes);
            return this;
        }

        public PickleText Number(int value) => Raw([(byte)'J', .. BitConverter.GetBytes(value)]);

        public PickleText Text(string text) => Raw([(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)]);

        public PickleText Dictionary(params (string Key, Func<PickleText, PickleText> Value)[] pairs)
        {
            Raw([(byte)'}', (byte)'(']);
            foreach ((string key, Func<PickleText, PickleText> value) in pairs)
                value(Text(key));
            return Raw([(byte)'u']);
        }

        public PickleText Tensor(string key, int storageCount, int offset, int[] shape, int[] stride)
        {
            Raw(Encoding.ASCII.GetBytes("ctorch._utils\n_rebuild_tensor_v2\n((")).Text("storage").Raw(Encoding.ASCII.GetBytes("ctorch\nFloatStorage\n")).Text(key).Text("cpu").Number(storageCount).Raw([(byte)'t', (byte)'Q']).Number(offset);
            foreach (int[] sizes in new[] { shape, stride })
            {
                Raw([(byte)'(']);
                foreach (int size in sizes)
                    Number(size);
                Raw([(byte)'t']);
            }
            return Raw([0x89, .. Encoding.ASCII.GetBytes("ccollections\nOrderedDict\n)R"), (byte)'t', (byte)'R']);
        }

        public PickleText Call(string module, string name, string argument) => Raw(Encoding.ASCII.GetBytes($"c{module}\n{name}\n")).Text(argument).Raw([0x85, (byte)'R']);
    }
}
