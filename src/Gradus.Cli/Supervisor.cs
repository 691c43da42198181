using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Gradus.Runs;

namespace Gradus.Cli;

/// <summary>
/// The process that a person starts, where the work may die in native code, which no program can catch in itself: it
/// starts the same program again, hands on the signals that it is sent, and says what the other one died of, in one
/// line and in the run's folder. On Linux only: elsewhere the work is done in the process itself, and a run whose
/// process died is told by its lock alone.
/// </summary>
internal static partial class Supervisor
{
    // Of a supervised process: number of its supervisor, and the pipe by which it tells what it works on. Anything
    // else: none is wanted.
    public const string Variable = "GRADUS_SUPERVISOR";
    private const int Stopped = 130, Signalled = 128; // as shells count
    private const int ParentDeathSignal = 1, SetDescriptorFlags = 2, CloseOnExec = 1; // prctl.h, fcntl.h

    // These load no engine, and a person waits for them at the prompt.
    private static readonly string[] Quick = ["runs", "compare", "serve", "report", "export", "models"];
    private static readonly string[] Explaining = ["--help", "-h", "-?", "--version"];
    private static readonly string[] Valued = ["--runs", "--cache"];

    // Those of native errors are here for whoever sends them: the process that they see is this one. One that is
    // ignored, as nohup has it, stays so.
    private static readonly int[] HandedOn = [1, 3, 4, 6, 7, 8, 10, 11, 12];

    private static readonly int[] NativeErrors = [4, 6, 7, 8, 11];
    private const int Repetitions = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static StreamWriter? _pipe;

    /// <summary>
    /// A request to stop that a supervisor hands on. It is not the signal that the supervisor was sent, because a
    /// terminal sends Ctrl-C to both, and so do others who end a whole group: the second of two would end the work at
    /// once.
    /// </summary>
    public static PosixSignal StopRequest => (PosixSignal)41; // of the real-time signals one that nothing uses

    /// <summary>Whether this process does the work under another one.</summary>
    public static bool IsWatching => _pipe is not null;

    /// <summary>The verbs that need no supervisor, for tests.</summary>
    internal static IReadOnlyList<string> QuickVerbs => Quick;

    /// <summary>Whether a command line is to be run under a supervisor that there is not yet.</summary>
    public static bool IsWanted(string[] args) => OperatingSystem.IsLinux()
        && VerbOf(args) is { } verb && !Quick.Contains(verb) && !args.Any(Explaining.Contains);

    /// <summary>
    /// To be called first by every process: one that is supervised ends with its supervisor, so that no work goes on
    /// unseen.
    /// </summary>
    /// <returns>Whether this process needs no supervisor, since it has one, or since its user says so.</returns>
    public static bool Join()
    {
        string[]? parts = Environment.GetEnvironmentVariable(Variable)?.Split(' ');
        Environment.SetEnvironmentVariable(Variable, null); // what this process starts is not supervised by the same
        if (!OperatingSystem.IsLinux() || parts is not [var parent, var pipe])
            return parts is not null;
        _ = Control(ParentDeathSignal, FatalSignal.Kill, 0, 0, 0);
        if (ParentId() != int.Parse(parent, CultureInfo.InvariantCulture))
            Environment.Exit(Stopped); // it died before it could be watched
        _ = DescriptorControl(int.Parse(pipe, CultureInfo.InvariantCulture), SetDescriptorFlags, CloseOnExec);
        _pipe = new StreamWriter(new AnonymousPipeClientStream(PipeDirection.Out, pipe)) { AutoFlush = true };
        return true;
    }

    /// <summary>
    /// Tells the supervisor, if there is one, that this process works on a run until the result is disposed of.
    /// </summary>
    public static IDisposable Working(RunFolder run) => new Work(run.Root);

    /// <summary>Does the work in a process of its own; null where none could be started.</summary>
    public static int? Run(string[] args)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        ProcessStartInfo start = Again(args);
        start.Environment[Variable] =
            string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {pipe.GetClientHandleAsString()}");
        OutOfMemory before = OutOfMemory.Now();
        int nativeError = 0; // the last one that was handed on
        Process? child = null;
        // Before it starts: what comes in between waits for it.
        var started = new ManualResetEventSlim();
        PosixSignalRegistration[] signals =
        [
            Register(PosixSignal.SIGINT, (int)StopRequest),
            Register(PosixSignal.SIGTERM, (int)StopRequest),
            .. HandedOn.Select(s => Register((PosixSignal)s, s)),
        ];
        try
        {
            child = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return null;
        }
        finally
        {
            started.Set();
            if (child is null)
                Release();
        }
        pipe.DisposeLocalCopyOfClientHandle();
        string run = "";
        var told = new Thread(() => run = LastLine(pipe)) { IsBackground = true };
        told.Start();
        child.WaitForExit();
        told.Join(TimeSpan.FromSeconds(1)); // whoever it started may hold the pipe
        Release();
        int code = child.ExitCode;
        if (code <= Signalled)
            return code;
        // Where it meets managed code, .NET makes an exception of it that nobody catches, and aborts.
        int signal = code - Signalled == FatalSignal.Abort && nativeError != 0 ? nativeError : code - Signalled;
        return Ended(signal, VerbOf(args)!, Volatile.Read(ref run), before);

        PosixSignalRegistration Register(PosixSignal from, int sent) => PosixSignalRegistration.Create(from, context =>
        {
            context.Cancel = true;
            started.Wait();
            if (NativeErrors.Contains(sent))
                nativeError = sent;
            // .NET takes the first signal of a kind that native errors raise for its own, and passes it over when it
            // was not.
            for (int again = NativeErrors.Contains(sent) ? Repetitions : 1; again > 0 && child is { HasExited: false }; again--)
            {
                _ = Send(child.Id, sent);
                if (again > 1)
                    Thread.Sleep(Pause);
            }
        });

        void Release()
        {
            foreach (PosixSignalRegistration registration in signals)
                registration.Dispose();
        }
    }

    // The same program, whether it is one of its own or run by dotnet.
    private static ProcessStartInfo Again(string[] args)
    {
        string program = Environment.ProcessPath!;
        bool host = Path.GetFileNameWithoutExtension(program) == "dotnet";
        string[] words = host ? [Path.Combine(AppContext.BaseDirectory, "gradus.dll"), .. args] : args;
        return new ProcessStartInfo(program, words) { UseShellExecute = false };
    }

    private static int Ended(int signal, string verb, string root, OutOfMemory before)
    {
        bool asked = signal is FatalSignal.Interrupt or FatalSignal.Terminate || signal == (int)StopRequest;
        RunFolder? run = Find(root);
        // A verb that stopped in order has said so, and in its run too.
        if (asked && (run is null || run.Describe().Outline.Status != RunStatus.Died))
            return Stopped;
        signal = asked ? FatalSignal.Interrupt : signal;
        string reason = signal == FatalSignal.Kill ? OutOfMemory.Now().Sender(before) : FatalSignal.Reason(signal);
        string line = $"the process died of signal {signal} ({FatalSignal.Name(signal)}: {reason})";
        if (run is not null)
            line += $" while training; {Recorded(run, signal, reason)}; gradus resume {Near(run.Root)} goes on";
        else
            line += $" in gradus {verb}; gradus doctor tests the engine on this machine";
        Console.Error.WriteLine($"gradus: {line}");
        return asked ? Stopped : 1;
    }

    private static string Recorded(RunFolder run, int signal, string reason)
    {
        try
        {
            int epochs = RunProcess.Record(run, signal, reason, TimeProvider.System).Epochs;
            return $"run {Near(run.Root)} has {epochs} whole epoch{(epochs == 1 ? "" : "s")}";
        }
        catch (GradusException e)
        {
            return $"that could not be noted: {e.Message}";
        }
    }

    private static RunFolder? Find(string root)
    {
        try
        {
            return root.Length == 0 ? null : RunFolder.Open(root);
        }
        catch (GradusException)
        {
            return null;
        }
    }

    private static string Near(string path) =>
        Path.GetRelativePath(".", path) is var near && near.StartsWith("..", StringComparison.Ordinal) ? path : near;

    private static string LastLine(Stream pipe)
    {
        string last = "";
        using var reader = new StreamReader(pipe);
        while (reader.ReadLine() is { } line)
            last = Uri.UnescapeDataString(line);
        return last;
    }

    private static string? VerbOf(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            if (Valued.Contains(args[i]))
                i++;
            else if (!args[i].StartsWith('-'))
                return args[i];
        }
        return null;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int DescriptorControl(int descriptor, int command, int value);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);

    private sealed class Work : IDisposable
    {
        public Work(string root) => Tell(Uri.EscapeDataString(root));

        public void Dispose() => Tell("");

        private static void Tell(string line)
        {
            try
            {
                _pipe?.WriteLine(line);
            }
            catch (IOException)
            {
                // Nobody listens any more; then this process is about to be ended too.
            }
        }
    }
}
