using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Imaging;

namespace Gradus.Explanations;

/// <summary>What a network answered for an image, and where in it the answer came from.</summary>
/// <param name="Id">The image.</param>
/// <param name="Location">Where its bytes are.</param>
/// <param name="Grade">The predicted grade, 0 to K-1, at the checkpoint's tuned thresholds.</param>
/// <param name="Score">The expected grade; of two grades the probability of the second.</param>
/// <param name="Probabilities">(K) of the grades; empty for regression.</param>
/// <param name="Map">(h, w) over the network's square.</param>
/// <param name="Geometry">Places the map on the photograph.</param>
public sealed record ImageExplanation(ImageId Id, ImageLocation Location, int Grade, double Score, ImmutableArray<double> Probabilities, HeatMap Map, RecipeGeometry Geometry)
{
    /// <summary>The grade that a person gave; null where nobody did.</summary>
    public int? Truth { get; init; }

    /// <summary>What a person may want to look at: that no disc was found, for instance.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
