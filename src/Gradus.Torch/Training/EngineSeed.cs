using TorchSharp;

namespace Gradus.Torch.Training;

/// <summary>The one place that seeds the engine's own generator, which dropout draws from.</summary>
public static class EngineSeed
{
    /// <summary>Seeds the engine for one step. Every step starts from its own seed, so a resumed run draws what an uninterrupted one would have drawn.</summary>
    public static void Set(long seed, long step)
    {
#pragma warning disable RS0030 // this is the allowed place
        torch.manual_seed(RandomStream.Derive(seed, "engine", (int)(step >> 31), (int)(step & int.MaxValue)));
#pragma warning restore RS0030
    }
}
