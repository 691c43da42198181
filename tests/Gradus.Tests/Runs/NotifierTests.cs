using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Runs;

namespace Gradus.Tests.Runs;

public sealed class NotifierTests : IDisposable
{
    private static readonly RunNotice Notice = new("10-7_densenet121_f0", "/runs/10-7_densenet121_f0", RunStatus.Finished, 30, 22, 0.8, 0.81, null, null);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static IReadOnlyList<string> Tell(NotifySpec spec, string? variable = null) => Notifier.Tell(spec, Notice, _ => variable);

    [Fact]
    public async Task A_webhook_gets_the_run_as_json()
    {
        (string address, Task<string> request) = Server("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        Assert.Empty(Tell(new NotifySpec("${HOOK}", [], 10), address));
        string[] parts = (await request).Split("\r\n\r\n", 2);
        Assert.StartsWith("POST / HTTP/1.1", parts[0], StringComparison.Ordinal);
        Assert.Contains("Content-Length:", parts[0], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("chunked", parts[0], StringComparison.OrdinalIgnoreCase);
        JsonElement json = JsonDocument.Parse(parts[1]).RootElement;
        Assert.Equal("10-7_densenet121_f0", json.GetProperty("run").GetString());
        Assert.Equal("finished", json.GetProperty("status").GetString());
        Assert.Equal(0.81, json.GetProperty("tunedQwk").GetDouble());
        Assert.Contains("validation QWK 0.800 at default and 0.810 at tuned thresholds", json.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_refuses_or_is_silent_is_a_sentence_without_its_address()
    {
        (string refusing, Task<string> request) = Server("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal("notify: the webhook answered 403", Assert.Single(Tell(new NotifySpec(refusing, [], 10))));
        await request;
        (string silent, _) = Server(null);
        var clock = Stopwatch.StartNew();
        Assert.Equal("notify: the webhook did not answer within 0.5 seconds", Assert.Single(Tell(new NotifySpec(silent, [], 0.5))));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.3, 8);
        Assert.DoesNotContain("127.0.0.1", Assert.Single(Tell(new NotifySpec("http://127.0.0.1:1/secret", [], 5))), StringComparison.Ordinal);
        Assert.Contains("${HOOK} is not set", Assert.Single(Tell(new NotifySpec("${HOOK}", [], 5))), StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_keep_the_webhook_from_being_told_is_known_before_the_run()
    {
        Assert.Contains("${HOOK} is not set", Notifier.Foresee(new NotifySpec("${HOOK}", [], 5), _ => null), StringComparison.Ordinal);
        Assert.Contains("no http or https address", Notifier.Foresee(new NotifySpec("${HOOK}", [], 5), _ => "ftp://secret"), StringComparison.Ordinal);
        Assert.Null(Notifier.Foresee(new NotifySpec("${HOOK}", ["true"], 5), _ => "https://secret"));
        Assert.Null(Notifier.Foresee(new NotifySpec(null, ["true"], 5), _ => null));
    }

    [Fact]
    public void A_command_gets_it_on_its_standard_input_and_no_shell_reads_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "uses the programs of Unix");
        string file = Path.Combine(_folder.Path, "$(touch x) told.json");
        Assert.Empty(Tell(new NotifySpec(null, ["tee", file], 10)));
        Assert.Equal(30, JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("epochs").GetInt32());
    }

    [Fact]
    public void A_command_that_fails_hangs_or_is_not_there_is_a_sentence()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "uses the programs of Unix");
        Assert.Contains("ended with 3 (no)", Assert.Single(Tell(new NotifySpec(null, ["sh", "-c", "echo no >&2; exit 3"], 10))), StringComparison.Ordinal);
        var clock = Stopwatch.StartNew();
        Assert.Contains("longer than 0.3 seconds", Assert.Single(Tell(new NotifySpec(null, ["sleep", "60"], 0.3))), StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.2, 20);
        Assert.Contains("'/no/such/program' could not be started", Assert.Single(Tell(new NotifySpec(null, ["/no/such/program"], 10))), StringComparison.Ordinal);
    }

    /// <summary>A server for one request; null answers nothing.</summary>
    private static (string Address, Task<string> Request) Server(string? answer)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<string> request = Task.Run(async () =>
        {
            using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            NetworkStream stream = client.GetStream();
            if (answer is null)
            {
                await Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
                return "";
            }
            var text = new StringBuilder();
            var buffer = new byte[4096];
            // Headers, then a body as long as they say or chunks to the last.
            while (!text.ToString().Contains('}', StringComparison.Ordinal))
                text.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
            listener.Stop();
            string all = text.ToString();
            int start = all.IndexOf('{', StringComparison.Ordinal), end = all.LastIndexOf('}');
            return $"{all[..all.IndexOf("\r\n\r\n", StringComparison.Ordinal)]}\r\n\r\n{all[start..(end + 1)]}";
        }, TestContext.Current.CancellationToken);
        return ($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", request);
    }
}
