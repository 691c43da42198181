using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>An image after its recipe.</summary>
/// <param name="Image">(size, size, 3), the size being the recipe's.</param>
/// <param name="Hash">SHA-256 of the source bytes.</param>
/// <param name="Notes">What a person may want to look at: "crop_retina found no disc, …". Mostly empty.</param>
/// <param name="Geometry">Which part of the source the square shows.</param>
public sealed record PreparedImage(RgbImage Image, ContentHash Hash, ImmutableArray<string> Notes, RecipeGeometry Geometry);
