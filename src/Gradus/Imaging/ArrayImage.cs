namespace Gradus.Imaging;

/// <summary>A slot of an array: pixels as they are, (H, W) or (H, W, 3).</summary>
internal sealed class ArrayImage(SourceBytes bytes) : SourceImage(bytes.Location, bytes.SlotShape.Span[1], bytes.SlotShape.Span[0])
{
    /// <inheritdoc/>
    public override DecodedImage Decode(int shrink)
    {
        byte[] pixels = new byte[Width * Height * 3];
        if (bytes.SlotShape.Length == 3)
            bytes.Span.CopyTo(pixels);
        else
            for (int i = 0; i < bytes.Span.Length; i++)
                pixels.AsSpan(i * 3, 3).Fill(bytes.Span[i]);
        return new DecodedImage(Width, Height, pixels);
    }
}
