using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Gradus.Imaging;
using Gradus.Torch;
using Gradus.Torch.Arithmetic;

namespace Gradus.Cli.Commands;

internal static class DoctorCommand
{
    public static Verb Create()
    {
        var verb = new Verb("doctor", "Checks the machine: engine, allocator, processor, GPU, imaging library, folders. Exit code 1 where something is broken.", "gradus doctor");
        verb.Does((_, session) => () => Run(session));
        return verb;
    }

    private static int Run(Session session)
    {
        Check[] checks =
        [
            new("gradus", true, CodeVersion.Current),
            new("system", true, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}"),
            new("processor", true, $"{Environment.ProcessorCount} cores, {(Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2: training will be slow")}"),
            new("memory", true, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.0} GiB"),
            Allocation(),
            Try("engine", Engine.SelfTest, "Build again with dotnet build -c Release; on Linux the build makes the engine fit the system's libstdc++"),
            Arithmetic(session),
            Try("gpu", () => Engine.AutomaticDevice.type == TorchSharp.DeviceType.CUDA ? Engine.Describe(Engine.AutomaticDevice) : "none in use (the CPU engine is built in; -p:GradusEngine=cuda builds the other)", "Check the driver"),
            Try("imaging", SelfTest, "Restore the NetVips.Native package for this system"),
            Try("fonts", () => SkiaSharp.SKFontManager.Default.FontFamilyCount is > 0 and var families ? $"{families} families" : throw new InvalidOperationException("none: plots would have no text"), "Install a font, for example apt-get install fonts-dejavu-core"),
            Try("cache", () => Writable(session.Cache), "Choose another folder with --cache or GRADUS_CACHE"),
            Variable("GRADUS_DATA"),
            Variable("GRADUS_WEIGHTS"),
        ];
        session.Output.Table(["check", "", "found"], checks.Select(c => (string[])[c.Name, c.Good ? "ok" : "broken", c.Found]));
        foreach (Check broken in checks.Where(c => !c.Good))
            session.Output.Note($"{broken.Name}: {broken.Remedy}");
        if (session.Output.Json)
            session.Output.Document(new { good = checks.All(c => c.Good), checks = checks.Select(c => (object)c) }); // each with all that it holds
        return checks.All(c => c.Good) ? 0 : 1;
    }

    // Tested anew: whoever asks the doctor wants to know how it is now.
    private static Check Arithmetic(Session session)
    {
        try
        {
            TorchSharp.torch.Device device = Engine.AutomaticDevice;
            EngineVerdict verdict = session.Trust(device, again: true);
            return new ArithmeticCheck(
                verdict.Taken is not null,
                verdict.Describe(),
                verdict.Taken?.Tested ?? verdict.Ways.Sum(w => w.Tested),
                verdict.Taken?.Worst,
                verdict.Taken?.WorstBfloat16,
                verdict.SafeWay,
                [.. verdict.Ways.SelectMany(w => w.Faults.Select(f => $"{Gradus.Torch.Arithmetic.Ways.Describe(w.Way)}: {f}"))]);
        }
#pragma warning disable CA1031 // as below
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return new Check("arithmetic", false, (e.InnerException ?? e).Message.ReplaceLineEndings(" "), "Mend the engine first");
        }
    }

    private static Check Allocation() => OperatingSystem.IsLinux()
        ? new Check("allocator", true, Allocator.Active ? "glibc keeps freed memory: training is several times faster" : "the C library has no such settings; training may be slower")
        : new Check("allocator", true, "nothing to set on this system");

    private static string SelfTest()
    {
        var flat = new RgbImage(16, 16, new byte[16 * 16 * 3]);
        RgbImage small = RecipeRunner.Apply(new Resize(8), flat, []);
        return $"libvips {NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}, resizes to {small.Width} x {small.Height}";
    }

    private static string Writable(string folder)
    {
        string probe = Path.Combine(folder, $"doctor-{Environment.ProcessId}");
        AtomicFile.WriteText(probe, "");
        File.Delete(probe);
        return $"{folder}, {new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace / (double)(1 << 30):0.0} GiB free";
    }

    private static Check Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? new Check(name, Directory.Exists(value), Directory.Exists(value) ? value : $"{value}, which is no folder", "Set it to a folder, or unset it")
        : new Check(name, true, "not set");

    // Whatever a native library throws while it loads is what the doctor is asked to find.
#pragma warning disable CA1031
    private static Check Try(string name, Func<string> check, string remedy)
    {
        long from = Stopwatch.GetTimestamp();
        try
        {
            string found = check();
            return new Check(name, true, $"{found} ({Stopwatch.GetElapsedTime(from).TotalMilliseconds:0} ms)");
        }
        catch (Exception e)
        {
            return new Check(name, false, (e.InnerException ?? e).Message.ReplaceLineEndings(" "), remedy);
        }
    }
#pragma warning restore CA1031

    private record Check(string Name, bool Good, string Found, string? Remedy = null);

    /// <param name="Good">Whether there is a way in which the engine is right.</param>
    /// <param name="Found">One line.</param>
    /// <param name="Tested">Operations that were compared with float64.</param>
    /// <param name="Worst">The largest relative error of float32 in the way that is taken; null where there is none.</param>
    /// <param name="WorstBfloat16">The same of bfloat16.</param>
    /// <param name="SafeWay">The way that replaces the engine's own; null where that one is right.</param>
    /// <param name="Faults">What is wrong in which way.</param>
    private sealed record ArithmeticCheck(
        bool Good, string Found, int Tested, double? Worst, double? WorstBfloat16, string? SafeWay, ImmutableArray<string> Faults)
        : Check("arithmetic", Good, Found, Good ? null : "Use another machine, and report this with the output of gradus doctor --json");
}
