using System.Collections.Immutable;
using System.Text.Json;
using Gradus.Datasets;

namespace Gradus.Synthetic;

/// <summary>Images of one set with the same bytes and the same grade under several ids.</summary>
/// <param name="Set"><c>train</c> or <c>test</c>.</param>
/// <param name="Ids">Two or more; the first is the one that was drawn.</param>
public sealed record PlantedDuplicates(string Set, ImmutableArray<ImageId> Ids);

/// <summary>Training images with the same bytes and different grades.</summary>
/// <param name="Ids">Two or more; the first is the one that was drawn.</param>
/// <param name="Grades">The grade that <c>train.csv</c> gives to each.</param>
public sealed record PlantedConflict(ImmutableArray<ImageId> Ids, ImmutableArray<int> Grades);

/// <summary>A test image with the bytes of a training image.</summary>
public sealed record PlantedLeak(ImageId Train, ImageId Test);

/// <summary>How a near duplicate came about.</summary>
public enum NearCopy
{
    /// <summary>Decoded and compressed again, more strongly.</summary>
    Reencoded,

    /// <summary>Shrunk to four fifths of its size.</summary>
    Resized,
}

/// <summary>A training image that shows the same picture as another with other bytes; both have the same grade.</summary>
public sealed record PlantedNearDuplicate(ImageId Original, ImageId Copy, NearCopy How);

/// <summary>A training row whose label is no grade.</summary>
public sealed record PlantedLabel(ImageId Id, int Label);

/// <summary>
/// Everything that was planted in a synthetic world. No image has two faults. The counts are of rows by labelled grade, (5):
/// copies count, the label outside the scale does not, and those of the test set come from <c>test_truth.csv</c>.
/// </summary>
public sealed record PlantedWorld
{
    /// <summary>The file beside the world's CSVs.</summary>
    public const string FileName = "planted.json";

    /// <summary>The size and seed of the world.</summary>
    public required WorldSpec Spec { get; init; }

    /// <summary>Rows of <c>train.csv</c> a grade.</summary>
    public required ImmutableArray<int> TrainCounts { get; init; }

    /// <summary>Rows of <c>test_truth.csv</c> a grade.</summary>
    public required ImmutableArray<int> TestCounts { get; init; }

    /// <summary>Rows of <c>external.csv</c> a grade.</summary>
    public required ImmutableArray<int> ExternalCounts { get; init; }

    /// <summary>Identical images within one set that agree in their grade; those that disagree are in <see cref="Conflicts"/>.</summary>
    public required ImmutableArray<PlantedDuplicates> ExactDuplicates { get; init; }

    /// <summary>Identical training images with different grades.</summary>
    public required ImmutableArray<PlantedConflict> Conflicts { get; init; }

    /// <summary>Test images that are training images.</summary>
    public required ImmutableArray<PlantedLeak> TestLeaks { get; init; }

    /// <summary>Training images that were compressed again or resized.</summary>
    public required ImmutableArray<PlantedNearDuplicate> NearDuplicates { get; init; }

    /// <summary>Training images whose file ends too early.</summary>
    public required ImmutableArray<ImageId> Corrupt { get; init; }

    /// <summary>Training rows whose label is outside 0 to 4.</summary>
    public required ImmutableArray<PlantedLabel> OutOfScale { get; init; }

    /// <summary>Reads what <see cref="SyntheticWorld.Write"/> left in a folder.</summary>
    /// <exception cref="GradusException">There is no synthetic world in the folder.</exception>
    public static PlantedWorld Read(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            return JsonSerializer.Deserialize<PlantedWorld>(File.ReadAllText(path), GradusJson.Indented) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new GradusException("no synthetic world here", path, e.Message.TrimEnd('.'), "Make one with gradus demo", Fault.Request, e);
        }
    }
}
