namespace Gradus.Duplicates;

/// <summary>
/// How the second image of a pair is turned against the first: the eight ways to lay a square on itself. The value's first bit mirrors
/// left and right, its second bit top and bottom, its third exchanges rows and columns before that.
/// </summary>
public enum Orientation
{
    /// <summary>Not turned.</summary>
    Upright = 0,

    /// <summary>Left and right exchanged.</summary>
    Mirrored = 1,

    /// <summary>Top and bottom exchanged.</summary>
    Flipped = 2,

    /// <summary>Turned by 180 degrees.</summary>
    HalfTurn = 3,

    /// <summary>Rows and columns exchanged: mirrored at the diagonal from the upper left.</summary>
    Transposed = 4,

    /// <summary>Turned by 90 degrees clockwise.</summary>
    QuarterTurn = 5,

    /// <summary>Turned by 90 degrees against the clock.</summary>
    QuarterTurnBack = 6,

    /// <summary>Mirrored at the diagonal from the upper right.</summary>
    Antitransposed = 7,
}

/// <summary>The group of the eight orientations.</summary>
public static class Orientations
{
    /// <summary>All eight, in the order of their values.</summary>
    internal static ReadOnlySpan<Orientation> All =>
    [
        Orientation.Upright, Orientation.Mirrored, Orientation.Flipped, Orientation.HalfTurn,
        Orientation.Transposed, Orientation.QuarterTurn, Orientation.QuarterTurnBack, Orientation.Antitransposed,
    ];

    /// <summary>The orientation that undoes this one; all but the quarter turns undo themselves.</summary>
    internal static Orientation Inverse(this Orientation orientation) => orientation switch
    {
        Orientation.QuarterTurn => Orientation.QuarterTurnBack,
        Orientation.QuarterTurnBack => Orientation.QuarterTurn,
        _ => orientation,
    };

    /// <summary>For people: "mirrored"; empty where nothing is turned.</summary>
    public static string Words(this Orientation orientation) => orientation switch
    {
        Orientation.Upright => "",
        Orientation.Mirrored => "mirrored",
        Orientation.Flipped => "upside down and mirrored",
        Orientation.HalfTurn => "upside down",
        Orientation.QuarterTurn or Orientation.QuarterTurnBack => "turned by a quarter",
        _ => "mirrored and turned by a quarter",
    };

    internal static bool MirrorsColumns(this Orientation orientation) => ((int)orientation & 1) != 0;

    internal static bool MirrorsRows(this Orientation orientation) => ((int)orientation & 2) != 0;

    internal static bool Transposes(this Orientation orientation) => ((int)orientation & 4) != 0;
}
