using Gradus.Datasets;
using Gradus.Mistakes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gradus.Dashboard.Tests;

/// <summary>The gallery of mistakes, in a real browser.</summary>
public sealed class ImagesPageTests(Chromium chromium)
{
    [Fact]
    public async Task Mistakes_come_the_most_wrong_first_and_are_filtered()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        Judgement[] judged = Judged(run);
        await using Visit visit = await chromium.OpenAsync(history.Server, "images");
        IPage page = visit.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = history.Names[0], Exact = true }).ClickAsync();
        string[] wrong = [.. judged.Where(j => j.Predicted != j.Grade).OrderByDescending(j => j.Error).Select(j => j.Image.Id.Value)];
        Assert.InRange(wrong.Length, 3, judged.Length - 1);
        ILocator shots = page.Locator(".shot"), names = page.Locator(".shot .name");
        await Expect(names).ToHaveTextAsync(wrong);
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync($"{wrong.Length} of {judged.Length} images, {wrong.Length} wrong");
        Judgement worst = judged.MaxBy(j => j.Error)!;
        await Expect(shots.First).ToContainTextAsync($"labelled {worst.Grade} ");
        await Expect(shots.First).ToContainTextAsync($"score {worst.Score.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)}");
        Assert.True(await shots.First.Locator("img").EvaluateAsync<bool>("i => i.decode().then(() => i.naturalWidth > 0)"));

        await page.GetByLabel("only wrong ones").UncheckAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync($"{judged.Length} of {judged.Length} images");
        await page.GetByLabel("Labelled grade").SelectOptionAsync("2");
        string[] two = [.. judged.Where(j => j.Grade == 2).OrderByDescending(j => j.Error).Select(j => j.Image.Id.Value)];
        await Expect(names).ToHaveTextAsync(two);
        await page.ReloadAsync();
        await page.Locator("main[data-interactive=yes]").WaitForAsync();
        await Expect(names).ToHaveTextAsync(two);
        await page.GetByLabel("Predicted grade").SelectOptionAsync("2");
        await Expect(names).ToHaveTextAsync([.. judged.Where(j => j is { Grade: 2, Predicted: 2 }).OrderByDescending(j => j.Error).Select(j => j.Image.Id.Value)]);
        visit.WentWell();
    }

    [Fact]
    public async Task An_address_with_nonsense_in_it_shows_what_it_shows_without()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun.In(history);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"images/{history.Names[0]}?epoch=abc&grade=x&predicted=-1&all=yes");
        await visit.Page.Locator(".shot").First.WaitForAsync();
        visit.WentWell();
    }

    [Fact]
    public async Task The_large_view_is_walked_through_with_keys_and_gives_the_focus_back()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        string[] ids = [.. Judged(run).Where(j => j.Predicted != j.Grade).OrderByDescending(j => j.Error).Select(j => j.Image.Id.Value)];
        run.Explain(new ImageId(ids[1]));
        await using Visit visit = await chromium.OpenAsync(history.Server, $"images/{history.Names[0]}");
        IPage page = visit.Page;
        await page.Locator(".shot").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator(".shot").Nth(1)).ToBeFocusedAsync();
        await Expect(page.Locator(".shot").Nth(1)).ToContainTextAsync("Grad-CAM");
        await page.Keyboard.PressAsync("Enter");

        ILocator dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Large view" });
        await Expect(dialog.Locator("h2")).ToHaveTextAsync(ids[1]);
        ILocator map = dialog.GetByAltText($"Grad-CAM of {ids[1]}");
        Assert.True(await map.EvaluateAsync<bool>("i => i.decode().then(() => i.naturalWidth > 0)"));
        await Expect(dialog.GetByText("Grad-CAM of score")).ToBeVisibleAsync();
        await Expect(dialog.Locator("table.bars tr")).ToHaveCountAsync(5);

        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(dialog.Locator("h2")).ToHaveTextAsync(ids[2]);
        await Expect(map).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Home");
        await Expect(dialog.Locator("h2")).ToHaveTextAsync(ids[0]);
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.Keyboard.PressAsync("End");
        await Expect(dialog.Locator("h2")).ToHaveTextAsync(ids[^1]);
        for (int i = 0; i < 12; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            // Between its last and its first element the browser's own bar may have the focus; never what is behind the dialog.
            Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null"));
        }
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(page.Locator($".shot[data-at='{ids.Length - 1}']")).ToBeFocusedAsync();
        visit.WentWell();
    }

    [Fact]
    public async Task Without_heat_maps_the_command_that_makes_them_is_named_and_they_appear_by_themselves()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"images/{history.Names[0]}?all=1");
        await Expect(visit.Page.Locator("code")).ToHaveTextAsync($"gradus explain {run.Folder.Root} --mistakes");
        run.Explain([.. run.Validation.Select(r => r.Id)]);
        await Expect(visit.Page.Locator("code")).ToHaveCountAsync(0);
        await Expect(visit.Page.Locator(".shot").First).ToContainTextAsync("Grad-CAM");
        visit.WentWell();
    }

    [Fact]
    public async Task Only_the_rows_on_the_screen_are_drawn()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun.In(history).Repeat(300);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"images/{history.Names[0]}?all=1", width: 390);
        IPage page = visit.Page;
        await page.Locator(".shot").First.WaitForAsync();
        int all = int.Parse((await page.Locator(".gallery").GetAttributeAsync("data-count"))!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(all > 3000);
        Assert.InRange(await page.Locator(".shot").CountAsync(), 4, 60);
        await page.Locator(".shot").First.FocusAsync();
        await page.EvaluateAsync("() => scrollTo(0, document.body.scrollHeight)");
        await page.Locator($".shot[data-at='{all - 1}']").WaitForAsync();
        Assert.InRange(await page.Locator(".shot").CountAsync(), 4, 60);
    }

    // As the page orders them, worked out from the files.
    private static Judgement[] Judged(JudgedRun run) => [.. KeptJudgements.Read(run.Folder, run.Folder.ReadInfo().Experiment, run.Epoch, run.Folder.Metrics.Read()[run.Epoch - 1].Thresholds)];
}
