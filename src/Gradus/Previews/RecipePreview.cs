using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Imaging;

namespace Gradus.Previews;

/// <summary>An image and what each step of the recipe made of it.</summary>
/// <param name="Record">The image.</param>
/// <param name="Steps">decode, then the recipe's steps; the last result is what the network is given.</param>
public sealed record PreviewedImage(ImageRecord Record, ImmutableArray<TracedStep> Steps);

/// <summary>A step of a recipe over all images of a preview.</summary>
/// <param name="Name">decode, or the step's name in experiment files.</param>
/// <param name="ChangedPixels">The mean share of pixels, 0 to 1, that it changed or cut away; null for decode and resize.</param>
/// <param name="PerImage">Mean wall-clock time.</param>
/// <param name="ShareOfTime">Of the whole recipe's time, 0 to 1.</param>
/// <param name="Size">What comes out, "224 x 224"; "various" where images differ.</param>
public sealed record RecipeStepSummary(string Name, double? ChangedPixels, TimeSpan PerImage, double ShareOfTime, string Size)
{
    /// <summary>True for a step that left every pixel of every image as it was.</summary>
    public bool DidNothing => ChangedPixels == 0;
}

/// <summary>A recipe at work on a few images: what each step does, and what it costs.</summary>
/// <param name="Images">In the order given.</param>
/// <param name="Steps">In the order in which they work.</param>
public sealed record RecipePreview(ImmutableArray<PreviewedImage> Images, ImmutableArray<RecipeStepSummary> Steps)
{
    /// <summary>Prepares the images one after the other, on one thread, and watches. The first one is prepared once before, unwatched.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="records">At least one image.</param>
    /// <param name="side">Pixels that the longer side of a shown image has at most.</param>
    /// <param name="progress">Told of every image.</param>
    /// <param name="stop">Stops between images.</param>
    /// <exception cref="GradusException">An image cannot be read.</exception>
    public static RecipePreview Run(Recipe recipe, IReadOnlyList<ImageRecord> records, int side, IProgress<WorkProgress>? progress, CancellationToken stop)
    {
        // Loading libraries and compiling code is no image's cost.
        ImageDecoder.Trace(recipe, records[0].Location, side);
        var images = ImmutableArray.CreateBuilder<PreviewedImage>(records.Count);
        foreach (ImageRecord record in records)
        {
            stop.ThrowIfCancellationRequested();
            images.Add(new PreviewedImage(record, ImageDecoder.Trace(recipe, record.Location, side)));
            progress?.Report(new WorkProgress("preview", images.Count, records.Count, "images"));
        }
        TimeSpan all = images.Aggregate(TimeSpan.Zero, (sum, i) => i.Steps.Aggregate(sum, (s, step) => s + step.Elapsed));
        return new RecipePreview(images.MoveToImmutable(), []).Summarised(all);
    }

    private RecipePreview Summarised(TimeSpan all) => this with
    {
        Steps =
        [
            .. Enumerable.Range(0, Images[0].Steps.Length).Select(s => Images.Select(i => i.Steps[s]).ToArray()).Select(steps =>
            {
                TimeSpan spent = steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Elapsed);
                string[] sizes = [.. steps.Select(step => $"{step.Width} x {step.Height}").Distinct()];
                return new RecipeStepSummary(steps[0].Name, steps[0].Changed is null ? null : steps.Average(step => step.Changed!.Value), spent / steps.Length, all > TimeSpan.Zero ? spent / all : 0, sizes is [var one] ? one : "various");
            }),
        ],
    };
}
