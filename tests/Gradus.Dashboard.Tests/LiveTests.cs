using System.Diagnostics;
using Gradus.Synthetic;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gradus.Dashboard.Tests;

/// <summary>The real program trains, and its run's page goes on by itself.</summary>
public sealed class LiveTests(Chromium chromium)
{
    private const string Experiment = """
        scale: [none, mild, moderate, severe, proliferative]
        sources: [{ name: synthetic, labels: train.csv, id: id_code, grade: diagnosis, images: train }]
        recipe: [crop_retina, resize: { size: 32 }]
        split: { folds: 4, fold: 0 }
        model: { backbone: resnet18 }
        target: ordinal
        train: { epochs: 24, batch: 16, optimizer: { adamw: { weight_decay: 0.01 } }, top_lr: 0.001, base_lr_ratio: 1, seed: 3 }
        """;

    [Fact]
    public async Task A_run_appears_and_its_curves_grow_while_it_trains()
    {
        using var folder = new TemporaryFolder();
        SyntheticWorld.Write(folder.Path, new WorldSpec(Train: 60, Test: 20, External: 0), null, TestContext.Current.CancellationToken);
        AtomicFile.WriteText(Path.Combine(folder.Path, "experiment.yaml"), Experiment);
        string runs = Path.Combine(folder.Path, "runs");
        Directory.CreateDirectory(runs);
        await using DashboardServer server = await DashboardServer.StartAsync(new DashboardOptions { Runs = runs, Port = 0 }, TestContext.Current.CancellationToken);
        await using Visit visit = await chromium.OpenAsync(server, "runs");
        IPage page = visit.Page;
        await Expect(page.GetByText("No runs here yet.")).ToBeVisibleAsync();

        using Process training = Train(folder.Path);
        try
        {
            while (Directory.GetDirectories(runs).Length == 0)
            {
                Assert.False(training.HasExited, "the training ended before there was a run");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
            await page.Locator("tbody tr[data-row] th a").ClickAsync();
            await Expect(page.Locator(".status")).ToContainTextAsync("running");
            ILocator last = page.GetByLabel("Epoch", new() { Exact = true });
            await last.WaitForAsync(new() { Timeout = 60_000 });
            var seen = new List<int>();
            while (!training.HasExited)
            {
                seen.Add(int.Parse((await last.GetAttributeAsync("max"))!, System.Globalization.CultureInfo.InvariantCulture));
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
            Assert.True(seen.Distinct().Count() > 1, $"the page showed {string.Join(", ", seen.Distinct())} epochs while it trained");
            Assert.Equal(seen.Order(), seen);
            Assert.Equal(0, training.ExitCode);
            await Expect(page.Locator(".status")).ToContainTextAsync("finished");
            await Expect(last).ToHaveAttributeAsync("max", "24");
            await page.Locator("details.values").First.Locator("summary").ClickAsync();
            await Expect(page.Locator("details.values").First.Locator("tbody tr")).ToHaveCountAsync(24);
            visit.WentWell();
        }
        finally
        {
            if (!training.HasExited)
                training.Kill();
        }
    }

    [Fact]
    public async Task A_run_whose_process_dies_says_so_on_its_page_and_in_the_list()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has the supervisor");
        using var folder = new TemporaryFolder();
        SyntheticWorld.Write(folder.Path, new WorldSpec(Train: 60, Test: 20, External: 0), null, TestContext.Current.CancellationToken);
        AtomicFile.WriteText(Path.Combine(folder.Path, "experiment.yaml"), Experiment.Replace("epochs: 24", "epochs: 500", StringComparison.Ordinal));
        string runs = Path.Combine(folder.Path, "runs");
        Directory.CreateDirectory(runs);
        await using DashboardServer server = await DashboardServer.StartAsync(new DashboardOptions { Runs = runs, Port = 0 }, TestContext.Current.CancellationToken);
        await using Visit visit = await chromium.OpenAsync(server, "runs");
        using Process training = Train(folder.Path);
        try
        {
            while (Directory.GetFiles(runs, "metrics.jsonl", SearchOption.AllDirectories).Length == 0)
            {
                Assert.False(training.HasExited, "the training ended before it was sent a signal");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
            string name = Path.GetFileName(Assert.Single(Directory.GetDirectories(runs), d => Path.GetFileName(d)[0] != '.'));
            await visit.GoAsync($"run/{name}");
            await Expect(visit.Page.Locator(".status")).ToContainTextAsync("running");
            using (Process kill = Process.Start("kill", ["-FPE", $"{training.Id}"]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Expect(visit.Page.Locator(".status")).ToContainTextAsync("died");
            await Expect(visit.Page.Locator(".problem")).ToContainTextAsync("It died: its process died of signal 8 (SIGFPE");
            await Expect(visit.Page.GetByText($"gradus resume {name}")).ToBeVisibleAsync();
            await visit.GoAsync("runs");
            await Expect(visit.Page.Locator(".status")).ToContainTextAsync("died");
            visit.WentWell();
        }
        finally
        {
            if (!training.HasExited)
                training.Kill();
        }
    }

    [Fact]
    public async Task The_verb_serves_says_where_and_ends_with_Ctrl_C()
    {
        using var folder = new TemporaryFolder();
        using Process process = Start(folder.Path, "serve", "--runs", folder.Path, "--port", "0", "--json");
        try
        {
            var document = new System.Text.StringBuilder();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                document.AppendLine(line);
                if (line == "}")
                    break;
            }
            var address = new Uri(System.Text.Json.JsonDocument.Parse(document.ToString()).RootElement.GetProperty("address").GetString()!);
            using var client = new HttpClient { BaseAddress = address };
            Assert.Contains("Gradus", await client.GetStringAsync("runs", TestContext.Current.CancellationToken), StringComparison.Ordinal);
            if (OperatingSystem.IsLinux())
                Assert.DoesNotMatch("TorchSharp|libtorch|libc10", File.ReadAllText($"/proc/{process.Id}/maps"));
            using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)), "it goes on serving");
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static Process Train(string folder) => Start(folder, "train", "experiment.yaml", "--runs", "runs");

    private static Process Start(string folder, params string[] arguments)
    {
        Process process = GradusProgram.Start(folder, arguments);
        process.ErrorDataReceived += (_, _) => { }; // a full pipe would stop it
        process.BeginErrorReadLine();
        if (arguments[0] != "serve")
        {
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
        }
        return process;
    }
}
