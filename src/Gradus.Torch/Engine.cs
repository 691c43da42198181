using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch;

/// <summary>The tensor engine: which device it works on, and whether it works at all.</summary>
public static class Engine
{
    /// <summary>The first CUDA device where there is one and the CUDA engine is built in, else the CPU.</summary>
    public static Device AutomaticDevice => cuda.is_available() ? CUDA : CPU;

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
