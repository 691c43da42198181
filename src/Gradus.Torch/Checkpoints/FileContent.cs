using System.Buffers.Binary;
using System.Text;

namespace Gradus.Torch.Checkpoints;

/// <summary>What the first bytes of a file say that it is; its name is not asked.</summary>
internal static class FileContent
{
    /// <summary>Bytes from the start that are enough to tell.</summary>
    public const int PrefixLength = 512;

    private static readonly (byte[] Magic, int At, string Kind)[] Magics =
    [
        ([0xff, 0xd8, 0xff], 0, "a JPEG image"),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], 0, "a PNG image"),
        ([.. "GIF8"u8], 0, "a GIF image"),
        ([.. "II*\0"u8], 0, "a TIFF image"),
        ([.. "MM\0*"u8], 0, "a TIFF image"),
        ([.. "WEBP"u8], 8, "a WebP image"),
        ([.. "BM"u8], 0, "a BMP image"),
        ([.. "%PDF"u8], 0, "a PDF document"),
        ([0x1f, 0x8b], 0, "a gzip archive"),
        ([.. "BZh"u8], 0, "a bzip2 archive"),
        ([0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'], 0, "an xz archive"),
        ([(byte)'7', (byte)'z', 0xbc, 0xaf], 0, "a 7-Zip archive"),
        ([.. "Rar!"u8], 0, "a RAR archive"),
        ([.. "ustar"u8], 257, "a tar archive"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], 0, "an HDF5 file, as Keras writes"),
        ([0x93, .. "NUMPY"u8], 0, "a NumPy array"),
        ([.. "TFL3"u8], 4, "a TensorFlow Lite model"),
        ([.. "GGUF"u8], 0, "a GGUF model"),
        ([.. "MZ"u8], 0, "a Windows program"),
        ([0x7f, .. "ELF"u8], 0, "a Linux program"),
        ([.. "version https://git-lfs"u8], 0, "a Git LFS pointer instead of the file itself"),
    ];

    /// <summary>True for the length of a header that fits the file, or one that was cut off behind its beginning.</summary>
    public static bool IsSafetensors(ReadOnlySpan<byte> prefix, long length)
    {
        if (prefix.Length < SafetensorsFile.PrefixLength)
            return false;
        ulong header = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        return header <= SafetensorsFile.LongestHeader
            && ((long)header <= length - SafetensorsFile.PrefixLength || (prefix.Length > SafetensorsFile.PrefixLength && prefix[SafetensorsFile.PrefixLength] == '{'));
    }

    /// <summary>True for a zip archive, also an empty one.</summary>
    public static bool IsZip(ReadOnlySpan<byte> prefix) => prefix.StartsWith("PK\x03\x04"u8) || prefix.StartsWith("PK\x05\x06"u8);

    /// <summary>True for a pickle of protocol 2 or later.</summary>
    public static bool IsPickle(ReadOnlySpan<byte> prefix) => prefix is [0x80, >= 2 and <= 5, ..];

    /// <summary>The kind of a file that holds no weights, for a person: <c>a JPEG image</c>.</summary>
    public static string Describe(ReadOnlySpan<byte> prefix, long length)
    {
        if (length == 0)
            return "an empty file";
        string? text = Text(prefix);
        foreach ((byte[] magic, int at, string kind) in Magics)
        {
            if ((magic.Length > 2 || text is null) && prefix.Length >= at + magic.Length && prefix.Slice(at, magic.Length).SequenceEqual(magic))
                return kind;
        }
        return text is null ? $"{length} bytes of an unknown kind"
            : StartsWith(text, "<!doctype html") || StartsWith(text, "<html") ? "an HTML page"
            : text.StartsWith('<') ? "an XML document"
            : text.StartsWith('{') || text.StartsWith('[') ? "JSON"
            : $"text that begins '{WeightsEntry.Shown(text.Split('\n')[0].Trim())}'";
    }

    private static bool StartsWith(string text, string beginning) => text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);

    private static string? Text(ReadOnlySpan<byte> prefix)
    {
        foreach (byte b in prefix)
        {
            if (b is < 9 or (> 13 and < 32) or 127)
                return null;
        }
        string text = Encoding.UTF8.GetString(prefix).TrimStart('\uFEFF').Trim();
        return text.Length == 0 || text.TrimEnd('\uFFFD').Contains('\uFFFD') ? null : text;
    }
}
