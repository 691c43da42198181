using Gradus.Dashboard.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Gradus.Dashboard.Pages;

/// <summary>A page about one run, which may be moved away and come back while the page is open.</summary>
public abstract class RunFollowingPage : FollowingPage
{
    private string? _name;

    [CascadingParameter] private HttpContext? Http { get; set; }

    /// <summary>The run's name; null to choose one.</summary>
    [Parameter] public string? Name { get; set; }

    /// <summary>The run; null where there is none of the name, or none was chosen.</summary>
    private protected RunTail? Tail { get; private set; }

    /// <summary>Whether there was one a moment ago.</summary>
    private protected bool WasHere { get; private set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_name != Name)
        {
            (_name, Tail, WasHere) = (Name, null, false);
            Forget();
            Find();
            if (Tail is null && Name is not null && Http is not null)
                Http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        await ReadAsync();
    }

    /// <summary>Looks at what belongs to the run, now or at another epoch.</summary>
    /// <returns>True where the page is to be drawn anew.</returns>
    private protected abstract Task<bool> ReadAsync();

    /// <summary>Another run is shown, or none: what was read of the one before means nothing any more.</summary>
    private protected virtual void Forget()
    {
    }

    // While nothing changes a tick asks for a few times and lengths, and draws nothing.
    private protected sealed override async Task<bool> LookAgainAsync()
    {
        bool found = Find();
        return await ReadAsync() || found;
    }

    private bool Find()
    {
        if (Name is null || (Tail is not null && File.Exists(Tail.Folder.InfoFile)))
            return false;
        RunTail? before = Tail;
        WasHere |= before is not null;
        Tail = Reader.Find(Name) is { } folder ? new RunTail(folder) : null;
        if (Tail is null && before is null)
            return false;
        Forget();
        return true;
    }
}
