using System.Buffers.Binary;
using NetVips;

namespace Gradus.Imaging;

/// <summary>
/// Tells pictures that were cut in the middle and closed properly, or whose second half was never written. Decoders
/// fill the rest with
/// grey, with black or with a repetition and say nothing, or no more than a warning.
/// </summary>
internal static class CutPicture
{
    private const int FewZeros = 64;
    private const int Eoi = 0xD9;
    private const int Sos = 0xDA;

    /// <summary>What a JPEG that decodes only with warnings is, where they are about its picture.</summary>
    public const string Damaged =
        "cut or damaged in the middle: its data end before the picture does, or break off within it";

    /// <summary>
    /// Why a file's picture cannot be whole, as its bytes tell it without being decoded; null where nothing speaks
    /// against it.
    /// </summary>
    public static string? Problem(ReadOnlySpan<byte> file, long pixels)
    {
        if (file.StartsWith<byte>([0xFF, 0xD8]))
            return JpegScans.Read(file) is { } scans ? OfJpeg(file, scans) : null;
        if (TiffPage.Read(file) is [var page, ..])
        {
            (int missing, int all) = page.Parts(file);
            return missing == 0 ? null : $"cut: {missing} of its {all} strips or tiles have no data";
        }
        ReadOnlySpan<byte> packed = Packed(file);
        // Packed by arithmetic, a flat area takes a fraction of a bit for 16 x 16 pixels and anything else has no long
        // run of zeros.
        return LongestZeros(packed) is var zeros && zeros >= FewZeros && zeros * 8L > pixels / 256
            ? $"cut: {zeros} bytes of its data are zeros"
            : null;
    }

    /// <summary>Whether a JPEG decodes without a warning once what does not belong to its picture is away.</summary>
    public static bool IsWholeJpeg(ReadOnlySpan<byte> file) =>
        JpegScans.Read(file) is { } scans
        && (Decodes(scans.Cleaned(file, trimmed: false)) || Decodes(scans.Cleaned(file, trimmed: true)));

    /// <summary>True for a JPEG that ends before its end is marked.</summary>
    public static bool LacksEnd(ReadOnlySpan<byte> file) => JpegScans.Read(file) is { HasEnd: false };

    private static string? OfJpeg(ReadOnlySpan<byte> file, JpegScans scans)
    {
        if (scans.HasEnd && scans.Missing is { } missing)
            return $"cut: {missing}";
        // libvips sees no warning about the last rows of a picture that is decoded row by row.
        if (scans.HasEnd && !scans.IsProgressive)
        {
            ReadOnlySpan<byte> bare = JpegHeader.Read(file) is null ? scans.Cleaned(file, trimmed: false) : file;
            if (JpegHeader.Read(bare) is { } header && !JpegBlockMeans.IsComplete(header, bare))
                return Damaged;
        }
        (int start, int end) = scans.Last;
        int zeros = TrailingZeros(file[start..end]);
        if (zeros < FewZeros || zeros < (end - start) / 16)
            return null;
        // A flat border may be coded as zeros, but then all of them are needed.
        bool needed = !Decodes(scans.Cleaned(file, trimmed: true));
        if (!scans.HasEnd)
            return needed ? $"cut: it ends in {zeros} zeros" : null;
        return
            needed
            && JpegHeader.Read(file) is { } plain
            && JpegBlockMeans.TryDecode(plain, file) is var means
            && Unused(means)
            ? $"cut: {zeros} bytes at the end of its data are zeros"
            : null;

        static bool Unused(DecodedImage? means)
        {
            means?.Dispose();
            return means is null;
        }
    }

    private static bool Decodes(byte[] jpeg)
    {
        LibVips.Ready();
        try
        {
            using Image image = Image.NewFromBuffer(
                jpeg,
                access: Enums.Access.Sequential,
                failOn: Enums.FailOn.Warning,
                kwargs: new VOption { { "shrink", 8 } }
            );
            _ = image.Avg();
            return true;
        }
        catch (VipsException)
        {
            return false;
        }
    }

    /// <summary>The packed pixels of a WebP, or all of an AVIF.</summary>
    private static ReadOnlySpan<byte> Packed(ReadOnlySpan<byte> file)
    {
        if (file.Length > 12 && file[4..].StartsWith("ftypavi"u8))
            return file;
        if (file.Length < 20 || !file.StartsWith("RIFF"u8) || !file[8..].StartsWith("WEBP"u8))
            return [];
        for (long at = 12; at + 8 < file.Length; )
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            if (file[(int)at..].StartsWith("VP8 "u8) || file[(int)at..].StartsWith("VP8L"u8))
                return file.Slice((int)at + 8, (int)Math.Min(length, file.Length - at - 8));
            at += 8 + length + length % 2;
        }
        return [];
    }

    private static int LongestZeros(ReadOnlySpan<byte> bytes)
    {
        int longest = 0;
        while (bytes.IndexOf((byte)0) is >= 0 and var start)
        {
            bytes = bytes[start..];
            int run = bytes.IndexOfAnyExcept((byte)0) is >= 0 and var end ? end : bytes.Length;
            longest = Math.Max(longest, run);
            bytes = bytes[run..];
        }
        return longest;
    }

    private static int TrailingZeros(ReadOnlySpan<byte> bytes) =>
        bytes.Length - 1 - bytes.LastIndexOfAnyExcept((byte)0);

    /// <summary>
    /// The segments and scans of a JPEG of any kind (ITU-T T.81, annex B), whatever lies between them.
    /// </summary>
    private sealed class JpegScans
    {
        private readonly List<(int Marker, int Start, int End)> _segments = [];
        private readonly List<(int Start, int End)> _scans = [];
        // For each component, the bits still owed of each coefficient; -1 for never sent.
        private readonly Dictionary<int, int[]> _sent = [];

        /// <summary>Whether the scans refine each other.</summary>
        public bool IsProgressive { get; private set; }

        /// <summary>Whether the end marker is there.</summary>
        public bool HasEnd { get; private set; }

        /// <summary>The last scan's data.</summary>
        public (int Start, int End) Last => _scans[^1];

        /// <summary>Which scans are missing, as a clause; null where none is.</summary>
        public string? Missing
        {
            get
            {
                int colours = _sent.Values.Count(sent => sent[0] < 0);
                if (colours > 0)
                    return $"{colours} of its {_sent.Count} colour components are missing";
                return IsProgressive && _sent.Values.Any(sent => sent.Any(bits => bits != 0))
                    ? "its last scans are missing"
                    : null;
            }
        }

        /// <summary>Reads the markers; null where there is no scan.</summary>
        public static JpegScans? Read(ReadOnlySpan<byte> file)
        {
            var scans = new JpegScans();
            for (int at = 2; at + 1 < file.Length; )
            {
                int skipped = file[at..].IndexOf((byte)0xFF);
                if (skipped < 0)
                    break;
                at += skipped;
                int marker = at + 1 < file.Length ? file[at + 1] : 0;
                if (marker is 0 or 1 or 0xFF or (>= 0xD0 and <= 0xD8))
                {
                    at += marker == 0xFF ? 1 : 2;
                    continue;
                }
                if (marker == Eoi)
                {
                    scans.HasEnd = true;
                    break;
                }
                int length = at + 4 <= file.Length ? BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]) : 0;
                if (length < 2 || at + 2 + length > file.Length)
                    break;
                scans._segments.Add((marker, at, at + 2 + length));
                ReadOnlySpan<byte> segment = file.Slice(at + 4, length - 2);
                at += 2 + length;
                if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                    scans.Frame(marker, segment);
                if (marker != Sos)
                    continue;
                scans.Scan(segment);
                int end = at + EntropyLength(file[at..]);
                scans._scans.Add((at, end));
                at = end;
            }
            return scans._scans.Count == 0 ? null : scans;
        }

        /// <summary>The file with nothing but what its picture needs.</summary>
        /// <param name="file">The bytes that were read.</param>
        /// <param name="trimmed">Whether zeros at the end of the last scan go too.</param>
        public byte[] Cleaned(ReadOnlySpan<byte> file, bool trimmed)
        {
            using var clean = new MemoryStream(file.Length);
            clean.Write([0xFF, 0xD8]);
            int scan = 0;
            foreach ((int marker, int start, int end) in _segments)
            {
                if (marker is (>= 0xE0 and <= 0xEF) or 0xFE)
                    continue;
                byte[] segment = file[start..end].ToArray();
                if (marker == Sos && !IsProgressive)
                    ((ReadOnlySpan<byte>)[0, 63, 0]).CopyTo(segment.AsSpan(segment.Length - 3)); // some leave them out
                clean.Write(segment);
                if (marker != Sos)
                    continue;
                ReadOnlySpan<byte> data = file[_scans[scan].Start.._scans[scan].End];
                clean.Write(trimmed && scan == _scans.Count - 1 ? data.TrimEnd((byte)0) : data);
                scan++;
            }
            clean.Write([0xFF, Eoi]);
            return clean.ToArray();
        }

        private static int EntropyLength(ReadOnlySpan<byte> data)
        {
            for (int at = 0; ; )
            {
                int next = data[at..].IndexOf((byte)0xFF);
                if (next < 0 || at + next + 1 >= data.Length)
                    return data.Length;
                at += next;
                if (data[at + 1] is not (0 or 0xFF or (>= 0xD0 and <= 0xD7)))
                    return at;
                at += data[at + 1] == 0xFF ? 1 : 2;
            }
        }

        private void Frame(int marker, ReadOnlySpan<byte> segment)
        {
            IsProgressive = marker is 0xC2 or 0xC6 or 0xCA or 0xCE;
            for (int i = 6; i + 2 < segment.Length && i < 6 + segment[5] * 3; i += 3)
                _sent.TryAdd(segment[i], [.. Enumerable.Repeat(-1, 64)]);
        }

        private void Scan(ReadOnlySpan<byte> segment)
        {
            if (segment.Length < 4 || segment.Length < 4 + segment[0] * 2)
                return;
            ReadOnlySpan<byte> rest = segment[(1 + segment[0] * 2)..];
            (int from, int to, int bits) = IsProgressive
                ? (rest[0], Math.Min((int)rest[1], 63), rest[2] & 15)
                : (0, 63, 0);
            for (int i = 0; i < segment[0]; i++)
            {
                if (!_sent.TryGetValue(segment[1 + i * 2], out int[]? sent))
                    continue;
                for (int k = from; k <= to; k++)
                    sent[k] = bits;
            }
        }
    }
}
