using System.Runtime.CompilerServices;
using NetVips;

namespace Gradus.Imaging;

/// <summary>The one place that sets up libvips for the whole process.</summary>
internal static class LibVips
{
    // Native code calls it for as long as the process lives, so it must not be collected.
    private static readonly Log.LogDelegate Silence = (_, _, _) => { };

    static LibVips()
    {
        // Images are prepared in parallel, so each of them gets one thread; none is read twice, so nothing is worth caching.
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        // Warnings become part of a report; libvips would print them on the person's terminal.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.AllButFatal, Silence);
    }

    /// <summary>Makes sure that the settings hold; call it before the first use of libvips.</summary>
    public static void Ready() => RuntimeHelpers.RunClassConstructor(typeof(LibVips).TypeHandle);
}
