using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Shift;

/// <summary>Numbers that describe images, for telling sets apart.</summary>
/// <param name="Origin">Where they come from, for people: "the backbone of …", "image properties and a coarse picture".</param>
/// <param name="Images">(N).</param>
/// <param name="Values">(N, D) row-major.</param>
public sealed record ImageFeatures(string Origin, ImmutableArray<ImageRecord> Images, float[] Values)
{
    /// <summary>D.</summary>
    public int Width => Images.IsEmpty ? 0 : Values.Length / Images.Length;

    /// <summary>
    /// What stands in where there is no network: appearance and a coarse picture of the content. The sizes are left out, since no network
    /// sees them and they would tell two cameras apart at once.
    /// </summary>
    public static ImageFeatures Of(ImmutableArray<(ImageRecord Image, ImageProperties Properties)> measured) => new(
        "image properties and a coarse picture, without a network",
        [.. measured.Select(m => m.Image)],
        [.. measured.SelectMany(m => ImageProperty.All.Where(p => p.IsAppearance).Select(p => (float)p.Value(m.Properties)).Concat(m.Properties.Grid))]);
}
