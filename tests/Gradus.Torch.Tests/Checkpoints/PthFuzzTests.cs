using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Gradus.Torch.Checkpoints;
using static TorchSharp.torch;

namespace Gradus.Torch.Tests.Checkpoints;

/// <summary>
/// Valid files with flipped bits, cuts, splices and repeated pieces are read whole or refused, in little memory and time. A few
/// thousand a run; GRADUS_FUZZ_SECONDS goes on with others for that long, GRADUS_FUZZ_SEED from elsewhere.
/// </summary>
public sealed class PthFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Cases = 3000;
    private const int MostSeconds = 5; // for one file of a few kilobytes, on a busy machine
    private const int Times = 8; // the file's size
    private const int Allowance = (1 << 20) + (1 << 18); // what the machine may take beyond it, and what opening any file takes

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_costs_little()
    {
        double seconds = Number("GRADUS_FUZZ_SECONDS");
        long seed = (long)Number("GRADUS_FUZZ_SEED");
        Seed[] seeds = Seeds();
        var watch = Stopwatch.StartNew();
        int cases = 0, read = 0;
        (double Ratio, long Bytes, int Case) dearest = default;
        double slowest = 0;
        for (; cases < Cases || watch.Elapsed.TotalSeconds < seconds; cases++)
        {
            byte[] file = Mutated(seeds, RandomStream.Create(seed, "fuzz weights", cases));
            (bool accepted, long bytes, double took) = Measure(file, cases);
            read += accepted ? 1 : 0;
            slowest = Math.Max(slowest, took);
            double ratio = (double)bytes / Math.Max(file.Length, 1);
            if (ratio > dearest.Ratio && file.Length > 1 << 14)
                dearest = (ratio, bytes, cases);
        }
        output.WriteLine($"{cases} files in {watch.Elapsed.TotalSeconds:F0} s: {read} read, {cases - read} refused; slowest {slowest * 1000:F0} ms; dearest of those over 16 KiB {dearest.Ratio:F1} times its size (case {dearest.Case})");
        Assert.InRange(read, cases / 100, cases * 9 / 10); // mutations that all fail, or none, would test nothing
    }

    private static double Number(string variable) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out double number) ? number : 0;

    private (bool Read, long Bytes, double Seconds) Measure(byte[] bytes, int number)
    {
        string path = _folder.Write("mutated.pth", bytes);
        long started = Stopwatch.GetTimestamp();
        (bool read, long took) = Counted(path, number);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (took > Allowance / 2)
            took = Math.Min(took, Counted(path, number).Bytes); // what was first used here is paid once in a process
        Assert.True(took <= Allowance + (long)Times * bytes.Length, $"case {number}: {took} bytes for a file of {bytes.Length}");
        Assert.True(seconds < MostSeconds, $"case {number}: {seconds} s");
        return (read, took, seconds);
    }

    private static (bool Read, long Bytes) Counted(string path, int number)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = Read(path, number);
        return (read, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool Read(string path, int number)
    {
        try
        {
            using WeightsFile file = WeightsFile.Open(path);
            foreach (WeightsEntry entry in file.Entries)
            {
                using Tensor tensor = file.Load(entry.Name);
                Assert.Equal(entry.Shape.AsSpan(), tensor.shape);
            }
            return true;
        }
        catch (GradusException e)
        {
            Assert.True(e.Fault == Fault.Request && !e.Message.Contains('\n', StringComparison.Ordinal), $"case {number}: {e.Message}");
            return false;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"case {number}", e);
        }
    }

    private static byte[] Mutated(Seed[] seeds, Random random)
    {
        Seed seed = seeds[random.Next(seeds.Length)];
        Seed other = seeds[random.Next(seeds.Length)];
        // Half of them inside the pickle, which a container then holds without damage of its own.
        return seed.Pickle is not null && random.Next(2) == 0
            ? seed.Wrap!(Mutate(seed.Pickle, other.Pickle ?? other.Whole, random))
            : Mutate(seed.Whole, other.Whole, random);
    }

    private static byte[] Mutate(byte[] source, byte[] other, Random random)
    {
        List<byte> bytes = [.. source];
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0 or 6 or 7:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 5), bytes.Count - at));
                    break;
                case 4:
                    int from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, random.Next(Math.Min(64, other.Length - from) + 1)).ToArray());
                    break;
                default: // a piece again and again
                    byte[] piece = [.. bytes.Skip(at).Take(random.Next(1, 9))];
                    bytes.InsertRange(at, Enumerable.Repeat(piece, random.Next(1, 2 << random.Next(13))).SelectMany(p => p));
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Files of every kind; those of PyTorch with their pickle apart.</summary>
    private Seed[] Seeds()
    {
        byte[] plain = new PickleWriter().Dict(
            ("conv1.weight", w => w.Tensor("0", "Float", 24, 0, [2, 3, 4], [12, 4, 1])), ("view", w => w.Tensor("0", "Float", 24, 1, [3, 2], [4, 2])),
            ("count", w => w.Tensor("1", "Long", 1, 0, [], [])), ("mask", w => w.Tensor("2", "Bool", 4, 0, [4], [1]))).Done();
        byte[] nested = new PickleWriter(4).Dict(
            ("epoch", w => w.Int(1L << 40)), ("lr", w => w.Op('G').Raw(63, 80, 98, 77, 210, 241, 169, 252)), ("flags", w => w.Op(']').Op('(').Op('N').Raw(0x88, 0x89, 0x94).Int(300).Op('e')),
            ("model", w => w.Global("collections", "OrderedDict").Op(')').Op('R').Op('q').Raw(9).Op('(').Text("bn.bias").Tensor("0", "Half", 6, 0, [2, 3], [1, 2]).Op('u').Dict(("v", v => v.Int(1))).Op('b'))).Done();
        byte[] foreign = new PickleWriter().Dict(
            ("args", w => w.Global("argparse", "Namespace").Op(')').Raw(0x81).Dict(("lr", v => v.Int(1))).Op('b')), ("seen", w => w.Raw(0x8f).Op('(').Int(1).Raw(0x90)),
            ("options", w => w.Global("my", "Dict").Op(')').Op('}').Raw(0x92).Op('(').Text("a").Op('N').Op('u')), ("ema", w => w.Dict(("x", v => v.Dict(("a", t => t.Tensor("0", "Half", 6, 0, [2, 3], [1, 2])))))),
            ("state_dict", w => w.Dict(("a", v => v.Tensor("0", "Half", 6, 0, [2, 3], [1, 2]))))).Done();
        (string, byte[], int)[] forPlain = [("0", PickleWriter.Floats(24), 4), ("1", new byte[8], 8), ("2", [0, 1, 1, 0], 1)];
        (string, byte[], int)[] forNested = [("0", new byte[12], 2)];
        string path = _folder.File("seed.safetensors");
        using (NewDisposeScope())
            SafetensorsFile.Write(path, [("a.weight", ones(2, 3)), ("n", tensor(5L)), ("t", tensor(new[] { true, false }))], new Dictionary<string, string> { ["k"] = "v" });
        return
        [
            Of(plain, p => PickleWriter.Stream(p, forPlain)),
            Of(nested, p => PickleWriter.Stream(p, forNested)),
            Of(plain, p => PickleWriter.Zip(p, forPlain.Select(s => (s.Item1, s.Item2)))),
            Of(nested, p => PickleWriter.Zip(p, forNested.Select(s => (s.Item1, s.Item2)), CompressionLevel.Optimal)),
            Of(foreign, p => PickleWriter.Zip(p, forNested.Select(s => (s.Item1, s.Item2)))),
            new Seed(File.ReadAllBytes(path), null, null),
        ];

        static Seed Of(byte[] pickle, Func<byte[], byte[]> wrap) => new(wrap(pickle), pickle, wrap);
    }

    private sealed record Seed(byte[] Whole, byte[]? Pickle, Func<byte[], byte[]>? Wrap);
}
