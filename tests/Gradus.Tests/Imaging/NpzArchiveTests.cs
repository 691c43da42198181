using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Gradus.Datasets;

namespace Gradus.Tests.Imaging;

public sealed class NpzArchiveTests : IDisposable
{
    private readonly Scratch _scratch = new();

    [Theory]
    [InlineData("|u1", new byte[] { 1, 255 }, 1, 255)]
    [InlineData("|i1", new byte[] { 1, 255 }, 1, -1)]
    [InlineData("<u2", new byte[] { 1, 0, 255, 255 }, 1, 65535)]
    [InlineData("<i2", new byte[] { 1, 0, 254, 255 }, 1, -2)]
    [InlineData("<u4", new byte[] { 1, 0, 0, 0, 255, 255, 255, 255 }, 1, 4294967295)]
    [InlineData("<i4", new byte[] { 1, 0, 0, 0, 255, 255, 255, 255 }, 1, -1)]
    [InlineData("<u8", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0 }, 1, 2)]
    [InlineData("<i8", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255 }, 1, -1)]
    [InlineData("<f4", new byte[] { 0, 0, 128, 63, 0, 0, 0, 192 }, 1, -2)]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 192 }, 1, -2)]
    public void Every_number_type_is_read(string dtype, byte[] data, long first, long second)
    {
        for (int version = 1; version <= 3; version++)
        {
            string path = Write($"{version}.npz", ("a.npy", Npy(dtype, "(2,)", data, version), CompressionLevel.Optimal));
            NpyArray array = NpzArchive.Open(path).Get("a");
            Assert.Equal([2], array.Shape);
            Assert.Equal(dtype, array.DType);
            Assert.Equal(data, array.Data);
            Assert.Equal((first, second), (array.Integer(0), array.Integer(1)));
        }
    }

    [Fact]
    public void Stored_and_deflated_arrays_of_any_dimension_are_read_in_the_archives_order()
    {
        string path = Write("a.npz", ("z.npy", Npy("|u1", "(2, 3, 1)", [1, 2, 3, 4, 5, 6]), CompressionLevel.NoCompression), ("a.npy", Npy("|u1", "()", [9]), CompressionLevel.SmallestSize), ("none.npy", Npy("<f4", "(0, 7)", []), CompressionLevel.Optimal));
        NpzArchive archive = NpzArchive.Open(path);
        Assert.Equal(["z", "a", "none"], archive.Keys);
        Assert.Equal([2, 3, 1], archive.Get("z").Shape);
        Assert.Equal(9, archive.Get("a.npy").Integer(0));
        Assert.Equal(0, archive.Get("none").Count);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "Fortran order")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "little-endian")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "whole and floating-point numbers")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "whole and floating-point numbers")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", "does not state")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "does not fit its size")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", "too long")]
    [InlineData("", "does not state")]
    public void What_cannot_be_read_is_refused_with_file_and_key(string header, string problem)
    {
        string path = Write("bad.npz", ("labels.npy", Raw(header, [0, 0, 0, 0], 1), CompressionLevel.Optimal));
        GradusException error = Assert.Throws<GradusException>(() => NpzArchive.Open(path).Get("labels"));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("bad.npz#labels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_claims_terabytes_allocates_nothing()
    {
        string path = Write("bomb.npz", ("a.npy", Npy("<f8", "(2000000, 2000000, 2000000)", [1, 2, 3]), CompressionLevel.Optimal));
        NpzArchive archive = NpzArchive.Open(path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<GradusException>(() => archive.Get("a"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void An_entry_whose_size_its_bytes_cannot_hold_is_refused_before_it_is_read()
    {
        // Both the array's shape and the archive's directory claim 1 GB.
        string path = Write("bomb.npz", ("a.npy", Npy("|u1", "(1000000000,)", [1, 2, 3]), CompressionLevel.Optimal));
        byte[] zip = File.ReadAllBytes(path);
        int directory = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(directory + 24), 1_000_000_128);
        NpzArchive archive = NpzArchive.Open(_scratch.Put("bomb2.npz", zip).Path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("cannot hold", Assert.Throws<GradusException>(() => archive.Get("a")).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_name_that_climbs_out_of_the_folder_is_only_a_key()
    {
        string path = Write("a.npz", ("../outside.npy", Npy("|u1", "(1,)", [7]), CompressionLevel.Optimal));
        Assert.Equal(7, NpzArchive.Open(path).Get("../outside").Integer(0));
        Assert.False(File.Exists(Path.Combine(_scratch.Folder, "..", "outside.npy")));
    }

    [Fact]
    public void A_missing_file_or_key_says_what_there_is()
    {
        Assert.Contains("missing", Assert.Throws<GradusException>(() => NpzArchive.Open(_scratch["none.npz"])).Message, StringComparison.Ordinal);
        string path = Write("a.npz", ("train_images.npy", Npy("|u1", "(1,)", [7]), CompressionLevel.Optimal));
        Assert.Contains("train_images", Assert.Throws<GradusException>(() => NpzArchive.Open(path).Get("images")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_byte_is_never_served()
    {
        byte[] data = [.. Enumerable.Range(0, 400).Select(i => (byte)(i * 7))];
        byte[] whole = File.ReadAllBytes(Write("whole.npz", ("a.npy", Npy("|u1", "(400,)", data), CompressionLevel.NoCompression)));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[1, 255], Gen.Int[0, whole.Length]).Sample((at, change, length) =>
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= (byte)change;
            string path = _scratch.Put($"{Guid.NewGuid()}.npz", length % 3 == 0 ? damaged[..length] : damaged).Path;
            try
            {
                NpzArchive archive = NpzArchive.Open(path);
                foreach (string key in archive.Keys)
                    Assert.Equal(data, archive.Get(key).Data);
            }
            catch (GradusException e)
            {
                Assert.StartsWith(path, e.Where, StringComparison.Ordinal);
            }
            finally
            {
                File.Delete(path);
            }
        }, iter: 300);
    }

    [Fact]
    public void An_open_archive_is_shared_until_its_file_changes()
    {
        string path = Write("a.npz", ("a.npy", Npy("|u1", "(1,)", [7]), CompressionLevel.Optimal));
        NpzArchive first = NpzArchive.Open(path);
        Assert.Same(first, NpzArchive.Open(path));
        Assert.Same(first.Get("a"), NpzArchive.Open(path).Get("a"));
        Write("a.npz", ("a.npy", Npy("|u1", "(2,)", [8, 9]), CompressionLevel.Optimal));
        Assert.Equal(2, NpzArchive.Open(path).Get("a").Count);
    }

    [Fact]
    public void A_whole_number_is_asked_for_and_nothing_else_given()
    {
        string path = Write("a.npz", ("f.npy", Npy("<f8", "(1,)", BitConverter.GetBytes(1.5)), CompressionLevel.Optimal), ("u.npy", Npy("<u8", "(1,)", BitConverter.GetBytes(ulong.MaxValue)), CompressionLevel.Optimal));
        Assert.Throws<GradusException>(() => NpzArchive.Open(path).Get("f").Integer(0));
        Assert.Throws<GradusException>(() => NpzArchive.Open(path).Get("u").Integer(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NpzArchive.Open(path).Get("u").Integer(1));
    }

    [Fact]
    public void RetinaMnist_is_read()
    {
        Assert.SkipWhen(Scratch.Data is null, "GRADUS_DATA is not set");
        NpzArchive archive = NpzArchive.Open(Path.Combine(Scratch.Data!, "retinamnist", "retinamnist.npz"));
        Assert.Equal([1080, 28, 28, 3], archive.Get("train_images").Shape);
        NpyArray labels = archive.Get("train_labels");
        Assert.All(Enumerable.Range(0, labels.Count), i => Assert.InRange(labels.Integer(i), 0, 4));
    }

    public void Dispose() => _scratch.Dispose();

    internal static byte[] Npy(string dtype, string shape, byte[] data, int version = 1) =>
        Raw($"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}", data, version);

    private static byte[] Raw(string header, byte[] data, int version)
    {
        byte[] text = Encoding.UTF8.GetBytes(header.PadRight(100) + "\n");
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data];
    }

    private string Write(string name, params (string Name, byte[] Npy, CompressionLevel Level)[] entries) => _scratch.Put(name, Zip(entries)).Path;

    internal static byte[] Zip(params (string Name, byte[] Npy, CompressionLevel Level)[] entries)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] npy, CompressionLevel level) in entries)
            {
                using Stream stream = zip.CreateEntry(name, level).Open();
                stream.Write(npy);
            }
        }
        return memory.ToArray();
    }
}
