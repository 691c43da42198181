using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>
/// The images a run learns from, in a fixed order. Samplers draw from this type and from no other, so sampling always comes
/// after the split.
/// </summary>
public sealed class TrainingSet
{
    /// <summary>Takes the records in the order given.</summary>
    /// <param name="records">The images.</param>
    /// <param name="weights">(N) a weight above 0 for each; null where all count alike.</param>
    /// <exception cref="GradusException">There is no image, one is there twice, or one has no grade.</exception>
    public TrainingSet(ImmutableArray<ImageRecord> records, ImmutableArray<double>? weights = null)
    {
        Records = SplitRecords.Checked(records, "training");
        if (weights is { } w && (w.Length != records.Length || w.Any(x => !(x > 0 && double.IsFinite(x)))))
            throw new ArgumentException("there is a finite weight above 0 for each image", nameof(weights));
        Weights = weights;
    }

    /// <summary>The images, each once and each graded.</summary>
    public ImmutableArray<ImageRecord> Records { get; }

    /// <summary>(N) the images' weights for sampling by images, above 0; null where all count alike.</summary>
    public ImmutableArray<double>? Weights { get; }

    /// <summary>Number of images.</summary>
    public int Count => Records.Length;
}
