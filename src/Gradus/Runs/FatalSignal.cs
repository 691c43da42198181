namespace Gradus.Runs;

/// <summary>The signals of which processes die, in words. The numbers are those of Linux.</summary>
public static class FatalSignal
{
    /// <summary>SIGINT, which Ctrl-C sends.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGABRT, by which a program ends itself.</summary>
    public const int Abort = 6;

    /// <summary>SIGKILL, which nothing can catch.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM, the request to end.</summary>
    public const int Terminate = 15;

    private static readonly Dictionary<int, (string Name, string Reason)> Known = new()
    {
        [1] = ("SIGHUP", "the terminal was closed"),
        [Interrupt] = ("SIGINT", "stopped at once by the user"),
        [3] = ("SIGQUIT", "quit by the user"),
        [4] = ("SIGILL", "native code used an instruction that this processor does not have"),
        [5] = ("SIGTRAP", "native code stopped at a trap"),
        [Abort] = ("SIGABRT", "native code gave up"),
        [7] = ("SIGBUS", "memory failed, or a file went away that was in use"),
        [8] = ("SIGFPE", "an arithmetic error in native code"),
        [Kill] = ("SIGKILL", "kill -9 or the out-of-memory killer"),
        [10] = ("SIGUSR1", "sent by somebody"),
        [11] = ("SIGSEGV", "native code touched memory that is not its own"),
        [12] = ("SIGUSR2", "sent by somebody"),
        [Terminate] = ("SIGTERM", "asked to end, and it ended at once"),
        [24] = ("SIGXCPU", "a limit of processor time"),
        [25] = ("SIGXFSZ", "a limit of file size"),
        [31] = ("SIGSYS", "a system call that is forbidden here"),
    };

    /// <summary>Its name, such as SIGFPE.</summary>
    public static string Name(int signal) => Known.TryGetValue(signal, out var known) ? known.Name : $"signal {signal}";

    /// <summary>What it mostly means.</summary>
    public static string Reason(int signal) => Known.TryGetValue(signal, out var known) ? known.Reason : "for a reason unknown";
}
