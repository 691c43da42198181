using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;

namespace Gradus.Dashboard.Files;

/// <summary>Scripts and styles, from the assembly: the pages need no file beside the program, and no network.</summary>
internal static class EmbeddedAssets
{
    private const string Prefix = "web/";
    private static readonly Assembly Own = typeof(EmbeddedAssets).Assembly;

    // Another build has another version, and with it another name for each of them.
    private static readonly string Version = Own.ManifestModule.ModuleVersionId.ToString("N");

    private static readonly FrozenSet<string> Names = Own.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The address of an asset of the dashboard's own, which changes with the build.</summary>
    public static string Url(string name) => $"{name}?v={Version[..8]}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var types = new FileExtensionContentTypeProvider();
        foreach (string name in Names)
        {
            string type = types.TryGetContentType(name, out string? known) ? known : "application/octet-stream";
            routes.MapGet("/" + name[Prefix.Length..], (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "no-cache";
                return Results.Stream(Own.GetManifestResourceStream(name)!, type.StartsWith("text/", StringComparison.Ordinal) ? $"{type}; charset=utf-8" : type, entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{Version}\""));
            }).WithHead();
        }
    }
}
