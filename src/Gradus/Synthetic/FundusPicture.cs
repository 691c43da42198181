using System.Collections.Immutable;
using Gradus.Imaging;

namespace Gradus.Synthetic;

/// <summary>One lesion that was drawn.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="X">Its centre in pixels from the left.</param>
/// <param name="Y">Its centre in pixels from the top.</param>
/// <param name="Radius">Its extent in pixels.</param>
public sealed record Lesion(LesionKind Kind, double X, double Y, double Radius);

/// <summary>A drawn fundus photograph, with the truth about every pixel.</summary>
/// <param name="Image">The photograph before it is encoded, (H, W, 3).</param>
/// <param name="Mask">(H, W) one byte a pixel, the number of a <see cref="LesionKind"/>; the later lesion where two overlap.</param>
/// <param name="Lesions">Every lesion in the order of drawing; exudates one a speck.</param>
public sealed record FundusPicture(RgbImage Image, byte[] Mask, ImmutableArray<Lesion> Lesions);
