using Gradus.Duplicates;

namespace Gradus.Dashboard.Components;

/// <summary>How one picture lies against another, for a person.</summary>
internal static class OrientationWords
{
    /// <summary>What makes the first look like the second.</summary>
    public static string Words(this Orientation orientation) => orientation switch
    {
        Orientation.Upright => "the same way up",
        Orientation.Mirrored => "mirrored",
        Orientation.Flipped => "upside down and mirrored",
        Orientation.HalfTurn => "upside down",
        Orientation.Transposed => "mirrored at the falling diagonal",
        Orientation.QuarterTurn => "turned by 90° clockwise",
        Orientation.QuarterTurnBack => "turned by 90° against the clock",
        _ => "mirrored at the rising diagonal",
    };
}
