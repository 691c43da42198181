using System.Collections.Immutable;

namespace Gradus.Datasets;

/// <summary>How the pixels of one image lie in an array of images.</summary>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="ChannelsFirst">True for planes, (C, H, W).</param>
internal sealed record SlotLayout(int Height, int Width, int Channels, bool ChannelsFirst)
{
    private const string Accepted =
        "images have the shape (N, H, W), (N, H, W, 1), (N, H, W, 3), (N, 1, H, W) or (N, 3, H, W) of uint8";

    /// <summary>(H, W) or (H, W, 3), the shape under which an image is known whatever its array's layout.</summary>
    public ImmutableArray<int> Shape => Channels == 1 ? [Height, Width] : [Height, Width, Channels];

    /// <summary>The layout of an array.</summary>
    /// <exception cref="GradusException">The array is of a shape or a type that is not read (fault:
    /// request).</exception>
    public static SlotLayout Of(NpyArray array, string where)
    {
        SlotLayout? layout =
            array.DType != "|u1"
                ? null
                : array.Shape switch
                {
                    [_, var h, var w] => new SlotLayout(h, w, 1, false),
                    // Both ends could be the channels: no image is that small, so neither reading is right.
                    [_, 1 or 3, _, 1 or 3] => null,
                    [_, var h, var w, var c and (1 or 3)] => new SlotLayout(h, w, c, false),
                    [_, var c and (1 or 3), var h, var w] => new SlotLayout(h, w, c, true),
                    _ => null,
                };
        string? remedy = array.DType == "|u1" ? null : "Save it as uint8, black 0 and white 255";
        return layout ?? throw new GradusException(Accepted, where, array.Described, remedy, Fault.Request);
    }

    /// <summary>
    /// An image's bytes as its <see cref="Shape"/> has them; the given ones where they lie so already.
    /// </summary>
    public (byte[] Pixels, int Start) Upright(byte[] data, int start)
    {
        if (Channels == 1 || !ChannelsFirst)
            return (data, start);
        int plane = Height * Width;
        byte[] pixels = new byte[plane * Channels];
        for (int i = 0; i < plane; i++)
        {
            for (int c = 0; c < Channels; c++)
                pixels[i * Channels + c] = data[start + c * plane + i];
        }
        return (pixels, 0);
    }
}
