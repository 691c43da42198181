namespace Gradus.Datasets;

/// <summary>One image of a data set. Identity is the id and the content hash, never a position.</summary>
/// <param name="Id">Its name in the label file.</param>
/// <param name="Grade">0 to K-1; null where the set has no grades.</param>
/// <param name="Group">What must stay on one side of a split (patient, slide); null where the set names none.</param>
/// <param name="Source">The name of its source in the experiment.</param>
/// <param name="Location">Where its bytes are.</param>
public sealed record ImageRecord(ImageId Id, int? Grade, string? Group, string Source, ImageLocation Location)
{
    /// <summary>SHA-256 of the source bytes; null until hashed or where the image could not be read.</summary>
    public ContentHash? Hash { get; init; }
}
