using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Gradus.Datasets;
using NetVips;

namespace Gradus.Imaging;

/// <summary>Anything that libvips reads: JPEG, PNG, TIFF, WebP, GIF, AVIF. The first page of several.</summary>
internal sealed class VipsImage : SourceImage
{
    private readonly SourceBytes _bytes;
    private readonly int _orientation;
    private readonly JpegHeader? _plain;

    private VipsImage(SourceBytes bytes, int width, int height, int orientation, JpegHeader? plain = null)
        : base(bytes.Location, width, height) => (_bytes, _orientation, _plain) = (bytes, orientation, plain);

    private static bool IsJpeg(ReadOnlySpan<byte> bytes) => bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]);

    /// <summary>Reads the header.</summary>
    /// <exception cref="GradusException">It is none, or is damaged.</exception>
    public static VipsImage OpenHeader(SourceBytes bytes)
    {
        if (JpegHeader.Read(bytes.Span) is { Orientation: 1 } plain)
            return new VipsImage(bytes, plain.Width, plain.Height, plain.Orientation, plain);
        if (ImageFormats.NotDecoded(bytes.Span) is { } format)
            throw new GradusException(format, bytes.Location.ToString());
        if (TiffPage.Read(bytes.Span) is [var page, ..] && page.BitsPerSample(bytes.Span) is > 32 and var bits)
            throw new GradusException(
                $"holds numbers of {bits} bits, which are not read: save it with 8 or 16 bits", bytes.Location.ToString());
        LibVips.Ready();
        try
        {
            using Image image = Load(bytes.Span, 1);
            // Drawings have no pixels of their own, and other loaders read what is no photograph.
            if (image.Contains("vips-loader") && image.Get("vips-loader") is string loader && loader.StartsWith("svg", StringComparison.Ordinal))
                throw new GradusException("a drawing (SVG), not an image of pixels", bytes.Location.ToString());
            int orientation = image.Contains("orientation") ? (int)image.Get("orientation") : 1;
            bool onItsSide = orientation is >= 5 and <= 8;
            return new VipsImage(bytes, onItsSide ? image.Height : image.Width, onItsSide ? image.Width : image.Height, orientation);
        }
        catch (VipsException e)
        {
            throw new GradusException(Problem(bytes.Span, e), bytes.Location.ToString(), inner: e);
        }
    }

    /// <inheritdoc/>
    public override string? Remark
    {
        get
        {
            ImmutableArray<TiffPage> pages = TiffPage.Read(_bytes.Span);
            if (pages.Length < 2)
                return null;
            int largest = Enumerable.Range(0, pages.Length).MaxBy(i => pages[i].Pixels(_bytes.Span));
            return pages[largest].Pixels(_bytes.Span) <= pages[0].Pixels(_bytes.Span)
                ? null
                : $"page {largest + 1} of {pages.Length} is larger ({pages[largest].Size(_bytes.Span)}) than the first " +
                    $"({pages[0].Size(_bytes.Span)}), which is used";
        }
    }

    /// <inheritdoc/>
    public override DecodedImage Decode(int shrink)
    {
        if (shrink == 8 && _plain is not null && JpegBlockMeans.TryDecode(_plain, _bytes.Span) is { } means)
            return means;
        LibVips.Ready();
        if (CutPicture.Problem(_bytes.Span, (long)Width * Height) is { } cut)
            throw Unusable(cut);
        bool jpeg = IsJpeg(_bytes.Span);
        if (!jpeg)
            return Decode(shrink, _bytes.Span.StartsWith("GIF8"u8) ? Enums.FailOn.Warning : Enums.FailOn.Error);
        try
        {
            return Decode(shrink, Enums.FailOn.Warning);
        }
        catch (GradusException)
        {
            // Most warnings are about bytes beside the picture. Which one it was, its text does not say reliably: other
            // threads write there too.
            DecodedImage decoded = Decode(shrink, Enums.FailOn.Error);
            if (CutPicture.IsWholeJpeg(_bytes.Span))
                return decoded;
            decoded.Dispose();
            throw Unusable(CutPicture.Damaged);
        }
    }

    private DecodedImage Decode(int shrink, Enums.FailOn failOn)
    {
        var pipeline = new Stack<Image>();
        try
        {
            bool jpeg = IsJpeg(_bytes.Span);
            pipeline.Push(Load(_bytes.Span, jpeg ? shrink : 1, failOn));
            (Image levels, string? problem) = PixelLevels.Of(pipeline.Peek(), _bytes.Span, pipeline);
            if (problem is not null)
                throw Unusable(problem);
            if (levels != pipeline.Peek())
                pipeline.Push(levels.Copy());
            ToRgb(pipeline);
            if (!jpeg && shrink > 1)
                pipeline.Push(pipeline.Peek().Shrink(shrink, shrink, ceil: true));
            if (_orientation is > 1 and <= 8)
            {
                // Rows of a stream come in order only; a turn needs them all.
                pipeline.Push(pipeline.Peek().CopyMemory());
                pipeline.Push(pipeline.Peek().Autorot());
            }

            Image upright = pipeline.Peek();
            (int width, int height) = (upright.Width, upright.Height);
            nint pixels = upright.WriteToMemory(out ulong length);
            var memory = new NativeMemory(pixels, checked((int)length));
            return new DecodedImage(width, height, memory.Memory, ((IDisposable)memory).Dispose) { Extent = Extent(width, height, shrink) };
        }
        catch (VipsException e)
        {
            throw Unusable(Problem(_bytes.Span, e), e);
        }
        finally
        {
            foreach (Image image in pipeline)
                image.Dispose();
        }
    }

    private static Image Load(ReadOnlySpan<byte> bytes, int shrink, Enums.FailOn failOn = Enums.FailOn.Error) => Image.NewFromBuffer(
        bytes, access: Enums.Access.Sequential, failOn: failOn, kwargs: shrink > 1 ? new VOption { { "shrink", shrink } } : null);

    /// <summary>Alpha onto black, colours to sRGB through the embedded profile where there is one, 16 bits to 8, grey to three channels.</summary>
    private static void ToRgb(Stack<Image> pipeline)
    {
        if (pipeline.Peek().HasAlpha())
            pipeline.Push(pipeline.Peek().Flatten());
        if (pipeline.Peek().Contains("icc-profile-data") && !IsSrgb((byte[])pipeline.Peek().Get("icc-profile-data")))
        {
            try
            {
                pipeline.Push(pipeline.Peek().IccTransform("srgb", embedded: true, intent: Enums.Intent.Relative, depth: 8));
            }
            catch (VipsException)
            {
                // A profile that cannot be used is no reason to refuse the image: its numbers are taken as they are.
            }
        }
        if (pipeline.Peek().Interpretation != Enums.Interpretation.Srgb)
            pipeline.Push(pipeline.Peek().Colourspace(Enums.Interpretation.Srgb));
        if (pipeline.Peek().Bands is 1 or 2)
            pipeline.Push(pipeline.Peek()[0].Bandjoin(pipeline.Peek()[0], pipeline.Peek()[0]));
        if (pipeline.Peek().Bands > 3)
            pipeline.Push(pipeline.Peek().ExtractBand(0, n: 3));
        if (pipeline.Peek().Format != Enums.BandFormat.Uchar)
            pipeline.Push(pipeline.Peek().Cast(Enums.BandFormat.Uchar));
    }

    public static bool IsSrgb(ReadOnlySpan<byte> profile) => profile.IndexOf("sRGB"u8) >= 0 || profile.IndexOf("s\0R\0G\0B"u8) >= 0;

    /// <summary>How far the image reaches within the shrunk pixels; its incomplete last column and row turn with it.</summary>
    private Region Extent(int width, int height, int shrink)
    {
        double across = Math.Min((double)Width / shrink, width), down = Math.Min((double)Height / shrink, height);
        double left = _orientation is 2 or 3 or 6 or 7 ? width - across : 0, top = _orientation is 3 or 4 or 7 or 8 ? height - down : 0;
        return new Region(left, top, left + across, top + down);
    }

    private static string Problem(ReadOnlySpan<byte> bytes, VipsException e)
    {
        string[] lines = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Any(l => l.Contains("not in a known format", StringComparison.Ordinal)) && !HasKnownStart(bytes))
            return "not an image that libvips reads";
        string detail = lines.Length > 1 ? lines[1] : lines.FirstOrDefault() ?? "no reason given";
        // libvips words the end of a file differently from one decoded size to another.
        return IsCutShort(bytes, detail) ? "truncated: the file ends before its image does" : $"damaged: {detail}";
    }

    private static bool HasKnownStart(ReadOnlySpan<byte> bytes) =>
        IsJpeg(bytes) || bytes.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']) || bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8) || bytes.StartsWith("GIF8"u8) || bytes.StartsWith("RIFF"u8);

    /// <summary>Whether the end is missing, as each format tells it; the decoders' messages do not always say.</summary>
    private static bool IsCutShort(ReadOnlySpan<byte> bytes, string detail)
    {
        if (bytes.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']))
            return bytes[Math.Max(0, bytes.Length - 64)..].IndexOf("IEND"u8) < 0;
        if (bytes.StartsWith("RIFF"u8) && bytes.Length >= 12)
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L > bytes.Length;
        if (bytes.Length >= 8 && (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8)))
        {
            // Writers put the directory last.
            bool little = bytes[0] == 'I';
            long directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            if (directory + 2 > bytes.Length)
                return true;
            int entries = little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[(int)directory..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[(int)directory..]);
            return directory + 2 + entries * 12 + 4 > bytes.Length;
        }
        // libvips keeps one text of errors for all threads, so a detail may be another image's.
        if (IsJpeg(bytes) && CutPicture.LacksEnd(bytes))
            return true;
        return detail.Contains("premature end", StringComparison.Ordinal) || detail.Contains("end of", StringComparison.OrdinalIgnoreCase) || bytes.Length < 64;
    }

    /// <summary>Memory of libvips, seen as managed memory until it is freed.</summary>
    private sealed unsafe class NativeMemory(nint start, int length) : MemoryManager<byte>
    {
        private nint _start = start;

        public override Span<byte> GetSpan() => new((void*)_start, _start == 0 ? 0 : length);

        public override MemoryHandle Pin(int elementIndex = 0) => new((void*)(_start + elementIndex));

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _start, 0) is var taken and not 0)
                NetVips.NetVips.Free(taken);
        }
    }
}
