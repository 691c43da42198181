using System.Buffers.Binary;
using System.IO.Compression;
using Gradus.Torch.Checkpoints;

namespace Gradus.Torch.Tests.Checkpoints;

public sealed class PthRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("nt", "system")]
    [InlineData("os", "system")]
    [InlineData("subprocess", "Popen")]
    public void A_pickle_that_starts_a_program_is_refused_by_name_and_nothing_is_started(string module, string function)
    {
        string marker = _folder.File("started");
        byte[] pickle = new PickleWriter().Global(module, function).Text($"touch {marker}").Raw(0x85).Op('R').Done();
        foreach (byte[] bytes in (byte[][])[PickleWriter.Zip(pickle, []), PickleWriter.Stream(pickle, []), pickle])
        {
            string message = Refusal(bytes);
            Assert.Contains($"{module}.{function}", message, StringComparison.Ordinal);
            Assert.Contains("nothing was executed (byte ", message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void A_call_of_eval_hidden_in_a_tensor_of_a_state_dict_is_refused_at_its_byte()
    {
        byte[] pickle = new PickleWriter().Op('}').Text("fc.weight").Raw(0x8c, 8).Raw("builtins"u8).Raw(0x8c, 4).Raw("eval"u8).Raw(0x93).Text("1+1").Raw(0x85).Op('R').Op('s').Done();
        Assert.Contains($"asks for builtins.eval, which weights do not need; nothing was executed (byte {pickle.AsSpan().IndexOf((byte)0x93)} of data.pkl)", Refusal(PickleWriter.Zip(pickle, [])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((byte)'i', "0x69 (INST)")]
    [InlineData((byte)'o', "0x6f (OBJ)")]
    [InlineData(0x81, "0x81 (NEWOBJ)")]
    [InlineData(0x92, "0x92 (NEWOBJ_EX)")]
    [InlineData(0x84, "0x84 (EXT)")]
    [InlineData((byte)'P', "0x50 (PERSID)")]
    [InlineData((byte)'I', "0x49")]
    [InlineData(0xff, "0xff")]
    public void Any_other_opcode_is_refused_by_name(byte opcode, string named)
    {
        byte[] pickle = new PickleWriter().Global("collections", "OrderedDict").Op(')').Raw(opcode).Done();
        Assert.Contains($"has the opcode {named}, which weights do not need", Refusal(PickleWriter.Zip(pickle, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_two_gigabytes_is_refused_without_taking_memory()
    {
        byte[] pickle = new PickleWriter().Raw(0x8b, 0xff, 0xff, 0xff, 0x7f).Done();
        Assert.Contains("(LONG4)", Refusal(PickleWriter.Zip(pickle, []), 1 << 18), StringComparison.Ordinal);
        byte[] text = new PickleWriter().Raw((byte)'X', 0xff, 0xff, 0xff, 0x7f).Done();
        Assert.Contains("2147483647 bytes", Refusal(PickleWriter.Stream(text, []), 1 << 18), StringComparison.Ordinal);
        byte[] wide = new PickleWriter().Raw(0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).Done();
        Assert.Contains("18446744073709551615 bytes", Refusal(PickleWriter.Stream(wide, []), 1 << 18), StringComparison.Ordinal);
    }

    [Fact]
    public void Bombs_of_nesting_memo_and_repetition_end_at_the_limit()
    {
        const int Million = 1_000_000;
        Assert.Contains("nested deeper", Refusal(PickleWriter.Zip(new PickleWriter().Raw(Repeated(Million, (byte)'(')).Done(), [])), StringComparison.Ordinal);
        Assert.Contains("in memory", Refusal(PickleWriter.Zip(new PickleWriter().Op(')').Raw(Repeated(Million, 0x85)).Done(), [])), StringComparison.Ordinal);
        Assert.Contains("open at once", Refusal(PickleWriter.Zip(new PickleWriter().Raw(Repeated(Million, (byte)'N')).Done(), [])), StringComparison.Ordinal);
        Assert.Contains("in memory", Refusal(PickleWriter.Stream(new PickleWriter().Op('N').Raw(Repeated(Million, 0x94)).Done(), [])), StringComparison.Ordinal);

        // Every opcode that makes something, as often as it likes: what it costs is counted.
        foreach (byte[] piece in (byte[][])[[(byte)'(', (byte)'t'], [(byte)']'], [(byte)'}'], [0x88, 0x85], [(byte)']', (byte)'N', (byte)'a'], [(byte)'}', (byte)'N', (byte)'N', (byte)'s'], [(byte)'M', 0, 9], [(byte)'U', 1, 65], [0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], [(byte)'N', 0x94, (byte)'a']])
        {
            foreach (int times in (int[])[100, 5000, 60_000])
                Refusal(PickleWriter.Zip(new PickleWriter().Op(']').Raw(Repeated(times, piece)).Done(), []));
        }

        // Each list holds the one before twice: 2^200 values if anybody counted them.
        PickleWriter laughs = new PickleWriter().Op(']').Op('q').Raw(0);
        for (byte i = 1; i <= 200; i++)
            laughs.Op(']').Op('(').Op('h').Raw((byte)(i - 1)).Op('h').Raw((byte)(i - 1)).Op('e').Op('q').Raw(i).Raw(0x86);
        Refusal(PickleWriter.Zip(laughs.Done(), []));

        // One list of pairs, made a dictionary again and again.
        PickleWriter again = new PickleWriter().Op(']').Op('q').Raw(0).Op('(');
        for (int i = 0; i < 1000; i++)
            again.Op('N').Op('N').Raw(0x86);
        again.Op('e');
        for (int i = 0; i < 5000; i++)
            again.Global("collections", "OrderedDict").Op('h').Raw(0).Raw(0x85).Op('R').Raw(0x86);
        Assert.Contains("in memory", Refusal(PickleWriter.Zip(again.Done(), [])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dictionary_that_holds_itself_ends_the_reading_and_nothing_else()
    {
        byte[] pickle = new PickleWriter().Op('}').Op('q').Raw(0).Text("model").Op('h').Raw(0).Op('s').Done();
        Assert.Contains("one dictionary of tensors", Refusal(PickleWriter.Zip(pickle, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_bomb_is_refused_by_what_it_declares_or_by_what_it_holds()
    {
        byte[] zeros = new byte[40_000_000];
        byte[] bomb = PickleWriter.Zip(Vector(10_000_000), [("0", zeros)], CompressionLevel.SmallestSize);
        Assert.True(bomb.Length < 100_000);
        Assert.Contains("more than a file of this size can hold", Refusal(bomb), StringComparison.Ordinal);
        Assert.Contains("more than a file of this size can hold", Refusal(PickleWriter.Zip(zeros, [], CompressionLevel.SmallestSize)), StringComparison.Ordinal);
        Assert.Contains("must have 16 bytes; found 40000000", Refusal(PickleWriter.Zip(Vector(4), [("0", zeros)], CompressionLevel.SmallestSize)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_of_members_without_end_is_refused_in_little_memory()
    {
        byte[] bytes = PickleWriter.Zip([], Enumerable.Range(0, 70_000).Select(i => ($"{i}", Array.Empty<byte>())));
        Assert.Contains("a zip archive of 70002", Refusal(bytes, 1 << 18), StringComparison.Ordinal);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 12), 5); // it says that there are five
        Refusal(bytes, 1 << 20);
    }

    [Theory]
    [InlineData(8, 1, "an encrypted archive")]
    [InlineData(10, 9, "another compression")] // Deflate64
    [InlineData(10, 12, "another compression")] // bzip2
    public void An_archive_that_PyTorch_would_not_write_is_refused(int field, byte value, string found)
    {
        byte[] bytes = PickleWriter.Zip(Vector(4), [("0", PickleWriter.Floats(4))]);
        bytes[bytes.AsSpan().LastIndexOf("PK\x01\x02"u8) + field] = value;
        Assert.Contains(found, Refusal(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 0, new long[] { 5 }, new long[] { 1 }, "outside its storage of 4")]
    [InlineData(4, 1, new long[] { 4 }, new long[] { 1 }, "outside")]
    [InlineData(4, -1, new long[] { 2 }, new long[] { 1 }, "outside")]
    [InlineData(4, 5, new long[] { 0 }, new long[] { 1 }, "outside")]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { 3, 1 }, "outside")]
    [InlineData(4, long.MaxValue, new long[] { 2 }, new long[] { long.MaxValue }, "outside")]
    [InlineData(4, 3, new long[] { 4 }, new long[] { -1 }, "stride that is no whole number")]
    [InlineData(4, 0, new long[] { -1 }, new long[] { 1 }, "size that is no whole number")]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { 1 }, "2 sizes and 1 strides")]
    [InlineData(4, 0, new long[] { 4294967296, 4294967296 }, new long[] { 0, 0 }, "too large to count")]
    [InlineData(4, 0, new long[] { 1000000, 1000000 }, new long[] { 0, 0 }, "many times its size")]
    [InlineData(4, 0, new long[] { 0, long.MaxValue, long.MaxValue }, new long[] { 1, 1, 1 }, "too large to count")]
    public void A_tensor_that_reaches_outside_its_storage_is_refused(long count, long offset, long[] shape, long[] strides, string says)
    {
        byte[] pickle = new PickleWriter().Dict(("w", w => w.Tensor("0", "Float", count, offset, shape, strides))).Done();
        Assert.Contains(says, Refusal(PickleWriter.Zip(pickle, [("0", PickleWriter.Floats((int)count))])), StringComparison.Ordinal);
        Assert.Contains(says, Refusal(PickleWriter.Stream(pickle, [("0", PickleWriter.Floats((int)count), 4)])), StringComparison.Ordinal);
    }

    [Fact]
    public void Storages_of_another_size_than_declared_or_absent_are_refused()
    {
        byte[] pickle = Vector(4);
        Assert.Contains("must have 16 bytes; found 12", Refusal(PickleWriter.Zip(pickle, [("0", PickleWriter.Floats(3))])), StringComparison.Ordinal);
        Assert.Contains("lacks the storage '0'", Refusal(PickleWriter.Zip(pickle, [("1", PickleWriter.Floats(4))])), StringComparison.Ordinal);
        Assert.Contains("must have 4 elements; found 5", Refusal(PickleWriter.Stream(pickle, [("0", PickleWriter.Floats(5), 4)])), StringComparison.Ordinal);
        Assert.Contains("is cut off", Refusal(PickleWriter.Stream(pickle, [("0", PickleWriter.Floats(3), 4)])), StringComparison.Ordinal);
        Assert.Contains("list of storages", Refusal(PickleWriter.Stream(pickle, [("1", PickleWriter.Floats(4), 4)])), StringComparison.Ordinal);
        Assert.Contains("lacks 1 of 1", Refusal(PickleWriter.Stream(pickle, [])), StringComparison.Ordinal);
        Assert.Contains("something follows", Refusal([.. PickleWriter.Stream(pickle, [("0", PickleWriter.Floats(4), 4)]), 0]), StringComparison.Ordinal);
        byte[] twice = new PickleWriter().Dict(("a", w => w.Tensor("0", "Float", 4, 0, [4], [1])), ("b", w => w.Tensor("0", "Int", 4, 0, [4], [1]))).Done();
        Assert.Contains("described twice", Refusal(PickleWriter.Zip(twice, [("0", PickleWriter.Floats(4))])), StringComparison.Ordinal);
        byte[] names = new PickleWriter().Dict(("a", w => w.Tensor("0", "Float", 4, 0, [4], [1])), ("a", w => w.Tensor("0", "Float", 4, 0, [4], [1]))).Done();
        Assert.Contains("'a' is there twice", Refusal(PickleWriter.Zip(names, [("0", PickleWriter.Floats(4))])), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_of_the_other_byte_order_are_refused()
    {
        Assert.Contains("little-endian", Refusal(PickleWriter.Zip(Vector(1), [("0", PickleWriter.Floats(1))], extra: "byteorder", content: "big")), StringComparison.Ordinal);
        Assert.Contains("little-endian", Refusal(PickleWriter.Stream(Vector(1), [("0", PickleWriter.Floats(1), 4)], littleEndian: false)), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_pickles_other_archives_and_values_without_tensors_are_refused()
    {
        Assert.Contains("a pickle of something else", Refusal(new PickleWriter().Op('}').Done()), StringComparison.Ordinal);
        Assert.Contains("a list", Refusal(PickleWriter.Zip(new PickleWriter().Op(']').Done(), [])), StringComparison.Ordinal);
        Assert.Contains("a single tensor", Refusal(PickleWriter.Zip(new PickleWriter().Tensor("0", "Float", 1, 0, [1], [1]).Done(), [("0", PickleWriter.Floats(1))])), StringComparison.Ordinal);
        Assert.Contains("'epoch'", Refusal(PickleWriter.Zip(new PickleWriter().Dict(("epoch", w => w.Int(1))).Done(), [])), StringComparison.Ordinal);
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            archive.CreateEntry("word/document.xml");
        Assert.Contains("a zip archive with 0 members named data.pkl", Refusal(bytes.ToArray()), StringComparison.Ordinal);
        Assert.Contains("TorchScript", Refusal(PickleWriter.Zip(Vector(1), [("0", PickleWriter.Floats(1))], extra: "constants.pkl")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_deflated_storage_is_refused_when_it_is_read()
    {
        byte[] whole = PickleWriter.Zip(Vector(1000), [("0", PickleWriter.Floats(1000))], CompressionLevel.Optimal);
        for (int i = 0; i < 16; i++)
            whole[whole.AsSpan().IndexOf("archive/data/0"u8) + 40 + i] ^= 0x55;
        using WeightsFile file = WeightsFile.Open(_folder.Write("damaged.pth", whole));
        GradusException e = Assert.Throws<GradusException>(() => file.Load("w"));
        Assert.Contains("the storage '0' is damaged or cut off", e.Message, StringComparison.Ordinal);
    }

    private static byte[] Vector(long count) => new PickleWriter().Dict(("w", w => w.Tensor("0", "Float", count, 0, [count], [1]))).Done();

    private static byte[] Repeated(int times, params byte[] bytes) => [.. Enumerable.Repeat(bytes, times).SelectMany(b => b)];

    /// <summary>The message, after checks of its form and of the memory that it took to find out.</summary>
    private string Refusal(byte[] bytes, long most = 0)
    {
        string path = _folder.Write("hostile.pth", bytes);
        Assert.Throws<GradusException>(() => WeightsFile.Open(path)); // what is first used here is paid once in a process
        long before = GC.GetAllocatedBytesForCurrentThread();
        GradusException e = Assert.Throws<GradusException>(() => WeightsFile.Open(path));
        long took = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(took < (most == 0 ? (1 << 20) + (1 << 18) + 8L * bytes.Length : most), $"{took} bytes for a file of {bytes.Length}: {e.Message}");
        Assert.Equal((path, Fault.Request), (e.Where, e.Fault));
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }
}
