using System.Net;
using Gradus.Audit;
using Gradus.Datasets;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gradus.Dashboard.Tests;

/// <summary>The audit of a run's data, in a real browser.</summary>
public sealed class DataPageTests(Chromium chromium)
{
    [Fact]
    public async Task A_conflict_decided_on_the_page_is_kept_and_understood_by_the_audit()
    {
        await using History history = await History.ServeAsync(runs: 2);
        JudgedRun run = JudgedRun.In(history);
        ImageId id = run.Planted.Conflicts[0].Ids[0], other = run.Planted.Conflicts[0].Ids[1];
        string decisions = Path.Combine(history.Folder, "decisions.csv"), select = $"Decision about {id} of synthetic";
        await using (Visit visit = await chromium.OpenAsync(history.Server, $"data/{history.Names[0]}"))
        {
            IPage page = visit.Page;
            await Expect(page.Locator(".picture")).ToHaveCountAsync(0); // nothing is read before somebody asks for it
            await AuditAsync(page);
            await page.GetByLabel(select).SelectOptionAsync(new SelectOptionValue { Label = "regrade to 3 severe" });
            await Expect(page.GetByText("; saved")).ToBeVisibleAsync();
            await page.GetByLabel($"Decision about {other} of synthetic").SelectOptionAsync("drop");
            await Expect(page.GetByText("2 of 4 images decided; saved")).ToBeVisibleAsync();
            await Expect(page.GetByText($"conflicts: {{ file: {decisions} }}")).ToBeVisibleAsync();
            visit.WentWell();
        }
        ImageDecision[] written = [.. DecisionFile.Read(decisions, run.Folder.ReadInfo().Experiment.Scale)];
        Assert.Equal((DecisionKind.Regrade, 3), (written.Single(d => d.Image.Id == id).Kind, written.Single(d => d.Image.Id == id).Grade));
        Assert.Equal(DecisionKind.Drop, written.Single(d => d.Image.Id == other).Kind);

        await history.RestartAsync();
        await using (Visit again = await chromium.OpenAsync(history.Server, $"data/{history.Names[0]}"))
        {
            await AuditAsync(again.Page);
            await Expect(again.Page.GetByLabel(select)).ToHaveValueAsync("3");
        }

        string yaml = Path.Combine(run.World, "experiment.yaml");
        AtomicFile.WriteText(yaml, File.ReadAllText(yaml) + $"\nconflicts: {{ file: {decisions} }}\n");
        (int code, string output, string error) = await GradusProgram.RunAsync(run.World, "audit", "experiment.yaml", "--json");
        Assert.True(code == 0, error);
        Assert.DoesNotContain($"\"{id}\"", output[output.IndexOf("\"quarantined\"", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains("It is decided", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Duplicates_leaks_grades_and_shift_are_shown()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"data/{history.Names[0]}");
        IPage page = visit.Page;
        await AuditAsync(page);
        foreach (ImageId id in run.Planted.ExactDuplicates.SelectMany(d => d.Ids).Concat(run.Planted.NearDuplicates.SelectMany(n => (ImageId[])[n.Original, n.Copy])).Concat(run.Planted.TestLeaks.SelectMany(l => (ImageId[])[l.Train, l.Test])))
            await Expect(page.Locator($".picture b[title='{id}']").First).ToBeAttachedAsync();
        await Expect(page.GetByText("similarity 0.").First).ToBeAttachedAsync();
        Assert.True(await page.Locator(".picture img").First.EvaluateAsync<bool>("i => { i.loading = 'eager'; return i.decode().then(() => i.naturalWidth > 0); }"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Training and validation" })).ToBeVisibleAsync();
        await page.GetByLabel("Property").SelectOptionAsync(new SelectOptionValue { Label = "brightness" }, new() { Force = true });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "brightness" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Distances" })).ToContainTextAsync("sharpness");
        await page.GetByText("Unreadable image").ClickAsync();
        await Expect(page.Locator("details.finding[open]")).ToContainTextAsync(run.Planted.Corrupt[0].Value);
        visit.WentWell();
    }

    [Fact]
    public async Task One_audit_is_done_at_a_time_and_can_be_stopped()
    {
        await using History history = await History.ServeAsync(runs: 2);
        JudgedRun run = JudgedRun.In(history, copies: 60);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"data/{history.Names[0]}");
        await using Visit other = await chromium.OpenAsync(history.Server, $"data/{history.Names[1]}");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Audit the data" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
        await Expect(other.Page.GetByText("one is done at a time")).ToBeVisibleAsync();
        await Expect(other.Page.GetByRole(AriaRole.Button, new() { Name = "Audit the data" })).ToBeDisabledAsync();
        await Expect(visit.Page.GetByText("a second")).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Audit the data" })).ToBeEnabledAsync();
        await Expect(visit.Page.Locator(".tile")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Ids_of_strangers_are_only_words_and_can_be_decided_about()
    {
        const string id = "\"><script>document.title='taken'<img src=x onerror=alert(1)>";
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun.In(history, rename: id);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"data/{history.Names[0]}");
        await AuditAsync(visit.Page);
        await visit.Page.GetByLabel($"Decision about {id} of synthetic").SelectOptionAsync("drop");
        await Expect(visit.Page.GetByText("; saved")).ToBeVisibleAsync();
        await visit.GoAsync($"images/{history.Names[0]}?all=1");
        await visit.Page.Locator(".shot").First.WaitForAsync();
        Assert.Equal(0, await visit.Page.Locator("main script, img[src=x]").CountAsync());
        Assert.DoesNotContain("taken", await visit.Page.TitleAsync(), StringComparison.Ordinal);
        visit.WentWell();
    }

    [Fact]
    public async Task An_image_outside_of_the_data_folders_is_neither_served_nor_read()
    {
        await using History history = await History.ServeAsync(runs: 1);
        JudgedRun run = JudgedRun.In(history);
        string picture = $"pictures/{history.Names[0]}?source=synthetic&id={Uri.EscapeDataString(run.Validation[0].Id.Value)}&side=96";
        using (var client = new HttpClient { BaseAddress = history.Server.Address })
        {
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(picture, TestContext.Current.CancellationToken)).StatusCode);
            // The same name in a source that has no such image, and an image that is a link to elsewhere.
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(picture.Replace("synthetic", "older", StringComparison.Ordinal), TestContext.Current.CancellationToken)).StatusCode);
            string file = ((FileLocation)run.Validation[1].Location).Path, outside = history.Outside("outside.jpg");
            File.Move(file, outside);
            File.CreateSymbolicLink(file, outside);
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(picture.Replace(Uri.EscapeDataString(run.Validation[0].Id.Value), Uri.EscapeDataString(run.Validation[1].Id.Value), StringComparison.Ordinal), TestContext.Current.CancellationToken)).StatusCode);
        }
        string elsewhere = history.Outside("elsewhere");
        Directory.CreateDirectory(elsewhere);
        await history.RestartAsync(o => o with { Data = [elsewhere] });
        using (var client = new HttpClient { BaseAddress = history.Server.Address })
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(picture, TestContext.Current.CancellationToken)).StatusCode);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"data/{history.Names[0]}");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Audit the data" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("outside of the folders");
    }

    /// <summary>Asks for the audit and waits for what it finds.</summary>
    internal static async Task AuditAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Audit the data" }).ClickAsync();
        await page.Locator("dl.tiles").WaitForAsync(new() { Timeout = 60_000 });
    }
}
