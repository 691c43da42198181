using System.Text.Json.Serialization;

namespace Gradus.Imaging;

/// <summary>The order in which a recipe may work: decode, then geometry, then colour, then (in the network's input) normalisation.</summary>
public enum RecipeStage
{
    /// <summary>Changes which pixels there are.</summary>
    Geometry,

    /// <summary>Changes their values.</summary>
    Colour,
}

/// <summary>How an image that is not square becomes one.</summary>
public enum ResizeFit
{
    /// <summary>Stretched to the square.</summary>
    Stretch,

    /// <summary>Scaled with its aspect kept and centred on black.</summary>
    Pad,
}

/// <summary>One step of a recipe. A change to what a step does raises its version, and with it every cache key.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(CropRetina), "crop_retina")]
[JsonDerivedType(typeof(Resize), "resize")]
[JsonDerivedType(typeof(Gray), "gray")]
[JsonDerivedType(typeof(BenGraham), "ben_graham")]
[JsonDerivedType(typeof(Median), "median")]
[JsonDerivedType(typeof(Clahe), "clahe")]
[JsonDerivedType(typeof(CircleMask), "circle_mask")]
public abstract record RecipeStep
{
    /// <summary>The version of what this step does to pixels.</summary>
    public virtual int Version => 1;

    /// <summary>Where in the order it may stand.</summary>
    [JsonIgnore]
    public RecipeStage Stage => this is CropRetina or Resize ? RecipeStage.Geometry : RecipeStage.Colour;
}

/// <summary>Crops to the bounding box of the bright disc of a fundus photograph.</summary>
/// <param name="Tolerance">A pixel belongs to the disc where a channel is above this level, 0 to 254.</param>
public sealed record CropRetina(int Tolerance = 10) : RecipeStep;

/// <summary>Resizes to a square of <paramref name="Size"/> pixels, the network's input.</summary>
public sealed record Resize(int Size, ResizeFit Fit = ResizeFit.Stretch) : RecipeStep;

/// <summary>Luma after ITU-R BT.601, kept as three equal channels.</summary>
public sealed record Gray : RecipeStep;

/// <summary>Subtracts the local average colour: <c>4 x - 4 blur(x) + 128</c> (Graham, Kaggle diabetic retinopathy 2015, competition report).</summary>
/// <param name="Colour">False makes the image grey first.</param>
/// <param name="Sigma">Standard deviation of the Gaussian in pixels; null takes <c>10 * size / 224</c>, so that it looks the same at every size.</param>
/// <param name="Mask">Fills everything outside the inscribed circle, shrunk to 0.95 of its radius, with mid grey.</param>
public sealed record BenGraham(bool Colour = true, double? Sigma = null, bool Mask = false) : RecipeStep;

/// <summary>Median filter over a square window of <paramref name="Size"/> pixels (odd).</summary>
public sealed record Median(int Size = 3) : RecipeStep;

/// <summary>Contrast-limited adaptive histogram equalisation of the green channel (Zuiderveld 1994), where vessels and lesions show best.</summary>
/// <param name="Tiles">Windows a side.</param>
/// <param name="Slope">The limit on the slope of the cumulative histogram, at least 1.</param>
public sealed record Clahe(int Tiles = 8, int Slope = 3) : RecipeStep;

/// <summary>Blackens everything outside the inscribed circle.</summary>
public sealed record CircleMask : RecipeStep;
