using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Gradus.Dashboard.Auditing;
using Gradus.Dashboard.Files;
using Gradus.Dashboard.Shell;
using Gradus.Dashboard.Live;
using Gradus.Dashboard.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gradus.Dashboard;

/// <summary>A dashboard that is being served. It reads the files of runs, writes nothing but notes and decisions about conflicts, and loads no engine.</summary>
public sealed class DashboardServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private DashboardServer(WebApplication application, DashboardOptions options)
    {
        _application = application;
        string bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        // An address that means "all of this machine's" is none that a browser can go to.
        string host = options.Bind.Equals(IPAddress.Any) || options.Bind.Equals(IPAddress.IPv6Any) ? "localhost" : new Uri(bound).Host;
        Address = new UriBuilder("http", host, new Uri(bound).Port).Uri;
        Entrance = WithToken(Address, options);
        EntranceElsewhere = host == "localhost" && FirstOfNetwork() is { } own ? WithToken(new UriBuilder("http", $"{own}", Address.Port).Uri, options) : null;
    }

    /// <summary>Where it is.</summary>
    public Uri Address { get; }

    /// <summary>Where to enter: the address, with the token where one is demanded.</summary>
    public Uri Entrance { get; }

    /// <summary>The same for other machines; null where there is no such address, or <see cref="Entrance"/> is one already.</summary>
    public Uri? EntranceElsewhere { get; }

    /// <summary>Starts serving.</summary>
    /// <exception cref="GradusException">The options are refused, or nobody can listen there.</exception>
    public static async Task<DashboardServer> StartAsync(DashboardOptions options, CancellationToken stop = default)
    {
        options.Check();
        try
        {
            return await StartAsync(options, options.Port ?? DashboardOptions.UsualPort, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            if (e is SocketException { SocketErrorCode: SocketError.AddressNotAvailable } || e.InnerException is SocketException { SocketErrorCode: SocketError.AddressNotAvailable })
                throw new GradusException("is no address of this machine", $"{options.Bind}", remedy: "Give one of its addresses to --bind, or 0.0.0.0 for all of them", fault: Fault.Request, inner: e);
            if (options.Port is null)
                return await StartAsync(options, 0, stop).ConfigureAwait(false);
            throw new GradusException("the port is taken, or may not be used", $"{options.Bind}:{options.Port}", remedy: "Choose another --port, or 0 for any free one", inner: e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Pages that are open hold connections, and nobody wants to wait for them.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(patience.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private static Uri WithToken(Uri address, DashboardOptions options) => options.Token is { } token ? new Uri(address, $"?{AccessGate.Query}={token}") : address;

    // Networks that lead somewhere before those between this machine and what runs in it.
    private static IPAddress? FirstOfNetwork() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback).Select(n => n.GetIPProperties())
        .OrderByDescending(n => n.GatewayAddresses.Count > 0).SelectMany(n => n.UnicastAddresses).Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));

    private static async Task<DashboardServer> StartAsync(DashboardOptions options, int port, CancellationToken stop)
    {
        // Empty: no settings file, environment variable or command line of the host decides anything here.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
            kestrel.Listen(options.Bind, port);
        });
        IServiceCollection services = builder.Services;
        services.AddSingleton<IHostLifetime, NoLifetime>(); // whoever started it says when it ends
        services.AddRouting();
        services.AddRazorComponents().AddInteractiveServerComponents(circuit =>
        {
            circuit.DisconnectedCircuitMaxRetained = 10;
            circuit.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(30);
        });
        // Keys that live as long as the process: none is written to the disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<RunCatalogue>();
        services.AddSingleton<RunReader>();
        services.AddSingleton<ServedFolders>();
        services.AddSingleton<AuditDesk>();
        services.AddSingleton<DecisionDesk>();
        WebApplication application = builder.Build();
        try
        {
            application.UseMiddleware<AccessGate>();
            application.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
            application.UseRouting();
            application.UseAntiforgery();
            EmbeddedAssets.Map(application);
            FileEndpoints.Map(application);
            application.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null).WithHead();
            await application.StartAsync(stop).ConfigureAwait(false);
            // The index is made or brought up to date while the browser is being opened.
            _ = application.Services.GetRequiredService<RunCatalogue>().WarmAsync();
            return new DashboardServer(application, options);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
