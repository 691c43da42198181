using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Imaging;

/// <summary>What one filling of the cache did. Prepared, reused, rebuilt and failed add up to the records given.</summary>
/// <param name="Prepared">Images that were decoded and prepared.</param>
/// <param name="Reused">Records whose pixels were there already, duplicates within this filling included.</param>
/// <param name="Failed">Records that cannot be used, each with the reason, in the order given.</param>
/// <param name="Notes">Records to look at: "crop_retina found no disc, …", in the order given.</param>
/// <param name="Elapsed">Wall-clock time.</param>
public sealed record PrepareReport(
    int Prepared, int Reused, ImmutableArray<(ImageRecord Record, string Problem)> Failed, ImmutableArray<(ImageRecord Record, string Note)> Notes, TimeSpan Elapsed)
{
    /// <summary>Images whose pixels in the cache were damaged and were prepared again.</summary>
    public int Rebuilt { get; init; }

    /// <summary>The records given, in their order, each with its hash; without one only where the bytes could not be read.</summary>
    public ImmutableArray<ImageRecord> Records { get; init; } = [];

    /// <summary>Refuses to go on without an image. The audit left out what cannot be read, so this is a file that changed or broke since.</summary>
    /// <exception cref="GradusException">An image failed.</exception>
    public void RequireAll()
    {
        if (Failed.Length > 0)
            throw new GradusException($"{Failed.Length} images could be audited but not prepared", Failed[0].Record.Location.ToString(), Failed[0].Problem, "Run gradus audit and try again");
    }
}
