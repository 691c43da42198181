using System.Runtime.InteropServices;

namespace Gradus.Cli;

/// <summary>
/// Tells the engine's threads to sleep soon when they have nothing to do. By default they spin for a while at the end of every parallel
/// loop, which gains a little on a machine of one's own, and on a shared one keeps the others (and each other) from working:
/// two trainings at once then take not twice but ten times as long.
/// </summary>
internal static partial class Threads
{
    private const string Spins = "GOMP_SPINCOUNT"; // of GNU's OpenMP, which the engine brings
    private const string Policy = "OMP_WAIT_POLICY";

    /// <summary>Sets it, where the user has not said otherwise; to be called before the engine is loaded, which reads it once.</summary>
    public static void SleepSoon()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(Spins) is null && Environment.GetEnvironmentVariable(Policy) is null)
            SetEnv(Spins, "1000", 0); // .NET's own setter does not reach native code
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
