namespace Gradus.Duplicates;

/// <summary>What counts as a near duplicate.</summary>
public sealed record NearDuplicateOptions
{
    private readonly int _radius = 10;
    private readonly double _similarity = 0.9;

    /// <summary>
    /// Bits (0 to 32) in which the hashes of two images may differ for them to be compared. Ten lets more than 99 of 100 copies pass
    /// (compressed to quality 60, halved, cropped, brightened) and three of 10 000 pairs of different eyes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside 0 to 32.</exception>
    public int Radius
    {
        get => _radius;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 32);
            _radius = value;
        }
    }

    /// <summary>The normalised cross-correlation (above 0, at most 1) from which two images are near duplicates.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public double Similarity
    {
        get => _similarity;
        init => _similarity = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "above 0, at most 1");
    }

    /// <summary>Whether turned and mirrored copies are looked for as well; it takes about six times as long as without.</summary>
    public bool AllOrientations { get; init; } = true;
}
