using System.Runtime.InteropServices;

namespace Gradus.Torch.Arithmetic;

/// <summary>
/// Two switches of libtorch (<c>at::Context</c>) that TorchSharp has no words for. They are C++ members under their mangled
/// names, found on Linux only; elsewhere the engine stays as it is.
/// </summary>
internal static unsafe partial class EngineSwitches
{
    private const string Library = "libtorch_cpu.so";

    /// <summary>Length and date of the engine's library, which change with its version; empty where it is not beside the program.</summary>
    public static string LibraryStamp
    {
        get
        {
            var file = new FileInfo(Path.Combine(AppContext.BaseDirectory, Library));
            return file.Exists ? $"{file.Length} {file.LastWriteTimeUtc.Ticks}" : "";
        }
    }

    /// <summary>True where oneDNN can be switched off.</summary>
    public static bool CanLeaveOneDnn => OperatingSystem.IsLinux() && Find("_ZN2at7Context20setUserEnabledMkldnnEb") is not null;

    /// <summary>Switches oneDNN on or off for the whole process.</summary>
    /// <exception cref="GradusException">This engine does not let it be switched.</exception>
    public static void UseOneDnn(bool use)
    {
        if (!OperatingSystem.IsLinux() || !Set("_ZN2at7Context20setUserEnabledMkldnnEb", use))
            throw new GradusException("oneDNN cannot be switched off in this engine", remedy: "Use another machine");
    }

    /// <summary>
    /// Switches NNPACK off, where that is possible. oneDNN is preferred to it anyway, and where NNPACK does not know the
    /// processor it writes a warning per thread to standard error.
    /// </summary>
    public static void LeaveNnpack()
    {
        if (OperatingSystem.IsLinux())
            Set("_ZN2at7Context20setUserEnabledNNPACKEb", false);
    }

    private static bool Set(string setter, bool value)
    {
        if (Find("_ZN2at13globalContextEv") is not { } context || Find(setter) is not { } function)
            return false;
        void* global = ((delegate* unmanaged<void*>)context)();
        ((delegate* unmanaged<void*, byte, void>)function)(global, value ? (byte)1 : (byte)0);
        return true;
    }

    private static nint? Find(string symbol)
    {
        _ = TorchSharp.torch.get_num_threads(); // TorchSharp has loaded the engine when this returns
        return NativeLibrary.TryLoad(Library, typeof(EngineSwitches).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, symbol, out nint address) ? address : null;
    }
}
