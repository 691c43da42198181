namespace Gradus.Synthetic;

/// <summary>What a pixel of a lesion mask shows; the values are the bytes of the mask.</summary>
public enum LesionKind
{
    /// <summary>No lesion: healthy retina, or outside the field.</summary>
    None = 0,

    /// <summary>A tiny red dot, the first sign of the disease.</summary>
    Microaneurysm = 1,

    /// <summary>A dark red blot or flame, larger than a microaneurysm.</summary>
    Haemorrhage = 2,

    /// <summary>A bright yellow speck, one of a cluster.</summary>
    HardExudate = 3,

    /// <summary>A soft white patch.</summary>
    CottonWoolSpot = 4,

    /// <summary>A tangle of fine new vessels, the mark of the proliferative stage.</summary>
    Neovascularisation = 5,
}
