namespace Gradus.Shift;

/// <summary>What is said about two sets.</summary>
public enum ShiftVerdictKind
{
    /// <summary>The grades' shares differ.</summary>
    LabelShift,

    /// <summary>No difference of the grades' shares can be seen.</summary>
    NoLabelShift,

    /// <summary>Nothing can be said about the grades' shares.</summary>
    LabelShiftUnknown,

    /// <summary>The images look different.</summary>
    ImageDrift,

    /// <summary>No difference of the images' looks can be seen.</summary>
    NoImageDrift,

    /// <summary>The pictures' sizes differ, which the recipe evens out.</summary>
    SizeDrift,

    /// <summary>An estimate is not to be relied on.</summary>
    Untrusted,

    /// <summary>What the estimate does to the thresholds.</summary>
    Thresholds,

    /// <summary>How external images differ from the main ones.</summary>
    External,
}

/// <summary>A finding in words.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Message">Full sentences.</param>
public sealed record ShiftVerdict(ShiftVerdictKind Kind, string Message)
{
    /// <summary>True for what a person should act on.</summary>
    public bool IsWarning => Kind is ShiftVerdictKind.LabelShift or ShiftVerdictKind.ImageDrift or ShiftVerdictKind.Untrusted;
}
