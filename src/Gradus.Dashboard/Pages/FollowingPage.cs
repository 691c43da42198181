using Gradus.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Gradus.Dashboard.Pages;

/// <summary>A page that looks again, as long as it is open, at what it shows.</summary>
public abstract class FollowingPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _end = new();

    [Inject] internal RunReader Reader { get; set; } = null!;

    /// <summary>Set when the page is left.</summary>
    private protected CancellationToken End => _end.Token;

    /// <summary>How often it looks.</summary>
    private protected abstract TimeSpan Interval { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The page is left.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing)
    {
        _end.Cancel();
        _end.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = Following.EveryAsync(Interval, FollowAsync, _end.Token);
    }

    /// <summary>Looks at the files.</summary>
    /// <returns>True where the page is to be drawn anew.</returns>
    private protected abstract Task<bool> LookAgainAsync();

    /// <summary>Looks now, and draws what has changed.</summary>
    private protected async Task FollowAsync()
    {
        if (await LookAgainAsync())
            StateHasChanged();
    }
}
