using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Gradus.Dashboard.Tests.Chromium))]

namespace Gradus.Dashboard.Tests;

/// <summary>The system's browser, started once. Tests that need it are skipped where there is none, and say so.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static string? Path => Environment.GetEnvironmentVariable("GRADUS_CHROMIUM") ?? Places.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Path is null)
            return;
        // Other tests may have both processors.
        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        // Root, as in most containers, has no sandbox.
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Path, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A page of a browser without history, which fails the test for whatever it asks of another machine.</summary>
    internal async Task<Visit> OpenAsync(DashboardServer server, string? path, int width = 1280, bool dark = false)
    {
        Assert.SkipWhen(_browser is null, "needs Chromium: apt-get install chromium, or its path in GRADUS_CHROMIUM");
        IBrowserContext context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = width < 500 ? 844 : 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(20_000);
        var visit = new Visit(context, await context.NewPageAsync(), server);
        if (path is not null)
            await visit.GoAsync(path);
        return visit;
    }
}

/// <summary>Somebody looking at a dashboard.</summary>
internal sealed class Visit(IBrowserContext context, IPage page, DashboardServer server) : IAsyncDisposable
{
    private readonly List<string> _errors = [], _abroad = [];
    private bool _listening;

    public IPage Page { get; } = page;

    /// <summary>Goes to a page and waits until the server answers to clicks.</summary>
    public async Task GoAsync(string path)
    {
        if (!_listening)
        {
            _listening = true;
            Page.PageError += (_, error) => _errors.Add(error);
            Page.Console += (_, message) => { if (message.Type == "error") _errors.Add(message.Text); };
            Page.Request += (_, request) => { if (new Uri(request.Url) is { IsLoopback: false, Scheme: not ("data" or "blob") }) _abroad.Add(request.Url); };
        }
        await Page.GotoAsync(new Uri(server.Address, path).ToString());
        await Page.Locator("main[data-interactive=yes]").WaitForAsync();
    }

    /// <summary>The browser complained of nothing, no script of a stranger ran, and nothing was asked of another machine.</summary>
    public void WentWell()
    {
        Assert.Empty(_errors);
        Assert.Empty(_abroad);
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
