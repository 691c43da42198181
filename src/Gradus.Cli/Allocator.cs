using System.Runtime.InteropServices;

namespace Gradus.Cli;

/// <summary>
/// Keeps freed memory in the process. glibc gives every large block back to the kernel, and a network frees and takes tens of
/// megabytes a layer: the page faults then cost several times the arithmetic.
/// </summary>
internal static partial class Allocator
{
    // malloc.h
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapMax = -4;

    /// <summary>Whether the settings were taken; false where the C library is not glibc.</summary>
    public static bool Active { get; private set; }

    /// <summary>Sets them; does nothing on musl, macOS and Windows, whose allocators have no such settings.</summary>
    public static void KeepMemory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            Active = MallOpt(MmapMax, 0) == 1 & MallOpt(TrimThreshold, int.MaxValue) == 1 & MallOpt(TopPad, 64 << 20) == 1;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl has no mallopt.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
