using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Gradus.Experiments;
using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch;

/// <summary>The tensor engine: which device it works on, what it is fast at, and whether it works at all.</summary>
public static class Engine
{
    /// <summary>The first CUDA device where there is one and the CUDA engine is built in, else the CPU.</summary>
    public static Device AutomaticDevice => cuda.is_available() ? CUDA : CPU;

    /// <summary>The device called auto, cpu or cuda:N.</summary>
    /// <exception cref="GradusException">There is no such device (fault: request).</exception>
    public static Device DeviceOf(string name)
    {
        if (name == "auto")
            return AutomaticDevice;
        if (name == "cpu")
            return CPU;
        if (!name.StartsWith("cuda:", StringComparison.Ordinal) || !byte.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out byte index))
            throw new GradusException("a device is auto, cpu or cuda:N", found: $"'{name}'", remedy: "Write for example --device cuda:0", fault: Fault.Request);
        int there = cuda.is_available() ? cuda.device_count() : 0;
        return index < there
            ? device(DeviceType.CUDA, index)
            : throw new GradusException($"there is no device {name}", found: there == 0 ? "no CUDA device, or an engine built without CUDA" : $"{there} CUDA devices", remedy: "Use device auto or cpu; a build with -p:GradusEngine=cuda brings the CUDA engine", fault: Fault.Request);
    }

    /// <summary>What <paramref name="precision"/> means on <paramref name="device"/>: never <see cref="Precision.Auto"/>.</summary>
    public static Precision Resolve(Precision precision, Device device) =>
        precision != Precision.Auto ? precision : IsFastAtBfloat16(device) ? Precision.Bfloat16 : Precision.Float32;

    /// <summary>True where the device has instructions for bfloat16: AVX-512 BF16 or AMX; CUDA from Ampere on is assumed.</summary>
    public static bool IsFastAtBfloat16(Device device)
    {
        if (device.type == DeviceType.CUDA)
            return true;
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        (int subleaves, int ebx, int _, int edx) = X86Base.CpuId(7, 0);
        bool avx512 = (ebx & (1 << 16)) != 0, amxBf16 = (edx & (1 << 22)) != 0;
        bool avx512Bf16 = subleaves >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;
        return avx512 && (avx512Bf16 || amxBf16);
    }

    /// <summary>The engine's type of number.</summary>
    public static ScalarType TypeOf(Precision precision) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.Bfloat16 => ScalarType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "resolve it for a device first"),
    };

    /// <summary>"cpu (2 threads)" or "cuda:0", for people.</summary>
    public static string Describe(Device device) => device.type == DeviceType.CPU ? $"cpu ({get_num_threads()} threads)" : device.ToString();

    /// <summary>Loads the engine, computes a small convolution and says which version did it.</summary>
    /// <exception cref="InvalidOperationException">The result is wrong.</exception>
    public static string SelfTest()
    {
        using var scope = NewDisposeScope();
        Tensor sum = nn.functional.conv2d(ones(1, 3, 8, 8), ones(4, 3, 3, 3)); // (1, 4, 6, 6), every value 27
        return sum.eq(27).all().item<bool>()
            ? $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)} on {Describe(AutomaticDevice)}"
            : throw new InvalidOperationException("a convolution of ones is not 27 everywhere");
    }
}
