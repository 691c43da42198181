using System.Collections.Immutable;

namespace Gradus.Synthetic;

/// <summary>The file format that a camera writes.</summary>
public enum PictureFormat
{
    /// <summary>Lossy, <c>.jpg</c>.</summary>
    Jpeg,

    /// <summary>Lossless, <c>.png</c>.</summary>
    Png,
}

/// <summary>A make of fundus camera: everything about a picture that says nothing about the disease.</summary>
public sealed record FundusCamera
{
    /// <summary>The name that <c>planted.json</c> uses.</summary>
    public required string Name { get; init; }

    /// <summary>W in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>H in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Radius of the round field in pixels; more than half the height truncates it at the top and the bottom.</summary>
    public required float Radius { get; init; }

    /// <summary>Gains of R, G and B: the colour cast.</summary>
    public required (float R, float G, float B) Cast { get; init; }

    /// <summary>Standard deviation of the optical blur in pixels.</summary>
    public required float Blur { get; init; }

    /// <summary>Peak sensor noise in grey levels.</summary>
    public required float Noise { get; init; }

    /// <summary>What the camera writes.</summary>
    public PictureFormat Format { get; init; } = PictureFormat.Jpeg;

    /// <summary>JPEG quality, 1 to 100.</summary>
    public int Quality { get; init; } = 90;

    /// <summary>With its dot.</summary>
    public string Extension => Format == PictureFormat.Png ? ".png" : ".jpg";

    /// <summary>A wide field truncated at the top and the bottom, sharp, orange.</summary>
    public static FundusCamera Aster { get; } = new() { Name = "aster", Width = 600, Height = 400, Radius = 236, Cast = (1.04f, 1.02f, 0.85f), Blur = 0.5f, Noise = 3, Quality = 92 };

    /// <summary>A whole disc on black, reddish.</summary>
    public static FundusCamera Birch { get; } = new() { Name = "birch", Width = 640, Height = 480, Radius = 229, Cast = (1.06f, 0.88f, 0.85f), Blur = 0.9f, Noise = 5, Quality = 85 };

    /// <summary>A field slightly truncated, pale pink, softer.</summary>
    public static FundusCamera Cedar { get; } = new() { Name = "cedar", Width = 440, Height = 330, Radius = 178, Cast = (1.02f, 1.1f, 1.35f), Blur = 0.7f, Noise = 4, Quality = 80 };

    /// <summary>A small whole disc without compression, brownish.</summary>
    public static FundusCamera Dogwood { get; } = new() { Name = "dogwood", Width = 360, Height = 300, Radius = 144, Cast = (0.86f, 0.95f, 1f), Blur = 0.4f, Noise = 3, Format = PictureFormat.Png };

    /// <summary>The old camera of the external set: small, dim, greenish, blurred and strongly compressed.</summary>
    public static FundusCamera Elder { get; } = new() { Name = "elder", Width = 400, Height = 320, Radius = 152, Cast = (0.8f, 0.98f, 0.9f), Blur = 1.1f, Noise = 8, Quality = 66 };

    /// <summary>A camera that only the test set knows: cool and bright, truncated.</summary>
    public static FundusCamera Fern { get; } = new() { Name = "fern", Width = 520, Height = 350, Radius = 200, Cast = (1.0f, 1.14f, 1.5f), Blur = 0.6f, Noise = 4, Quality = 88 };

    /// <summary>The cameras of the training set.</summary>
    public static ImmutableArray<FundusCamera> Current { get; } = [Aster, Birch, Cedar, Dogwood];
}
