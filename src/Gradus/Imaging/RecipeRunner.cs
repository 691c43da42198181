namespace Gradus.Imaging;

/// <summary>Applies the steps of a recipe to pixels.</summary>
public static class RecipeRunner
{
    /// <summary>Applies one step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="image">(H, W, 3); it is not changed.</param>
    /// <param name="notes">Takes what a person may want to look at.</param>
    public static RgbImage Apply(RecipeStep step, RgbImage image, ICollection<string> notes) => throw new NotImplementedException();
}
