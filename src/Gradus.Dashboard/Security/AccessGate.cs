using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Gradus.Dashboard.Security;

/// <summary>
/// Stands before everything. It lets in who comes from the dashboard's own pages or from nowhere, under a name that is this machine's,
/// with the token where one is demanded; and it tells browsers what the pages may load, which is nothing from elsewhere.
/// </summary>
/// <param name="next">What is behind it.</param>
/// <param name="options">Where the dashboard listens, and its token.</param>
internal sealed class AccessGate(RequestDelegate next, DashboardOptions options)
{
    /// <summary>The name of the token in an address.</summary>
    public const string Query = "token";

    // Styles may be inline, because charts place what they draw that way; scripts may not.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; " +
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private const int MostOfForm = 4096;
    private static readonly TimeSpan AfterWrong = TimeSpan.FromMilliseconds(600);

    // The cookie holds no token, so that whoever reads it cannot enter after a restart.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly string? _pass = options.Token is null ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Judges a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer"; // an address may hold a token
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";

        if (!IsOwnName(request.Host, context.Connection.LocalPort))
            return Refuse(context, StatusCodes.Status400BadRequest, "This is not the name of the machine that serves the dashboard.");
        if (!IsOwnOrigin(request))
            return Refuse(context, StatusCodes.Status403Forbidden, "Requests from other sites are refused.");
        if (_pass is null)
            return next(context);
        if (HttpMethods.IsPost(request.Method) && request.HasFormContentType)
            return EnterByFormAsync(context);
        if (request.Query.TryGetValue(Query, out StringValues shown))
            return EnterAsync(context, shown.ToString());
        if (request.Cookies.TryGetValue(CookieName(context), out string? pass) && Equal(pass, _pass))
            return next(context);
        return Ask(context, null);
    }

    /// <summary>
    /// Whether a request names this machine. On loopback a page from elsewhere could otherwise let its own name point here (DNS rebinding)
    /// and read everything. Where others may come in, names are many, and the cookie, which belongs to one name, guards instead.
    /// </summary>
    private bool IsOwnName(HostString host, int port)
    {
        if (!host.HasValue)
            return false;
        if (!IPAddress.IsLoopback(options.Bind))
            return true;
        string name = host.Host.Trim('[', ']');
        bool loopback = name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address));
        return loopback && (host.Port ?? 80) == port;
    }

    // Browsers send Origin with everything that changes something and with web sockets, and Sec-Fetch-Site with all else.
    private static bool IsOwnOrigin(HttpRequest request)
    {
        StringValues origin = request.Headers.Origin;
        if (origin.Count > 0 && !string.Equals(origin.ToString(), $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            return false;
        bool foreign = request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";
        return !foreign || (HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document");
    }

    // The pages themselves send no forms, so that every one is the entrance's.
    private async Task EnterByFormAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MostOfForm;
        try
        {
            IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
            await EnterAsync(context, form[Query].ToString()).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, "This is no form with a token.").ConfigureAwait(false);
        }
    }

    private async Task EnterAsync(HttpContext context, string shown)
    {
        if (!Equal(shown, options.Token!))
        {
            await Task.Delay(AfterWrong, context.RequestAborted).ConfigureAwait(false);
            await Ask(context, "This is not the token.").ConfigureAwait(false);
            return;
        }
        context.Response.Cookies.Append(CookieName(context), _pass!, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
        // The token leaves the address bar, and with it the history; after a form the browser is to ask with GET.
        context.Response.StatusCode = HttpMethods.IsPost(context.Request.Method) ? StatusCodes.Status303SeeOther : StatusCodes.Status302Found;
        context.Response.Headers.Location = WithoutToken(context.Request);
    }

    // A second slash would lead to another machine.
    private static string WithoutToken(HttpRequest request) =>
        "/" + request.Path.ToUriComponent().TrimStart('/', '\\') + QueryString.Create(request.Query.Where(q => q.Key != Query));

    private static Task Ask(HttpContext context, string? problem)
    {
        HttpRequest request = context.Request;
        bool form = HttpMethods.IsPost(request.Method) || ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase));
        if (!form)
            return Refuse(context, StatusCodes.Status401Unauthorized, problem ?? "The dashboard demands its token once: add ?token=… to the address, as gradus serve printed it.");
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        // Without a referrer a browser would also keep from the form's request that it comes from here. The address goes nowhere else.
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return context.Response.WriteAsync(EntrancePage.Html(Query, WithoutToken(request), problem), context.RequestAborted);
    }

    // Cookies know no ports: two dashboards on one machine would overwrite each other's.
    private static string CookieName(HttpContext context) => $"gradus-{context.Connection.LocalPort}";

    // Of two digests, so that neither the place of the first difference nor the length can be told from the time it takes.
    private bool Equal(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(one)), HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(other)));

    private static Task Refuse(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }
}
