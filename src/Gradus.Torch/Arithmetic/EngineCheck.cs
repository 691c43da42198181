using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Runs;
using static TorchSharp.torch;

namespace Gradus.Torch.Arithmetic;

/// <summary>
/// Decides whether the engine can be trusted on this machine: the self-test runs in a child process, because what is wrong may
/// be deadly; its verdict is kept in a file, once for each processor, engine and setting of the environment.
/// </summary>
public static class EngineCheck
{
    /// <summary>
    /// An environment variable that names the way to be tried first: <c>convolution</c>, <c>matrix_product</c> or
    /// <c>without_onednn</c>. If it is wrong, the others follow.
    /// </summary>
    public const string WayVariable = "GRADUS_ARITHMETIC";

    // Read by the engine and its libraries when they choose their code.
    private static readonly string[] Variables =
        ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE", "ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE", "MKL_CBWR", "OMP_NUM_THREADS", "LD_PRELOAD", "DOTNET_STARTUP_HOOKS"];

    private static EngineVerdict? _verdict;

    /// <summary>The verdict that this process works by; null before <see cref="Trust"/>.</summary>
    public static EngineVerdict? Verdict => _verdict;

    /// <summary>What runs and checkpoints say of the machine that computed them.</summary>
    public static ComputedBy Record => _verdict?.ToRecord()
        ?? new ComputedBy(Processor.Here.Name, EngineName, Ways.Describe(Ways.Current), 0, null, null);

    /// <summary>Name and version of the engine.</summary>
    public static string EngineName { get; } = $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>
    /// Takes the way that is right for a device, testing it first where there is no verdict yet.
    /// </summary>
    /// <param name="device">Where networks are going to be computed.</param>
    /// <param name="folder">Where verdicts are kept.</param>
    /// <param name="again">Tests even where there is a verdict.</param>
    /// <param name="child">Starts this program as a child that runs <see cref="Probe.Run"/> with these arguments.</param>
    /// <param name="progress">Told of each operation.</param>
    /// <param name="stop">Ends the test.</param>
    /// <returns>The verdict; nothing may be computed where it has taken no way.</returns>
    public static EngineVerdict Trust(
        Device device, string folder, bool again, Func<IReadOnlyList<string>, ProcessStartInfo> child, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        EngineSwitches.LeaveNnpack();
        string key = KeyOf(device), path = Path.Combine(folder, "engine", $"{key}.json");
        if (_verdict?.Key != key || again)
        {
            EngineVerdict? kept = again ? null : Read(path, key);
            _verdict = kept ?? Test(device, key, child, progress, stop);
            if (kept is null)
                Keep(path, _verdict);
        }
        if (_verdict.Taken is { } taken)
            Ways.Take(taken.Way);
        return _verdict;
    }

    /// <summary>Refuses to compute where no way is right.</summary>
    /// <exception cref="GradusException">The verdict has taken no way, or bfloat16 is asked for and wrong.</exception>
    public static void Demand(EngineVerdict verdict, Precision precision)
    {
        const string Remedy = "Use another machine, and report this with the output of gradus doctor --json";
        if (verdict.Taken is not { } taken)
            throw new GradusException("the engine computes wrongly on this machine, so nothing is computed", found: verdict.Describe(), remedy: Remedy);
        if (precision == Precision.Bfloat16 && !taken.IsRightInBfloat16)
            throw new GradusException("the engine computes wrongly in bfloat16 on this machine", found: $"{taken.Faults[0]}", remedy: "Write precision: float32");
    }

    private static EngineVerdict Test(
        Device device, string key, Func<IReadOnlyList<string>, ProcessStartInfo> child, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        var results = ImmutableArray.CreateBuilder<WayResult>();
        foreach (ArithmeticWay way in Candidates(device))
        {
            WayResult result = Probe.InChild(way, device, child, progress, stop);
            results.Add(result);
            if (result.IsRightInBfloat16)
                break;
        }
        string processor = device.type == TorchSharp.DeviceType.CPU ? Processor.Here.Name : device.ToString();
        return new EngineVerdict(key, processor, EngineName, results.ToImmutable());
    }

    // A GPU has its own libraries, and no other way.
    private static IEnumerable<ArithmeticWay> Candidates(Device device)
    {
        if (device.type != TorchSharp.DeviceType.CPU)
            return [ArithmeticWay.Convolution];
        IEnumerable<ArithmeticWay> candidates = Ways.Candidates(Processor.Here).Where(w => w != ArithmeticWay.WithoutOneDnn || EngineSwitches.CanLeaveOneDnn);
        return Forced() is { } first ? [first, .. candidates.Where(w => w != first)] : candidates;
    }

    private static ArithmeticWay? Forced()
    {
        string? stated = Environment.GetEnvironmentVariable(WayVariable);
        if (string.IsNullOrEmpty(stated))
            return null;
        ArithmeticWay[] named = [.. Enum.GetValues<ArithmeticWay>().Where(w => NameOf(w) == stated)];
        return named.Length == 1 ? named[0] : throw new GradusException(
            $"{WayVariable} is {string.Join(", ", Enum.GetValues<ArithmeticWay>().Select(NameOf))}", found: $"'{stated}'", remedy: "Unset it, or correct it", fault: Fault.Request);
    }

    /// <summary>The way's name in the environment and in JSON: <c>matrix_product</c>.</summary>
    internal static string NameOf(ArithmeticWay way) => way switch
    {
        ArithmeticWay.Convolution => "convolution",
        ArithmeticWay.MatrixProduct => "matrix_product",
        _ => "without_onednn",
    };

    private static string KeyOf(Device device)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{device} {Processor.Here.Signature} {get_num_threads()}\n");
        text.Append(CultureInfo.InvariantCulture, $"{EngineName} {SelfTest.Version} {EngineSwitches.LibraryStamp}\n");
        foreach (string variable in Variables.Append(WayVariable))
            text.Append(CultureInfo.InvariantCulture, $"{variable}={Environment.GetEnvironmentVariable(variable)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }

    private static EngineVerdict? Read(string path, string key)
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize<EngineVerdict>(File.ReadAllText(path), GradusJson.Compact) is { } kept && kept.Key == key ? kept : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            return null; // tested again
        }
    }

    // A folder that cannot be written to costs the test each time, and nothing else.
    private static void Keep(string path, EngineVerdict verdict)
    {
        try
        {
            AtomicFile.WriteText(path, JsonSerializer.Serialize(verdict, GradusJson.Compact));
        }
        catch (GradusException)
        {
        }
    }
}
