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
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs", width, dark);
        foreach (string path in (string[])["runs", $"runs?q={a}&group=status&diff=1", $"run/{a}", $"compare?run={a}&run={b}", "checkpoints", $"checkpoints/{a}", "logbook"])
        {
            await visit.GoAsync(path);
            if (path.StartsWith("run/", StringComparison.Ordinal))
                await visit.Page.Locator(".js-plotly-plot .main-svg").First.WaitForAsync();
            AxeResult result = await visit.Page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] } });
            Assert.Empty(result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{path}: {v.Id}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}"));
            Assert.InRange(await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), 0, width);
        }
        visit.WentWell();
    }
}
