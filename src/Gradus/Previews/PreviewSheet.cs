using System.Globalization;
using Gradus.Grading;
using Gradus.Imaging;
using Gradus.Reports;

namespace Gradus.Previews;

/// <summary>Previews as pictures.</summary>
public static class PreviewSheet
{
    /// <summary>Pixels a side of an image on a sheet.</summary>
    public const int Side = 150;

    // Two cards fill a sheet of 1400 pixels.
    private const int CardWidth = 640;
    private const int Smallest = 72;

    /// <summary>A row an image: as decoded, then after each step.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void WriteRecipe(string path, RecipePreview preview, Recipe recipe, GradeScale scale) => ContactSheet.Write(
        path,
        "What the recipe makes of training images",
        [.. preview.Images.Select(image => new SheetRow([.. image.Steps.Select(step => new SheetCell(step.Image, [step.Name, Detail(step)]))], Title(image.Record.Grade!.Value, image.Record.Id.Value, scale)))],
        recipe.ToString(),
        Side);

    /// <summary>A card an image, two beside each other: as prepared, each augmentation step alone, then all together as epochs would show them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">For each image its grade, its id, and the pictures with their captions.</param>
    /// <param name="note">What is shown, in a line.</param>
    /// <param name="scale">K grades.</param>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void WriteAugmentation(string path, IReadOnlyList<(int Grade, string Id, IReadOnlyList<SheetCell> Cells)> rows, string note, GradeScale scale)
    {
        int cells = rows.Max(r => r.Cells.Count);
        ContactSheet.Write(path, "What the augmentation makes of prepared images", [.. rows.Select(r => new SheetRow([.. r.Cells], Title(r.Grade, r.Id, scale)))], note, Math.Clamp(CardWidth / cells, Smallest, Side));
    }

    /// <summary>A share as per cent, with a decimal where it is small: "0.4 %", "38 %".</summary>
    public static string Percent(double share) => share is > 0 and < 0.0995
        ? (share < 0.0005 ? "<0.1 %" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %"))
        : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");

    private static string Title(int grade, string id, GradeScale scale) => $"{grade} {scale.Names[grade]}  ·  {id}";

    private static string Detail(TracedStep step) => step.Changed is not { } changed ? $"{step.Width} x {step.Height}"
        : step.Name == "crop_retina" ? $"cuts away {Percent(changed)}" : $"changes {Percent(changed)}";
}
