using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Gradus.Runs.Notes;

namespace Gradus.Dashboard.Tests;

/// <summary>Every page, in both themes and at both widths: nothing serious for axe, and nothing that makes the page scroll sideways.</summary>
public sealed class AccessibilityTests(Chromium chromium)
{
    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(390, false)]
    [InlineData(390, true)]
    public async Task Pages_meet_WCAG_AA_and_fit_their_screen(int width, bool dark)
    {
        await using History history = await History.ServeAsync(runs: 12);
        string a = history.Names[0], b = history.Names[1];
        history.Note(a, new RunNote { At = default, Remark = "larger images", Tags = ["best"], Public = 0.7 });
        JudgedRun run = JudgedRun.In(history);
        run.Explain([.. run.Validation.Select(r => r.Id)]);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"data/{a}", width, dark);
        await DataPageTests.AuditAsync(visit.Page);
        foreach (string path in (string[])["runs", $"runs?q={a}&group=status&diff=1", $"run/{a}", $"compare?run={a}&run={b}", "checkpoints", $"checkpoints/{a}", "logbook", "images", $"images/{a}", $"images/{a}#large", "data", $"data/{a}"])
        {
            await visit.GoAsync(path);
            if (path.StartsWith("run/", StringComparison.Ordinal))
                await visit.Page.Locator(".js-plotly-plot .main-svg").First.WaitForAsync();
            if (path == $"images/{a}#large")
                await visit.Page.Locator(".shot").First.ClickAsync();
            if (path.StartsWith($"images/{a}", StringComparison.Ordinal))
                await visit.Page.Locator(".shot").First.WaitForAsync();
            if (path == $"data/{a}")
                await visit.Page.Locator(".picture img").First.WaitForAsync();
            if (Environment.GetEnvironmentVariable("GRADUS_SCREENSHOTS") is { Length: > 0 } shots)
                await visit.Page.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(shots, $"{string.Concat(path.Replace(a, "run", StringComparison.Ordinal).Where(c => char.IsLetterOrDigit(c)))}-{width}-{(dark ? "dark" : "light")}.png") });
            AxeResult result = await visit.Page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] } });
            Assert.Empty(result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{path}: {v.Id}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}"));
            Assert.InRange(await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), 0, width);
        }
        visit.WentWell();
    }
}
