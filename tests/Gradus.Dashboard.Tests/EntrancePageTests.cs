using System.Net;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gradus.Dashboard.Tests;

/// <summary>How a person enters who has the token and not the address with it.</summary>
public sealed class EntrancePageTests(Chromium chromium)
{
    private const string Token = "0123456789abcdef-secret";

    [Theory]
    [InlineData(1280, false)]
    [InlineData(390, true)]
    public async Task The_token_is_typed_into_a_form_and_leads_to_the_page_that_was_asked_for(int width, bool dark)
    {
        await using History history = await History.ServeAsync(runs: 3, how: o => o with { Bind = IPAddress.Any, Token = Token });
        await using Visit visit = await chromium.OpenAsync(history.Server, null, width, dark);
        IPage page = visit.Page;
        await page.GotoAsync(new Uri(history.Server.Address, "runs?q=qwk%3E0&sort=loss").ToString());
        await Expect(page.GetByLabel("Token")).ToBeFocusedAsync();
        Assert.Empty((await page.RunAxe()).Violations.Select(v => v.Id));
        Assert.InRange(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), 0, width);
        if (Environment.GetEnvironmentVariable("GRADUS_SCREENSHOTS") is { Length: > 0 } shots)
            await page.ScreenshotAsync(new() { Path = Path.Combine(shots, $"entrance-{width}.png") });

        await page.GetByLabel("Token").FillAsync("0123456789abcdef-secreT");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This is not the token.");
        await page.GetByLabel("Token").FillAsync(Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Enter" }).ClickAsync();
        await page.Locator("main[data-interactive=yes]").WaitForAsync();
        Assert.EndsWith("/runs?q=qwk%3E0&sort=loss", page.Url, StringComparison.Ordinal);
        await Expect(page.GetByLabel("Filter", new() { Exact = true })).ToHaveValueAsync("qwk>0");
    }
}
