using System.Collections.Concurrent;
using Gradus.Dashboard.Auditing;

namespace Gradus.Dashboard.Tests;

/// <summary>Work that gives way to a training.</summary>
public sealed class QuietSchedulerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Everything_queued_is_done_by_as_many_threads_of_its_own_as_were_asked_for(int threads)
    {
        using var scheduler = new QuietScheduler(threads);
        int running = 0, most = 0;
        var names = new ConcurrentBag<string?>();
        var done = new ConcurrentBag<int>();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => RunAsync(scheduler, () =>
        {
            int now = Interlocked.Increment(ref running);
            for (int before; (before = Volatile.Read(ref most)) < now;)
                Interlocked.CompareExchange(ref most, now, before);
            names.Add(Thread.CurrentThread.Name);
            Thread.Sleep(1);
            done.Add(i);
            Interlocked.Decrement(ref running);
        })));
        Assert.Equal(Enumerable.Range(0, 60), done.Order());
        Assert.Equal(threads, scheduler.MaximumConcurrencyLevel);
        Assert.InRange(most, 1, threads);
        Assert.All(names, name => Assert.StartsWith("quiet ", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_thread_works_in_the_order_of_asking()
    {
        using var scheduler = new QuietScheduler(1);
        var done = new List<int>();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => RunAsync(scheduler, () => done.Add(i))));
        Assert.Equal(Enumerable.Range(0, 100), done);
    }

    [Fact]
    public async Task Its_threads_give_way_to_others()
    {
        using var scheduler = new QuietScheduler(1);
        ThreadPriority priority = default;
        string nice = "";
        await RunAsync(scheduler, () =>
        {
            priority = Thread.CurrentThread.Priority;
            // Behind the name in brackets, which may have spaces, the nice value is the seventeenth.
            if (OperatingSystem.IsLinux())
                nice = File.ReadAllText("/proc/thread-self/stat").Split(')')[^1].Trim().Split(' ')[16];
        });
        Assert.Equal(ThreadPriority.BelowNormal, priority);
        if (OperatingSystem.IsLinux())
            Assert.Equal("19", nice);
    }

    [Fact]
    public async Task A_failure_is_the_tasks_and_not_the_threads()
    {
        using var scheduler = new QuietScheduler(1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(scheduler, () => throw new InvalidOperationException()));
        bool done = false;
        await RunAsync(scheduler, () => done = true);
        Assert.True(done);
    }

    [Fact]
    public async Task Disposed_it_ends_what_was_queued_takes_nothing_more_and_lets_its_threads_go()
    {
        var scheduler = new QuietScheduler(1);
        using var go = new ManualResetEventSlim();
        Thread? thread = null;
        Task first = RunAsync(scheduler, () => { thread = Thread.CurrentThread; go.Wait(TestContext.Current.CancellationToken); }), second = RunAsync(scheduler, () => { });
        scheduler.Dispose();
        go.Set();
        await Task.WhenAll(first, second);
        Assert.True(thread!.Join(TimeSpan.FromSeconds(10)));
        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(scheduler, () => { }));
    }

    private static Task RunAsync(QuietScheduler scheduler, Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, scheduler);
}
