using System.Collections.Immutable;
using Gradus.Datasets;
using Gradus.Experiments;

namespace Gradus.Audit;

/// <summary>Gives a person's decisions to the images that they are about, and refuses those that are about none.</summary>
internal static class Decisions
{
    /// <summary>The images with the decisions of the experiment's file, where it names one.</summary>
    /// <exception cref="GradusException">A decision is about an image that is not there, has changed since, or is a test image.</exception>
    public static ImmutableArray<AuditedImage> Apply(ImmutableArray<AuditedImage> images, Experiment experiment)
    {
        if (experiment.Conflicts != ConflictPolicy.File)
            return images;
        string path = experiment.Decisions ?? throw new GradusException("conflicts: file needs the file", remedy: "Write conflicts: { file: decisions.csv }", fault: Fault.Request);
        if (Directory.Exists(path))
            throw new GradusException("is a folder, not a file of decisions", path, remedy: "Name the CSV in it", fault: Fault.Request);
        if (!File.Exists(path))
            throw new GradusException("the file of decisions does not exist", path, remedy: $"Write it with gradus audit EXPERIMENT --decide {Path.GetFileName(path)}", fault: Fault.Request);
        ImmutableArray<ImageDecision> decisions = DecisionFile.Read(path, experiment.Scale);
        Dictionary<ImageKey, AuditedImage> known = images.ToDictionary(i => i.Key);
        foreach (ImageDecision decision in decisions)
            Check(decision, known);
        Dictionary<ImageKey, ImageDecision> of = decisions.ToDictionary(d => d.Image);
        return [.. images.Select(i => of.TryGetValue(i.Key, out ImageDecision? decision) ? i with { Decision = decision } : i)];
    }

    private static void Check(ImageDecision decision, Dictionary<ImageKey, AuditedImage> known)
    {
        if (!known.TryGetValue(decision.Image, out AuditedImage? image))
        {
            string remedy = known.Keys.Any(k => k.Source == decision.Image.Source)
                ? NearestWord.Remedy(decision.Image.Id.Value, [.. known.Keys.Where(k => k.Source == decision.Image.Source).Select(k => k.Id.Value)], "Delete the row if the image is gone")
                : NearestWord.Remedy(decision.Image.Source, [.. known.Keys.Select(k => k.Source).Distinct()], "Delete the row if the source is gone");
            throw new GradusException($"there is no usable image '{decision.Image}' to decide about", decision.Where, remedy: remedy, fault: Fault.Request);
        }
        if (image.Record.Hash != decision.Hash)
        {
            throw new GradusException(
                $"'{decision.Image}' is another image than the one that was decided about", decision.Where, $"content {image.Record.Hash?.Hex[..12]}, {decision.Hash.Hex[..12]} in the decision", "Empty the decision, write the file anew with gradus audit --decide, and look again", Fault.Request);
        }
        if (image.IsTest)
            throw new GradusException($"'{decision.Image}' is a test image; what is decided is what trains and validates", decision.Where, remedy: "Delete the row", fault: Fault.Request);
    }
}
