using System.Collections.Immutable;

namespace Gradus.Shift;

/// <summary>One of the properties that are compared between sets.</summary>
/// <param name="Name">In snake_case, for files.</param>
/// <param name="Words">For people.</param>
/// <param name="IsAppearance">
/// True for what survives cropping and resizing and so reaches the network: its drift breaks what estimates rest on. The sizes only hint
/// at another camera.
/// </param>
public sealed record ImageProperty(string Name, string Words, bool IsAppearance)
{
    private ImageProperty(string name, string words, bool isAppearance, Func<ImageProperties, double> value)
        : this(name, words, isAppearance) => Value = value;

    /// <summary>Reads the property.</summary>
    public Func<ImageProperties, double> Value { get; } = _ => double.NaN;

    /// <summary>All of them.</summary>
    public static ImmutableArray<ImageProperty> All { get; } =
    [
        new("width", "width, pixels", false, p => p.Width),
        new("height", "height, pixels", false, p => p.Height),
        new("aspect", "width over height", false, p => p.Aspect),
        new("disc_diameter", "disc diameter, share of the longer side", false, p => p.DiscDiameter),
        new("disc_share", "disc area, share of the picture", false, p => p.DiscShare),
        new("brightness", "brightness", true, p => p.Brightness),
        new("contrast", "contrast", true, p => p.Contrast),
        new("sharpness", "sharpness", true, p => p.Sharpness),
        new("red", "red cast", true, p => p.Red),
        new("green", "green cast", true, p => p.Green),
        new("blue", "blue cast", true, p => p.Blue),
    ];
}
