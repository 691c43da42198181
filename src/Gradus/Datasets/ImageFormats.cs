using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Gradus.Datasets;

/// <summary>
/// The one list of image formats. A name only says which files of a folder are looked at; what a file is, its content
/// says. Formats that are
/// known and not decoded are on the list too, so that such a file is named and never passed over.
/// </summary>
public static class ImageFormats
{
    private const int Enough = 16 * 1024;

    private static readonly ImmutableHashSet<string> Known = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase,
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".jfi",
        ".jif",
        ".pjpeg",
        ".pjp",
        ".mpo",
        ".png",
        ".apng",
        ".tif",
        ".tiff",
        ".btf",
        ".tf8",
        ".webp",
        ".gif",
        ".bmp",
        ".dib",
        ".avif",
        ".avifs",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".heic",
        ".heif",
        ".hif",
        ".heics",
        ".heifs",
        ".jp2",
        ".j2k",
        ".j2c",
        ".jpc",
        ".jpf",
        ".jpx",
        ".jpm",
        ".jxl",
        ".jxr",
        ".dcm",
        ".dicom"
    );

    /// <summary>The extensions in small letters, each with its dot, in order.</summary>
    public static ImmutableArray<string> Extensions { get; } = [.. Known.Order(StringComparer.Ordinal)];

    /// <summary>True for a name with the extension of an image format that is not a hidden one.</summary>
    public static bool LooksLikeImage(string name) => Known.Contains(Path.GetExtension(name)) && !ImageFolder.IsHidden(name);

    /// <summary>
    /// What an image in a format that is not decoded is called, and what to do; null for any other content.
    /// </summary>
    internal static string? NotDecoded(ReadOnlySpan<byte> bytes)
    {
        string? name = bytes switch
        {
            _ when IsHeic(bytes) => "HEIC (HEVC) image",
            _ when bytes.StartsWith<byte>([0, 0, 0, 12, (byte)'j', (byte)'P'])
                    || bytes.StartsWith<byte>([0xFF, 0x4F, 0xFF, 0x51]) => "JPEG 2000 image",
            _ when bytes.StartsWith<byte>([0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L'])
                    || bytes.StartsWith<byte>([0xFF, 0x0A]) => "JPEG XL image",
            _ when bytes.StartsWith<byte>([(byte)'I', (byte)'I', 0xBC]) => "JPEG XR image",
            _ when bytes.Length > 132 && bytes[128..].StartsWith("DICM"u8) => "DICOM file",
            _ when bytes.StartsWith("8BPS"u8) => "Photoshop file",
            _ when bytes.StartsWith("%PDF"u8) => "PDF document",
            _ => null,
        };
        return name is null ? null : $"a {name}, a format that is not decoded here: convert it to PNG or JPEG";
    }

    /// <summary>True for the container of HEIF with pictures that are not AVIF's.</summary>
    private static bool IsHeic(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 16 || !bytes[4..].StartsWith("ftyp"u8))
            return false;
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, Enough)];
        uint length = BinaryPrimitives.ReadUInt32BigEndian(start);
        ReadOnlySpan<byte> brands = start[8..(int)Math.Clamp(length, 16, (uint)start.Length)];
        bool isHeif =
            brands.IndexOf("heic"u8) >= 0
            || brands.IndexOf("heix"u8) >= 0
            || brands.IndexOf("hevc"u8) >= 0
            || brands.IndexOf("hevx"u8) >= 0
            || brands.IndexOf("heim"u8) >= 0
            || brands.IndexOf("heis"u8) >= 0
            || brands.IndexOf("mif1"u8) >= 0;
        return isHeif && start.IndexOf("av01"u8) < 0 && brands.IndexOf("avif"u8) < 0;
    }
}
