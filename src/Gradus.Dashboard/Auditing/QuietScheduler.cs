using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Gradus.Dashboard.Auditing;

/// <summary>Threads of its own that get what processor time others leave, so that work beside a training does not slow it.</summary>
internal sealed class QuietScheduler : TaskScheduler, IDisposable
{
    private const int Lowest = 19; // of the nice values
    [ThreadStatic] private static QuietScheduler? t_of;
    private readonly BlockingCollection<Task> _tasks = [];
    private readonly Thread[] _threads;

    /// <summary>Starts its threads.</summary>
    /// <param name="threads">How many, at least 1.</param>
    public QuietScheduler(int threads)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"quiet {i}", Priority = ThreadPriority.BelowNormal })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => _threads.Length;

    /// <summary>Lets the threads end after what they are doing.</summary>
    public void Dispose() => _tasks.CompleteAdding();

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => _tasks.Add(task);

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => t_of == this && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [.. _tasks];

    private void Work()
    {
        t_of = this;
        // On Linux the runtime leaves a thread's priority as it is, and 0 is the calling thread. Refused, the work only is less quiet.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(which: 0, who: 0, Lowest);
        foreach (Task task in _tasks.GetConsumingEnumerable())
            TryExecuteTask(task);
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int who, int value);
}
