using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Gradus.Dashboard.Tests;

/// <summary>Who is let in, and what nobody gets.</summary>
public sealed class AccessTests
{
    private const string Token = "0123456789abcdef-secret";

    [Fact]
    public async Task What_is_served_loads_no_engine_and_comes_from_the_program_itself()
    {
        await using History history = await History.ServeAsync(runs: 2);
        using var client = new HttpClient { BaseAddress = history.Server.Address };
        foreach (string path in (string[])["runs", "compare", "checkpoints", "logbook", "_framework/blazor.web.js", "_content/Plotly.Blazor/plotly-basic-3.7.0.min.js", "dashboard.css", "dashboard.js", $"run/{history.Names[0]}"])
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), a => a.GetName().Name!.Contains("Torch", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(Directory.GetFiles(AppContext.BaseDirectory, "*torch*"));
        Assert.True(history.Server.Address.IsLoopback);
    }

    [Theory]
    [InlineData("/../../etc/passwd")]
    [InlineData("/files/../../../../../../etc/passwd")]
    [InlineData("/files/RUN/../../../../../../../../etc/passwd")]
    [InlineData("/files/RUN/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/files/RUN/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/files/RUN//etc/passwd")]
    [InlineData("/files/RUN/%2fetc%2fpasswd")]
    [InlineData("/files/%2e%2e/secret.txt")]
    [InlineData("/files/..%2fsecret/run.json")]
    [InlineData("/files/RUN/link.txt")]
    [InlineData("/files/RUN/folder/secret.txt")]
    [InlineData("/files/linked/run.json")]
    [InlineData("/files/RUN/.notes.json.lock")]
    [InlineData("/files/.trash/run.json")]
    [InlineData("/files/RUN/run.json%00.txt")]
    [InlineData("/pictures/RUN?source=generated&id=../../../../etc/passwd")]
    public async Task No_path_leads_out_of_the_folder_of_runs(string path)
    {
        await using History history = await History.ServeAsync(runs: 1);
        string run = history.Names[0], secret = history.Outside("secret");
        Directory.CreateDirectory(secret);
        foreach (string file in (string[])[Path.Combine(secret, "run.json"), Path.Combine(secret, "secret.txt"), history.Outside("secret.txt"), Path.Combine(history.Folder, run, ".notes.json.lock")])
            AtomicFile.WriteText(file, "root:x:0:0");
        File.CreateSymbolicLink(Path.Combine(history.Folder, run, "link.txt"), history.Outside("secret.txt"));
        Directory.CreateSymbolicLink(Path.Combine(history.Folder, run, "folder"), secret);
        Directory.CreateSymbolicLink(Path.Combine(history.Folder, "linked"), secret);

        string answer = await RawAsync(history.Server.Address, path.Replace("RUN", run, StringComparison.Ordinal));

        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.Matches("^HTTP/1.1 (400|404)", answer);
        string own = await RawAsync(history.Server.Address, $"/files/{run}/run.json");
        Assert.StartsWith("HTTP/1.1 200", own, StringComparison.Ordinal);
        Assert.Contains("sandbox", own, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin: http://evil.example", 403)]
    [InlineData("Origin: null", 403)]
    [InlineData("Origin: http://localhost:1", 403)]
    [InlineData("Sec-Fetch-Site: cross-site", 403)]
    [InlineData("Host: evil.example", 400)]
    [InlineData("Host: 127.0.0.1.evil.example:PORT", 400)]
    [InlineData("Host: 127.0.0.1:1", 400)]
    public async Task Other_sites_and_other_names_are_refused(string header, int status)
    {
        await using History history = await History.ServeAsync(runs: 1);
        Uri address = history.Server.Address;
        string sent = header.Replace("PORT", $"{address.Port}", StringComparison.Ordinal);
        foreach (string path in (string[])["/runs", "/_blazor/negotiate?negotiateVersion=1", $"/files/{history.Names[0]}/run.json"])
            Assert.StartsWith($"HTTP/1.1 {status}", await RawAsync(address, path, sent), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await RawAsync(address, "/runs", $"Origin: http://{address.Authority}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_socket_from_another_site_is_refused()
    {
        await using History history = await History.ServeAsync(runs: 1);
        var address = new UriBuilder(history.Server.Address) { Scheme = "ws", Path = "/_blazor" }.Uri;
        using var foreign = new ClientWebSocket();
        foreign.Options.SetRequestHeader("Origin", "http://evil.example");
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(address, TestContext.Current.CancellationToken));
        using var own = new ClientWebSocket();
        own.Options.SetRequestHeader("Origin", $"http://{history.Server.Address.Authority}");
        await own.ConnectAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketState.Open, own.State);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.168.1.2")]
    public async Task To_be_reached_from_elsewhere_demands_a_token(string bind)
    {
        using var folder = new TemporaryFolder();
        GradusException e = await Assert.ThrowsAsync<GradusException>(() => DashboardServer.StartAsync(new DashboardOptions { Runs = folder.Path, Bind = IPAddress.Parse(bind), Port = 0 }, TestContext.Current.CancellationToken));
        Assert.Equal(Fault.Request, e.Fault);
        Assert.Contains("token", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("with spaces in it, and long enough")]
    public void A_token_is_long_and_plain(string token)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<GradusException>(() => new DashboardOptions { Runs = folder.Path, Token = token }.Check());
    }

    [Fact]
    public async Task Where_all_may_come_in_nothing_is_served_without_the_token()
    {
        await using History history = await History.ServeAsync(runs: 1, how: o => o with { Bind = IPAddress.Any, Token = Token });
        using var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = history.Server.Address };
        foreach (string path in (string[])["", "runs", "dashboard.js", "_framework/blazor.web.js", $"files/{history.Names[0]}/run.json", "_blazor", "runs?token=", "runs?token=0123456789abcdef-secreT"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);

        string entered = await RawAsync(history.Server.Address, $"//evil.example/runs?token={Token}");
        HttpResponseMessage entrance = await client.GetAsync($"runs?q=a&token={Token}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, entrance.StatusCode);
        Assert.Equal("/runs?q=a", entrance.Headers.Location!.OriginalString);
        Assert.Contains("Location: /evil.example/runs\r\n", entered, StringComparison.Ordinal);
        string cookie = Assert.Single(entrance.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token, cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("runs", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_program_is_asked_for_the_token_in_plain_text_and_a_browser_by_a_form()
    {
        await using History history = await History.ServeAsync(runs: 1, how: o => o with { Bind = IPAddress.Any, Token = Token });
        using var client = new HttpClient { BaseAddress = history.Server.Address };
        HttpResponseMessage plain = await client.GetAsync("runs", TestContext.Current.CancellationToken);
        Assert.Equal("text/plain", plain.Content.Headers.ContentType!.MediaType);
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        HttpResponseMessage page = await client.GetAsync("runs?q=%22%3E%3Cscript%3E&token=", TestContext.Current.CancellationToken);
        string html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Unauthorized, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Contains("type=\"password\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("action=\"/runs?q=%22%3E%3Cscript%3E\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_lets_in_is_small_and_comes_from_the_dashboard_itself()
    {
        await using History history = await History.ServeAsync(runs: 1, how: o => o with { Bind = IPAddress.Any, Token = Token });
        using var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = history.Server.Address };
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(new string('a', 10_000))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("0123456789abcdef-secreT")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(Token, "http://evil.example")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("runs", TestContext.Current.CancellationToken)).StatusCode);
        HttpResponseMessage entered = await PostAsync(Token);
        Assert.Equal((HttpStatusCode.SeeOther, "/runs?q=a"), (entered.StatusCode, entered.Headers.Location!.OriginalString));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("runs", TestContext.Current.CancellationToken)).StatusCode);

        Task<HttpResponseMessage> PostAsync(string token, string? origin = null)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "runs?q=a") { Content = new FormUrlEncodedContent([new("token", token)]) };
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            return client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task HEAD_is_answered_like_GET_without_a_body()
    {
        await using History history = await History.ServeAsync(runs: 1);
        string run = history.Names[0];
        foreach ((string path, int status) in ((string, int)[])[("/runs", 200), ($"/run/{run}", 200), ("/run/nobody", 404), ("/nowhere", 404), ($"/files/{run}/run.json", 200), ("/files/nobody/run.json", 404), ("/dashboard.css", 200)])
        {
            string answer = await RawAsync(history.Server.Address, path, method: "HEAD");
            Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_other_machines_may_come_in_their_address_is_told_beside_this_ones()
    {
        await using History history = await History.ServeAsync(runs: 1, how: o => o with { Bind = IPAddress.Any, Token = Token });
        Assert.Equal("localhost", history.Server.Entrance.Host);
        Assert.SkipWhen(history.Server.EntranceElsewhere is null, "this machine is in no network");
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(history.Server.EntranceElsewhere, TestContext.Current.CancellationToken)).StatusCode);
        Assert.False(history.Server.EntranceElsewhere!.IsLoopback);
        await history.RestartAsync();
        Assert.Null(history.Server.EntranceElsewhere);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_and_the_usual_one_gives_way()
    {
        await using History history = await History.ServeAsync(runs: 1);
        GradusException e = await Assert.ThrowsAsync<GradusException>(() => DashboardServer.StartAsync(new DashboardOptions { Runs = history.Folder, Port = history.Server.Address.Port }, TestContext.Current.CancellationToken));
        Assert.Contains("--port", e.Message, StringComparison.Ordinal);
        await using DashboardServer first = await DashboardServer.StartAsync(new DashboardOptions { Runs = history.Folder }, TestContext.Current.CancellationToken);
        await using DashboardServer second = await DashboardServer.StartAsync(new DashboardOptions { Runs = history.Folder }, TestContext.Current.CancellationToken);
        Assert.NotEqual(first.Address, second.Address);
    }

    // A client library would tidy the path up before it sends it.
    private static async Task<string> RawAsync(Uri address, string path, string header = "Accept: */*", string method = "GET")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = client.GetStream();
        string host = header.StartsWith("Host:", StringComparison.Ordinal) ? "" : $"Host: {address.Authority}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\n{host}{header}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
