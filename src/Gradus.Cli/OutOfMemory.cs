using System.Globalization;

namespace Gradus.Cli;

/// <summary>
/// How many processes the kernel has killed for want of memory, which is the only trace that such a kill leaves.
/// </summary>
/// <param name="Group">Of the control group, as of a container, that this process belongs to; null where that is not
/// told.</param>
/// <param name="Machine">Of the whole machine; null where that is not told.</param>
internal sealed record OutOfMemory(long? Group, long? Machine)
{
    /// <summary>The counts of this moment.</summary>
    public static OutOfMemory Now() => new(Count(GroupFile()) ?? Count("/sys/fs/cgroup/memory/memory.oom_control"), Count("/proc/vmstat"));

    /// <summary>Who sent SIGKILL, as far as the counts since <paramref name="before"/> tell.</summary>
    public string Sender(OutOfMemory before)
    {
        if (Group > before.Group)
            return "the out-of-memory killer, at the memory limit of this container or control group";
        if (Machine > before.Machine)
            return "the out-of-memory killer, most probably: the machine ran out of memory";
        return Machine is null && Group is null
            ? "kill -9 or the out-of-memory killer"
            : "kill -9 by somebody; the kernel counts no kill for want of memory";
    }

    private static string GroupFile()
    {
        const string Unified = "0::";
        string? own = Lines("/proc/self/cgroup").FirstOrDefault(l => l.StartsWith(Unified, StringComparison.Ordinal));
        string path = $"/sys/fs/cgroup{own?[Unified.Length..].TrimEnd('/')}/memory.events";
        return File.Exists(path) ? path : "/sys/fs/cgroup/memory.events";
    }

    private static long? Count(string path)
    {
        const string Key = "oom_kill ";
        string? line = Lines(path).FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
        return long.TryParse(line?[Key.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : null;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
