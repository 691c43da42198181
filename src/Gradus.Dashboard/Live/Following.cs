namespace Gradus.Dashboard.Live;

/// <summary>What a page does again and again while it is open.</summary>
internal static class Following
{
    /// <summary>
    /// Works at every tick until the page is left. A folder that somebody moves or writes at that moment is no reason to stop: the next
    /// tick looks again.
    /// </summary>
    public static async Task EveryAsync(TimeSpan interval, Func<Task> work, CancellationToken end)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                try
                {
                    await work();
                }
                catch (Exception e) when (e is GradusException or IOException or UnauthorizedAccessException)
                {
                    // told by the page where it lasts
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // the page was left
        }
    }
}
