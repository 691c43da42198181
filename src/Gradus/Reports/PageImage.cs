using Gradus.Datasets;
using Gradus.Imaging;
using SkiaSharp;

namespace Gradus.Reports;

/// <summary>A small photograph within a page.</summary>
internal static class PageImage
{
    private const int Quality = 82;

    /// <summary>Adds it.</summary>
    /// <param name="page">Where.</param>
    /// <param name="image">Read again.</param>
    /// <param name="side">Pixels of the square that it is fitted into.</param>
    /// <exception cref="GradusException">It cannot be read any more.</exception>
    public static void Add(HtmlText page, ImageRecord image, int side)
    {
        using SKBitmap bitmap = ContactSheet.Bitmap(Thumbnail.Of(image.Location, side));
        using SKData jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
        page.Raw("<img loading=\"lazy\" alt=\"").Text($"{ImageKey.Of(image)}").Raw($"\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg.ToArray())}\">");
    }
}
