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
    /// <exception cref="GradusException">There is no image, one is there twice, or one has no grade.</exception>
    public TrainingSet(ImmutableArray<ImageRecord> records) => Records = SplitRecords.Checked(records, "training");

    /// <summary>The images, each once and each graded.</summary>
    public ImmutableArray<ImageRecord> Records { get; }

    /// <summary>Number of images.</summary>
    public int Count => Records.Length;
}
