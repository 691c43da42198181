using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>
/// The images a run is judged by, each exactly once. Not a <see cref="TrainingSet"/> and not convertible to one: nothing can
/// resample it.
/// </summary>
public sealed class ValidationSet
{
    /// <summary>Takes the records in the order given.</summary>
    /// <exception cref="GradusException">There is no image, one is there twice, or one has no grade.</exception>
    public ValidationSet(ImmutableArray<ImageRecord> records) => Records = SplitRecords.Checked(records, "validation");

    /// <summary>The images, each once and each graded.</summary>
    public ImmutableArray<ImageRecord> Records { get; }

    /// <summary>Number of images.</summary>
    public int Count => Records.Length;
}
