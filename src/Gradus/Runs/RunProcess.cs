using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gradus.Runs;

/// <summary>
/// process.json in a run's folder: which process worked on the run last, and of what processes died that did. A run
/// that says it is under way, while nobody holds its lock and the process named here is gone, has died; this is the one
/// place that decides it.
/// </summary>
public sealed record RunProcess
{
    // Systems tell the start of a process by a clock that is set.
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(5);

    /// <summary>Number of the process.</summary>
    public required int Pid { get; init; }

    /// <summary>Name of the machine.</summary>
    public required string Host { get; init; }

    /// <summary>When the process was started, which tells it from a later one of the same number.</summary>
    public required DateTimeOffset StartedUtc { get; init; }

    /// <summary>How many processes have worked on the run, this one included.</summary>
    public required int Starts { get; init; }

    /// <summary>The deaths so far, the first one first.</summary>
    public ImmutableArray<RunDeath> Died { get; init; } = [];

    /// <summary>How the process died; null where that is not known.</summary>
    [JsonIgnore]
    public RunDeath? Death => Died is [.., var last] && last.Start == Starts ? last : null;

    /// <summary>Reads process.json; null where there is none, or none that can be read.</summary>
    public static RunProcess? Read(RunFolder run)
    {
        try
        {
            return JsonSerializer.Deserialize<RunProcess>(File.ReadAllText(run.ProcessFile), GradusJson.Indented);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            return null; // what is known beside the run must not keep anybody from it
        }
    }

    /// <summary>
    /// Notes that this process works on the run now, and that the one before it died, where it did without a word.
    /// </summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static void Claim(RunFolder run)
    {
        using Process self = Process.GetCurrentProcess();
        RunProcess? before = Read(run);
        var now = new RunProcess
        {
            Pid = self.Id,
            Host = Environment.MachineName,
            StartedUtc = self.StartTime.ToUniversalTime(),
            Starts = (before?.Starts ?? 0) + 1,
            Died = before?.Died ?? [],
        };
        if (before is { Death: null } && before.Lives())
            now = now with { Starts = before.Starts };
        else if (before is { Death: null } && run.SaysRunning())
            now = now with { Died = now.Died.Add(Silent(run, before.Starts)) };
        Write(run, now);
    }

    /// <summary>Notes that the process that worked on the run died of a signal.</summary>
    /// <exception cref="GradusException">It could not be written.</exception>
    public static RunDeath Record(RunFolder run, int signal, string reason, TimeProvider clock)
    {
        RunProcess? process = Read(run);
        var death = new RunDeath
        {
            Start = process?.Starts ?? 1,
            Signal = signal,
            Name = FatalSignal.Name(signal),
            Reason = reason,
            At = clock.GetUtcNow(),
            Epochs = Epochs(run),
        };
        if (process is not null)
            Write(run, process with { Died = process.Died.Add(death) });
        return death;
    }

    /// <summary>
    /// How the process died that works on the run according to run.json; null where it is at work, or run.json says
    /// what became of it.
    /// </summary>
    public static RunDeath? DeathOf(RunFolder run)
    {
        if (!run.SaysRunning())
            return null;
        RunProcess? process = Read(run);
        // A run without either was made by a version that left no traces, or by hand.
        if (process is null && !File.Exists(run.LockFile))
            return null;
        if (IsHeld(run.LockFile) || (process is { Death: null } && process.Lives()))
            return null;
        // It may have ended in order while it was looked at.
        return run.SaysRunning() ? process?.Death ?? Silent(run, process?.Starts ?? 1) : null;
    }

    /// <summary>Every process that died while it worked on a run, the first one first.</summary>
    public static ImmutableArray<RunDeath> AllOf(RunFolder run)
    {
        ImmutableArray<RunDeath> known = Read(run)?.Died ?? [];
        return DeathOf(run) is { } last && !known.Contains(last) ? known.Add(last) : known;
    }

    /// <summary>
    /// What a person should know of the deaths of a run, a sentence each without a full stop; none where nobody died.
    /// </summary>
    public static IEnumerable<string> Story(RunFolder run)
    {
        if (DeathOf(run) is not { } last)
            yield break;
        yield return $"{run.Name}: {last.Words}, after {Count(last.Epochs, "whole epoch")}";
        ImmutableArray<RunDeath> all = AllOf(run);
        int here = all.Count(d => d.Epochs == last.Epochs), times = all.Length;
        if (times > 1)
        {
            string where = here == times ? "always" : here > 1 ? $"{here} times" : "this time";
            yield return $"Its processes have died {Count(times, "time")}, {where} in epoch {last.Epochs + 1}";
        }
        if (here > 1)
        {
            yield return "What kills it there will do so again: gradus doctor tests the engine on this machine; a smaller train: "
                + "batch needs less memory";
        }
    }

    private static string Count(int n, string what) => $"{n} {what}{(n == 1 ? "" : "s")}";

    private static RunDeath Silent(RunFolder run, int start) => new() { Start = start, Epochs = Epochs(run) };

    private static int Epochs(RunFolder run)
    {
        try
        {
            return run.Metrics.ReadSound().Records.Count;
        }
        catch (GradusException)
        {
            return 0;
        }
    }

    private static void Write(RunFolder run, RunProcess process) =>
        AtomicFile.WriteText(run.ProcessFile, JsonSerializer.Serialize(process, GradusJson.Indented) + "\n");

    // Whoever trains holds the lock alone; to share it for a moment is refused as long as somebody does.
    private static bool IsHeld(string path)
    {
        try
        {
            using var shared = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    // Not every network file system has locks, so a process of this machine is looked for as well.
    private bool Lives()
    {
        if (Host != Environment.MachineName)
            return false;
        try
        {
            using Process process = Process.GetProcessById(Pid);
            return (process.StartTime.ToUniversalTime() - StartedUtc).Duration() < ClockStep && !IsZombie();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return false;
        }
    }

    // A dead process whose parent has not asked for it, as it stays for ever where a container has no init.
    private bool IsZombie()
    {
        try
        {
            string stat = OperatingSystem.IsLinux() ? File.ReadAllText($"/proc/{Pid}/stat") : "";
            return stat.LastIndexOf(')') is >= 0 and var name && stat.AsSpan(name + 1).TrimStart() is ['Z' or 'X', ..];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
