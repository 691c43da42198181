using TorchSharp;
using static TorchSharp.torch;

namespace Gradus.Torch;

/// <summary>Which device the engine works on; the same code runs on all.</summary>
public static class Engine
{
    /// <summary>The first CUDA device where there is one and the CUDA engine is in use, else the CPU.</summary>
    public static Device AutomaticDevice => cuda.is_available() ? CUDA : CPU;

    /// <summary>"cpu (2 threads)" or "cuda:0", for people.</summary>
    public static string Describe(Device device) => device.type == DeviceType.CPU ? $"cpu ({get_num_threads()} threads)" : device.ToString();
}
