using System.CommandLine;
using System.Diagnostics;
using System.Net;
using Gradus.Cli.Terminal;
using Gradus.Dashboard;

namespace Gradus.Cli.Commands;

/// <summary>The dashboard. No engine is loaded for it.</summary>
internal static class ServeCommand
{
    /// <summary>The environment variable with the token, for those who want it out of the list of processes.</summary>
    private const string TokenVariable = "GRADUS_TOKEN";

    public static Verb Create()
    {
        Option<int?> port = new("--port") { Description = $"The port; 0 for any free one. {DashboardOptions.UsualPort} by default, or where that is taken any free one.", HelpName = "N" };
        Option<string?> bind = new("--bind") { Description = "The address to listen at; 127.0.0.1 by default. Any but a loopback address demands a token.", HelpName = "ADDRESS" };
        Option<string?> token = new("--token") { Description = $"What a visitor has to show once, {DashboardOptions.ShortestToken} characters at least; {TokenVariable} by default.", HelpName = "TOKEN" };
        Option<string[]> data = new("--data") { Description = "A folder of images that may be shown; may be given several times. Without it, those that the experiments of the runs name.", HelpName = "DIR" };
        Option<bool> open = new("--open") { Description = "Open it in a browser." };
        var verb = new Verb(
            "serve",
            "Serves the dashboard: runs, live curves, comparison, checkpoints, logbook. It works offline, and ends with Ctrl-C.",
            "gradus serve --open",
            "gradus serve --runs runs --port 8000",
            "gradus serve --bind 0.0.0.0 --token $(openssl rand -hex 16)")
        {
            port, bind, token, data, open,
        };
        verb.Does((parse, session) =>
        {
            var options = new DashboardOptions
            {
                Runs = session.Runs,
                Bind = Address(parse.GetValue(bind)),
                Port = parse.GetValue(port),
                Token = parse.GetValue(token) ?? (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } kept ? kept : null),
                Data = [.. parse.GetValue(data) ?? []],
                Database = Environment.GetEnvironmentVariable(RunsCommand.Database),
            };
            bool show = parse.GetValue(open);
            return () => Serve(session, options, show).GetAwaiter().GetResult();
        });
        return verb;
    }

    private static async Task<int> Serve(Session session, DashboardOptions options, bool open)
    {
        await using DashboardServer server = await DashboardServer.StartAsync(options, session.Cancel);
        if (session.Output.Json)
            session.Output.Document(new { address = server.Address, entrance = server.Entrance, elsewhere = server.EntranceElsewhere, runs = Path.GetFullPath(options.Runs) });
        session.Output.Line($"Dashboard of {Harmless.Of(Path.GetFullPath(options.Runs))}");
        session.Output.Line($"  {server.Entrance}");
        if (server.EntranceElsewhere is { } elsewhere)
            session.Output.Line($"  {elsewhere}   on other machines");
        session.Output.Line("Ctrl-C ends it.");
        if (open)
            Open(session, server.Entrance);
        await Task.Delay(Timeout.Infinite, session.Cancel).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return 0;
    }

    private static IPAddress Address(string? text) => text switch
    {
        null or "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(text, out IPAddress? address) => address,
        _ => throw new GradusException("--bind is an address of this machine", found: $"'{text}'", remedy: "For example 127.0.0.1 or 0.0.0.0", fault: Fault.Request),
    };

    private static void Open(Session session, Uri entrance)
    {
        try
        {
            Process.Start(new ProcessStartInfo(entrance.ToString()) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or PlatformNotSupportedException or InvalidOperationException)
        {
            session.Output.Note("No browser could be opened; go to the address above.");
        }
    }
}
