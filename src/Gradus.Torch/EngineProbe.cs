using TorchSharp;

namespace Gradus.Torch;

/// <summary>What the engine says about itself on this machine.</summary>
/// <param name="TorchSharp">Version of the .NET binding.</param>
/// <param name="LibTorch">Version of libtorch.</param>
/// <param name="Threads">Threads that one operation may use.</param>
/// <param name="Cuda">Whether a GPU can be used.</param>
/// <param name="GigaflopsPerSecond">Speed of a 512 x 512 float32 matrix product on the CPU, in 10^9 operations a second.</param>
public sealed record EngineReport(string TorchSharp, string LibTorch, int Threads, bool Cuda, double GigaflopsPerSecond);

/// <summary>Loads the engine and does a little work with it.</summary>
public static class EngineProbe
{
    private const int Side = 512;
    private const int Rounds = 20;

    /// <summary>Loads the engine, multiplies matrices and checks a product; a fraction of a second.</summary>
    /// <exception cref="GradusException">The engine does not load, or computes something wrong.</exception>
    public static EngineReport Run(TimeProvider time)
    {
        try
        {
            return Measure(time);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or NotSupportedException or FileNotFoundException)
        {
            throw new GradusException("the engine does not load", found: e.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.'), remedy: "Build again for this machine with dotnet build", inner: e);
        }
    }

    private static EngineReport Measure(TimeProvider time)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor ones = torch.ones(Side, Side);
        torch.Tensor product = torch.mm(ones, ones); // (512, 512), every element 512; the first call also starts the threads
        if (product[0, 0].item<float>() != Side)
            throw new GradusException("the engine computes a wrong product", found: $"{product[0, 0].item<float>()} for {Side}", remedy: "Build again for this machine with dotnet build");
        long start = time.GetTimestamp();
        for (int i = 0; i < Rounds; i++)
            product = torch.mm(ones, product).div_(Side);
        _ = product[0, 0].item<float>();
        double seconds = time.GetElapsedTime(start).TotalSeconds;
        return new EngineReport(
            typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "",
            torch.__version__,
            torch.get_num_threads(),
            torch.cuda_is_available(),
            Rounds * 2.0 * Side * Side * Side / seconds / 1e9);
    }
}
