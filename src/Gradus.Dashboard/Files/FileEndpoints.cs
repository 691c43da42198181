using Gradus.Datasets;
using Gradus.Imaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SkiaSharp;

namespace Gradus.Dashboard.Files;

/// <summary>Files of runs and pictures of images, by name and id.</summary>
internal static class FileEndpoints
{
    private const int JpegQuality = 88;
    private static readonly int[] Sides = [96, 192, 384, 768, 1536];

    // Decoding beside a training takes one processor at most.
    private static readonly SemaphoreSlim One = new(1, 1);

    /// <summary>The address of a file in a run's folder.</summary>
    public static string FileUrl(string run, string relative) => $"files/{Uri.EscapeDataString(run)}/{string.Join('/', relative.Split('/').Select(Uri.EscapeDataString))}";

    /// <summary>The address of a picture of an image of a run's experiment.</summary>
    /// <param name="run">The run.</param>
    /// <param name="image">The image.</param>
    /// <param name="side">The longer side at most, in pixels; the next larger of a few sizes is taken.</param>
    public static string ImageUrl(string run, ImageKey image, int side) =>
        $"pictures/{Uri.EscapeDataString(run)}?source={Uri.EscapeDataString(image.Source)}&id={Uri.EscapeDataString(image.Id.Value)}&side={side}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/files/{run}/{**path}", (HttpContext context, string run, string path, ServedFolders folders) => Send(context, folders.FileOf(run, path))).WithHead();
        routes.MapGet("/pictures/{run}", async (HttpContext context, string run, string source, string id, int? side, ServedFolders folders) =>
        {
            byte[]? picture = await PictureAsync(() => folders.ImageOf(run, new ImageKey(source, new ImageId(id))), Sides.FirstOrDefault(s => s >= side, Sides[^1]), context.RequestAborted).ConfigureAwait(false);
            context.Response.Headers.CacheControl = "private, max-age=300";
            return picture is null ? Results.NotFound() : Results.Bytes(picture, "image/jpeg");
        }).WithHead();
    }

    // Nothing that lies in a run's folder may act in the dashboard's name, whoever put it there: pictures and plain text are shown,
    // the report in a sandbox without scripts, and all else is saved.
    private static IResult Send(HttpContext context, string? file)
    {
        if (file is null)
            return Results.NotFound();
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'";
        context.Response.Headers.CacheControl = "no-cache";
        string? type = Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".html" => "text/html; charset=utf-8",
            ".json" or ".jsonl" or ".csv" or ".yaml" or ".txt" or ".md" or ".log" => "text/plain; charset=utf-8",
            _ => null,
        };
        // Whoever replaces or removes the file meanwhile is not hindered.
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16, useAsync: true);
        return Results.Stream(stream, type ?? "application/octet-stream", type is null ? Path.GetFileName(file) : null, File.GetLastWriteTimeUtc(file), enableRangeProcessing: true);
    }

    private static async Task<byte[]?> PictureAsync(Func<ImageRecord?> find, int side, CancellationToken stop)
    {
        await One.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => find() is { } image ? Jpeg(Thumbnail.Of(image.Location, side)) : null, stop).ConfigureAwait(false);
        }
        catch (GradusException)
        {
            return null; // the page that wanted it says what is wrong with the image
        }
        finally
        {
            One.Release();
        }
    }

    private static byte[] Jpeg(RgbImage image)
    {
        // With a fourth byte that is opaque: Skia writes no JPEG of one that means nothing.
        using var bitmap = new SKBitmap(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        Span<byte> to = bitmap.GetPixelSpan();
        ReadOnlySpan<byte> from = image.Pixels;
        for (int i = 0, j = 0; i < from.Length; i += 3, j += 4)
            (to[j], to[j + 1], to[j + 2], to[j + 3]) = (from[i], from[i + 1], from[i + 2], 255);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, JpegQuality);
        return data.ToArray();
    }
}
