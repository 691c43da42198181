namespace Gradus.Imaging;

/// <summary>
/// A portable pixmap, greymap or bitmap of Netpbm, as text or binary (P1 to P6); its header states which value is
/// white.
/// </summary>
internal sealed class PnmImage : SourceImage
{
    private readonly SourceBytes _bytes;
    private readonly int _kind;
    private readonly int _white;
    private readonly int _start;

    private PnmImage(SourceBytes bytes, int kind, int width, int height, int white, int start)
        : base(bytes.Location, width, height) => (_bytes, _kind, _white, _start) = (bytes, kind, white, start);

    private int Channels => _kind is 3 or 6 ? 3 : 1;

    /// <summary>Whether the bytes start like one.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 8
        && bytes[0] == 'P'
        && bytes[1] is >= (byte)'1' and <= (byte)'6'
        && (IsSpace(bytes[2]) || bytes[2] == '#');

    /// <summary>Reads the header.</summary>
    /// <exception cref="GradusException">It is damaged.</exception>
    public static PnmImage OpenHeader(SourceBytes bytes)
    {
        int at = 2,
            kind = bytes.Span[1] - '0';
        int? width = Number(bytes.Span, ref at),
            height = Number(bytes.Span, ref at),
            white = kind is 1 or 4 ? 1 : Number(bytes.Span, ref at);
        if (width is not > 0 || height is not > 0 || white is not (> 0 and <= ushort.MaxValue))
            throw new GradusException(
                "damaged: its header does not state width, height and white",
                bytes.Location.ToString()
            );
        return new PnmImage(bytes, kind, width.Value, height.Value, white.Value, at + 1); // one space ends the header
    }

    /// <inheritdoc/>
    public override DecodedImage Decode(int shrink)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(Width * Height * 3);
        ReadOnlySpan<byte> data = _bytes.Span[Math.Min(_start, _bytes.Span.Length)..];
        int wide = _white > byte.MaxValue ? 2 : 1,
            row = _kind == 4 ? (Width + 7) / 8 : Width * Channels * wide,
            at = 0;
        if (_kind >= 4 && data.Length < (long)row * Height)
            throw Unusable("truncated: the file ends before its image does");
        for (int i = 0; i < Width * Height; i++)
        {
            for (int c = 0; c < Channels; c++)
            {
                int value = _kind switch
                {
                    4 => (data[i / Width * row + i % Width / 8] >> (7 - i % Width % 8)) & 1,
                    1 => Bit(data, ref at),
                    < 4 => Number(data, ref at) ?? throw Unusable("truncated: the file ends before its image does"),
                    _ when wide == 2 => (data[(i * Channels + c) * 2] << 8) | data[(i * Channels + c) * 2 + 1],
                    _ => data[i * Channels + c],
                };
                if (value > _white)
                    throw Unusable($"damaged: it states {_white} for white and holds {value}");
                byte level = (byte)(((_kind is 1 or 4 ? 1 - value : value) * 255L + _white / 2) / _white);
                pixels[i * 3 + c] = level;
            }
            if (Channels == 1)
                pixels[i * 3 + 1] = pixels[i * 3 + 2] = pixels[i * 3];
        }
        return new DecodedImage(Width, Height, pixels);
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (>= 9 and <= 13);

    private static void Skip(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length && (IsSpace(bytes[at]) || bytes[at] == '#'))
        {
            if (bytes[at] == '#')
            {
                while (at < bytes.Length && bytes[at] is not ((byte)'\n' or (byte)'\r'))
                    at++;
            }
            else
            {
                at++;
            }
        }
    }

    private static int? Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        Skip(bytes, ref at);
        int start = at;
        long number = 0;
        for (; at < bytes.Length && char.IsAsciiDigit((char)bytes[at]) && at - start < 9; at++)
            number = number * 10 + bytes[at] - '0';
        return at == start ? null : (int)number;
    }

    /// <summary>Bits as text need no space between them.</summary>
    private int Bit(ReadOnlySpan<byte> bytes, ref int at)
    {
        Skip(bytes, ref at);
        return at < bytes.Length && bytes[at] is (byte)'0' or (byte)'1'
            ? bytes[at++] - '0'
            : throw Unusable("truncated: the file ends before its image does");
    }
}
