using Gradus.Runs.Notes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gradus.Dashboard.Tests;

/// <summary>The pages, in a real browser, as somebody uses them.</summary>
public sealed class PageTests(Chromium chromium)
{
    [Fact]
    public async Task Runs_are_filtered_sorted_grouped_chosen_and_the_address_keeps_it()
    {
        await using History history = await History.ServeAsync(runs: 40);
        string backbone = history.Run(history.Names[0]).ReadInfo().Experiment.Model.Backbone;
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs");
        IPage page = visit.Page;
        await Expect(page.Locator(".count")).ToHaveTextAsync("40 runs");

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync($"backbone={backbone} qwk>0");
        await Expect(page.Locator(".count")).ToContainTextAsync("of 40 runs");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"q=backbone%3D{backbone}%20qwk%3E0"));
        await Expect(page.Locator("tbody tr[data-row]").First).ToContainTextAsync(backbone);
        int found = await page.Locator("tbody tr[data-row]").CountAsync();
        Assert.InRange(found, 2, 39);

        await page.GetByRole(AriaRole.Button, new() { Name = "QWK", Exact = true }).ClickAsync();
        await Expect(page.Locator("thead th[aria-sort]")).ToHaveTextAsync("QWK");
        double[] falling = await ColumnAsync(page, "QWK");
        Assert.Equal(falling.OrderDescending(), falling);
        await page.GetByRole(AriaRole.Button, new() { Name = "QWK", Exact = true }).ClickAsync();
        await Expect(page.Locator("thead th[aria-sort=ascending]")).ToBeVisibleAsync();
        Assert.Equal(falling.Order(), await ColumnAsync(page, "QWK"));

        await page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Find a column").FillAsync("train.top_lr");
        await page.Locator(".choices").GetByLabel("train.top_lr", new() { Exact = true }).CheckAsync();
        await page.Locator(".choices").GetByLabel("train.top_lr", new() { Exact = true }).PressAsync("Escape");
        await Expect(page.Locator("thead")).ToContainTextAsync("train.top_lr");
        await page.GetByLabel("Group by").SelectOptionAsync("fold");
        await Expect(page.Locator("tr.group").First).ToContainTextAsync("best QWK");

        await page.ReloadAsync();
        await page.Locator("main[data-interactive=yes]").WaitForAsync();
        await Expect(page.Locator("thead")).ToContainTextAsync("train.top_lr");
        await Expect(page.Locator("tr.group").First).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Filter", new() { Exact = true })).ToHaveValueAsync($"backbone={backbone} qwk>0");

        await page.GetByLabel("differing columns only").CheckAsync();
        await Expect(page.Locator("thead").GetByText("Backbone", new() { Exact = true })).ToHaveCountAsync(0);
        visit.WentWell();
    }

    [Fact]
    public async Task Runs_that_are_selected_are_compared()
    {
        await using History history = await History.ServeAsync();
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs");
        IPage page = visit.Page;
        string[] names = [.. history.Names.Take(2)];
        foreach (string name in names)
            await page.GetByLabel($"Select {name}", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare 2" }).ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync("Compare");
        await Expect(page.Locator(".js-plotly-plot .legendtext")).ToHaveTextAsync(names);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Validation QWK at default thresholds" })).ToBeVisibleAsync();
        await page.GetByText("QWK, tuned", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Validation QWK at tuned thresholds" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Settings that differ" }).Or(page.GetByText("No setting differs"))).ToBeVisibleAsync();

        await page.GetByLabel("add a run").FillAsync(history.Names[2]);
        await page.Locator($".found a[href$='{Uri.EscapeDataString(history.Names[2])}']").ClickAsync();
        await Expect(page.Locator(".chip")).ToHaveCountAsync(3);
        visit.WentWell();
    }

    [Fact]
    public async Task A_run_shows_curves_apart_and_any_epoch()
    {
        await using History history = await History.ServeAsync(runs: 2, epochs: 9);
        await using Visit visit = await chromium.OpenAsync(history.Server, $"run/{history.Names[0]}");
        IPage page = visit.Page;
        foreach (string title in (string[])["QWK at default thresholds", "QWK at tuned thresholds", "Loss", "Learning rates", "Images drawn of each grade", "Throughput", "Data wait"])
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = title, Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator(".js-plotly-plot").First).ToBeVisibleAsync();

        await page.GetByLabel("Smoothing of QWK at default thresholds").FillAsync("0.6");
        await Expect(page.Locator(".js-plotly-plot").First.Locator(".legendtext").GetByText("validation, smoothed")).ToBeVisibleAsync();
        await page.GetByLabel("Logarithmic axis of Loss").CheckAsync();

        var records = history.Run(history.Names[0]).Metrics.Read();
        await page.GetByLabel("Epoch", new() { Exact = true }).FillAsync("3");
        await Expect(page.Locator("table.confusion caption")).ToContainTextAsync("default thresholds, epoch 3");
        await Expect(page.Locator("table.confusion tbody td")).ToHaveTextAsync([.. records[2].Validation.Default.Confusion.SelectMany(r => r).Select(c => $"{c}")]);
        await page.GetByText("tuned", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("table.confusion caption")).ToContainTextAsync("tuned thresholds, epoch 3");
        await Expect(page.Locator("table.confusion tbody td")).ToHaveTextAsync([.. records[2].Validation.Tuned.Confusion.SelectMany(r => r).Select(c => $"{c}")]);

        await page.GetByLabel("Find a setting").FillAsync("top_lr");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Settings" })).ToContainTextAsync("train.top_lr");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "metrics.jsonl" })).ToBeVisibleAsync();
        visit.WentWell();
    }

    [Fact]
    public async Task A_remark_and_scores_survive_a_restart()
    {
        await using History history = await History.ServeAsync(runs: 3);
        string name = history.Names[0];
        await using (Visit visit = await chromium.OpenAsync(history.Server, "logbook"))
        {
            ILocator form = visit.Page.GetByRole(AriaRole.Form, new() { Name = $"Notes on {name}", Exact = true });
            await form.GetByLabel("Remark").FillAsync("larger images, <b>bolder</b>");
            await form.GetByLabel("Tags").FillAsync("best, bgc");
            await form.GetByLabel("Public score").FillAsync("0.704");
            await form.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
            await Expect(form.GetByText("Saved.")).ToBeVisibleAsync();
            await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Validation against the leaderboard" })).ToBeVisibleAsync();
            visit.WentWell();
        }
        await history.RestartAsync();
        await using (Visit again = await chromium.OpenAsync(history.Server, $"run/{name}"))
        {
            await Expect(again.Page.GetByLabel("Remark")).ToHaveValueAsync("larger images, <b>bolder</b>");
            await Expect(again.Page.GetByLabel("Tags")).ToHaveValueAsync("best, bgc");
            await Expect(again.Page.GetByLabel("Public score")).ToHaveValueAsync("0.704");
            await again.GoAsync("runs");
            await Expect(again.Page.Locator("tbody tr[data-row]").Filter(new() { HasText = "<b>bolder</b>" })).ToHaveCountAsync(1);
        }
        RunNotes notes = RunNotes.Read(history.Run(name).Root);
        Assert.Equal((0.704, "larger images, <b>bolder</b>"), (notes.Public, notes.Remark));
    }

    [Fact]
    public async Task Checkpoints_tell_their_rank_and_what_other_rules_would_have_chosen()
    {
        await using History history = await History.ServeAsync(runs: 2);
        await using Visit visit = await chromium.OpenAsync(history.Server, "checkpoints");
        IPage page = visit.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = history.Names[0], Exact = true }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync($"Checkpoints of {history.Names[0]}");
        await Expect(page.Locator("tr.best").First).ToContainTextAsync("selected");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Choices of all rules" })).ToContainTextAsync("lowest validation loss");
        await Expect(page.GetByText("gradus predict")).ToBeVisibleAsync();
        visit.WentWell();
    }

    [Fact]
    public async Task Names_and_remarks_of_strangers_are_only_words()
    {
        await using History history = await History.ServeAsync(runs: 2);
        const string name = "\"><script>document.title='taken'<img src=x onerror=alert(1)>", formula = "=HYPERLINK(\"http://evil.example\",\"click\")";
        history.Copy(history.Names[0], name);
        history.Note(name, new RunNote { At = default, Remark = formula, Tags = ["<i>tag"], Public = 0.5 });
        string address = Uri.EscapeDataString(name);
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs");
        foreach (string path in (string[])["runs", $"run/{address}", $"checkpoints/{address}", $"compare?run={address}&run={Uri.EscapeDataString(history.Names[1])}", "logbook", $"runs?q={address}&group={address}&cols={address}&sort={address}"])
        {
            await visit.GoAsync(path);
            await Expect(visit.Page.Locator("main")).ToContainTextAsync(path.StartsWith("runs?", StringComparison.Ordinal) ? "runs" : "<script>");
            Assert.Equal(0, await visit.Page.Locator("main script, main i, img[src=x]").CountAsync());
            Assert.DoesNotContain("taken", (await visit.Page.TitleAsync()).Replace(name, "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        await visit.GoAsync("runs");
        await Expect(visit.Page.GetByText(formula)).ToBeVisibleAsync();
        Assert.Equal(0, await visit.Page.Locator("a[href*=evil]").CountAsync());
        visit.WentWell();
    }

    [Fact]
    public async Task A_broken_run_is_told_on_its_page_and_an_unknown_one_is_not_found()
    {
        await using History history = await History.ServeAsync(runs: 3);
        AtomicFile.WriteText(history.Run(history.Names[0]).InfoFile, "{ half");
        await using Visit visit = await chromium.OpenAsync(history.Server, $"run/{history.Names[0]}");
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("run.json");
        await visit.GoAsync("runs");
        await Expect(visit.Page.Locator("tbody tr[data-row]")).ToHaveCountAsync(3);
        await Expect(visit.Page.GetByText("damaged")).ToBeVisibleAsync();
        using var client = new HttpClient { BaseAddress = history.Server.Address };
        foreach (string path in (string[])["run/nobody", "checkpoints/nobody", "run/..%2f..", "nowhere"])
        {
            HttpResponseMessage answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("There is no", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_half_typed_condition_is_told_and_leaves_the_table()
    {
        await using History history = await History.ServeAsync(runs: 12);
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs?sort=-nothing");
        IPage page = visit.Page;
        await Expect(page.Locator(".problem")).ToContainTextAsync("cannot be sorted by 'nothing'");
        await visit.GoAsync("runs");
        await page.GetByLabel("Filter", new() { Exact = true }).FillAsync("qwk>");
        await Expect(page.Locator(".problem")).ToHaveTextAsync("'qwk>' lacks a value.");
        await Expect(page.Locator("tbody tr[data-row]")).ToHaveCountAsync(12);
        await page.GetByLabel("Filter", new() { Exact = true }).FillAsync("tuned>2");
        await Expect(page.GetByText("No run fulfils this.")).ToBeVisibleAsync();
        await Expect(page.Locator(".problem")).ToHaveCountAsync(0);
        visit.WentWell();
    }

    [Fact]
    public async Task A_run_that_goes_away_is_told_and_its_page_comes_back_with_it()
    {
        await using History history = await History.ServeAsync(runs: 2);
        string name = history.Names[0], there = Path.Combine(history.Folder, name);
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs");
        foreach ((string path, string heading) in ((string, string)[])[($"run/{name}", name), ($"checkpoints/{name}", $"Checkpoints of {name}"), ($"images/{name}", $"Images of {name}"), ($"data/{name}", $"Data of {name}")])
        {
            await visit.GoAsync(path);
            ILocator missing = visit.Page.GetByText("This run is no longer here");
            await Expect(missing).ToHaveCountAsync(0);
            Directory.Move(there, history.Outside("away"));
            await Expect(missing).ToBeVisibleAsync();
            await Expect(visit.Page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "All runs" })).ToHaveAttributeAsync("href", "runs");
            await Expect(visit.Page.Locator(".status, .tile, .chart, dl")).ToHaveCountAsync(0);
            Directory.Move(history.Outside("away"), there);
            await Expect(missing).ToHaveCountAsync(0);
            await Expect(visit.Page.Locator("h1")).ToHaveTextAsync(heading);
        }
        visit.WentWell();
    }

    [Fact]
    public async Task A_run_that_goes_away_before_its_charts_could_be_drawn_is_no_error()
    {
        await using History history = await History.ServeAsync(runs: 2);
        string name = history.Names[0], there = Path.Combine(history.Folder, name);
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs");
        // The drawing library comes late, as it does on a busy machine: after the run has gone, and again after it has
        // come back.
        var library = new TaskCompletionSource();
        await visit.Page.RouteAsync("**/plotly-*.min.js", async route =>
        {
            await library.Task;
            await route.ContinueAsync();
        });
        await visit.GoAsync($"run/{name}");
        await Expect(visit.Page.Locator(".chart .plot > div").First).ToBeAttachedAsync();
        Directory.Move(there, history.Outside("away"));
        await Expect(visit.Page.GetByText("This run is no longer here")).ToBeVisibleAsync();
        Task loaded = visit.Page.WaitForResponseAsync(r => r.Url.Contains("plotly-basic", StringComparison.Ordinal));
        library.SetResult();
        await loaded;
        Directory.Move(history.Outside("away"), there);
        await Expect(visit.Page.Locator(".chart svg.main-svg").First).ToBeVisibleAsync();
        visit.WentWell();
    }

    [Fact]
    public async Task Of_compared_runs_those_are_shown_that_there_are()
    {
        await using History history = await History.ServeAsync(runs: 4);
        string[] names = history.Names;
        AtomicFile.WriteText(history.Run(names[3]).InfoFile, "{ half");
        await using Visit visit = await chromium.OpenAsync(history.Server, $"compare?run=nope&run={names[0]}&run={names[3]}&run={names[1]}&run={names[2]}");
        IPage page = visit.Page;
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(["There is no run named 'nope'.", $"'{names[3]}' cannot be compared"]);
        await Expect(page.Locator(".head .count")).ToHaveTextAsync($"3 runs, held against {names[0]}");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Figures" }).Locator("thead th")).ToHaveTextAsync(["Figure", names[0], names[1], names[2]]);
        // One sentence for both of the others.
        await Expect(page.Locator(".note").Filter(new() { HasText = "cannot be told" })).ToHaveCountAsync(1);
        await Expect(page.Locator(".note").Filter(new() { HasText = $"The same holds of {names[2]}." })).ToHaveCountAsync(1);

        await visit.GoAsync($"compare?run={names[0]}&run=nope");
        await Expect(page.GetByText("Fewer than two are left to compare")).ToBeVisibleAsync();
        await Expect(page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "table of runs" })).ToBeVisibleAsync();
        visit.WentWell();
    }

    [Fact]
    public async Task A_page_says_that_the_server_is_away_and_goes_on_once_it_is_back()
    {
        await using History history = await History.ServeAsync(runs: 2);
        int port = history.Server.Address.Port;
        await using Visit visit = await chromium.OpenAsync(history.Server, $"run/{history.Names[0]}");
        ILocator notice = visit.Page.GetByText("The connection to the server is lost");
        await Expect(notice).ToBeHiddenAsync();
        await history.Server.DisposeAsync();
        await Expect(notice).ToBeVisibleAsync();
        await history.RestartAsync(o => o with { Port = port });
        await Expect(notice).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await visit.Page.Locator("main[data-interactive=yes]").WaitForAsync();
        await visit.Page.GetByText("tuned", new() { Exact = true }).ClickAsync();
        await Expect(visit.Page.Locator("table.confusion caption")).ToContainTextAsync("tuned thresholds");

        await history.RestartAsync(o => o with { Port = port, Token = "0123456789abcdef-secret" });
        await Expect(visit.Page.GetByLabel("Token")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_scripts_a_page_says_what_it_needs()
    {
        await using History history = await History.ServeAsync(runs: 1);
        using var client = new HttpClient { BaseAddress = history.Server.Address };
        Assert.Matches("<noscript>[^/]*needs JavaScript", await client.GetStringAsync("runs", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_table_of_runs_scrolls_for_itself_and_the_page_does_not()
    {
        await using History history = await History.ServeAsync(runs: 40);
        foreach ((int width, string path) in ((int, string)[])[(1280, "runs"), (390, "runs"), (1280, "runs?diff=1")])
        {
            await using Visit visit = await chromium.OpenAsync(history.Server, path, width);
            await visit.Page.Locator("tbody tr[data-row]").First.WaitForAsync();
            Assert.True(await visit.Page.EvaluateAsync<bool>("() => { const r = document.documentElement; return r.scrollWidth <= r.clientWidth && r.scrollHeight <= r.clientHeight; }"), $"{path} at {width}");
        }
    }

    [Fact]
    public async Task The_back_button_returns_from_a_run_to_the_table_as_it_was_and_two_tabs_do_not_disturb_each_other()
    {
        await using History history = await History.ServeAsync(runs: 6);
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs?sort=loss&group=fold");
        await using Visit other = await chromium.OpenAsync(history.Server, "runs");
        await visit.Page.Locator("tbody tr[data-row] th.name a").First.ClickAsync();
        // Every chart is drawn: the package complains in the console where the page is left before.
        await Expect(visit.Page.Locator(".js-plotly-plot .main-svg:first-child")).ToHaveCountAsync(await visit.Page.Locator(".plot").CountAsync());
        await visit.Page.GoBackAsync();
        await Expect(visit.Page.Locator("thead th[aria-sort=ascending]")).ToHaveTextAsync("Loss");
        await Expect(visit.Page.Locator("tr.group").First).ToBeVisibleAsync();
        history.Copy(history.Names[0], "an \u00fc \u65e5\u672c \"quoted\" 'run' & more " + new string('x', 120));
        await Expect(visit.Page.Locator(".count").First).ToHaveTextAsync("7 runs");
        await Expect(other.Page.Locator(".count").First).ToHaveTextAsync("7 runs");
        await other.Page.GetByText("quoted").First.ClickAsync();
        await Expect(other.Page.Locator("h1")).ToContainTextAsync("\u65e5\u672c");
        await Expect(other.Page.Locator(".js-plotly-plot .main-svg:first-child")).ToHaveCountAsync(await other.Page.Locator(".plot").CountAsync());
        Assert.InRange(await other.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), 0, 1280);
        visit.WentWell();
        other.WentWell();
    }

    [Fact]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using History history = await History.ServeAsync(runs: 5);
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs");
        IPage page = visit.Page;
        await page.Locator(".skip").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        await page.Locator("tbody tr[data-row] a").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("tbody tr[data-row]").Nth(1).Locator("th a")).ToBeFocusedAsync();
        string name = await page.Locator("tbody tr[data-row]").Nth(1).Locator("th a").InnerTextAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync(name);
    }

    [Fact]
    public async Task The_theme_follows_the_system_until_somebody_chooses()
    {
        await using History history = await History.ServeAsync(runs: 1);
        await using Visit visit = await chromium.OpenAsync(history.Server, "runs", dark: true);
        Assert.True(await BrightnessAsync(visit.Page) < 60);
        await visit.Page.Locator("[data-theme-switch]").ClickAsync();
        Assert.True(await BrightnessAsync(visit.Page) > 200);
        await visit.GoAsync("logbook");
        Assert.True(await BrightnessAsync(visit.Page) > 200);
        await Expect(visit.Page.Locator("[data-theme-switch]")).ToHaveAttributeAsync("aria-label", "Theme: light");
    }

    private static async Task<double> BrightnessAsync(IPage page) =>
        await page.EvaluateAsync<double>("() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 3");

    private static async Task<double[]> ColumnAsync(IPage page, string title)
    {
        IReadOnlyList<string> titles = await page.Locator("thead th").AllInnerTextsAsync();
        int at = titles.ToList().FindIndex(t => t.Trim() == title);
        IReadOnlyList<string> cells = await page.Locator($"tbody tr[data-row] > :nth-child({at + 1})").AllInnerTextsAsync();
        return [.. cells.Select(c => double.Parse(c, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
