using System.Collections.Immutable;
using System.Globalization;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;

namespace Gradus.Splitting;

/// <summary>What a person should know about a division of images that breaks no rule.</summary>
internal static class FoldFindings
{
    // A fold this far from its share, and by two images at least, judges by other images than its sisters.
    private const double Tolerance = 0.25;

    /// <summary>Folds far from their share of the images: whole groups cannot be divided.</summary>
    public static IEnumerable<AuditFinding> Uneven(FoldPlan plan)
    {
        int total = plan.Assignments.Length;
        double share = (double)total / plan.Folds;
        ILookup<int, FoldAssignment> folds = plan.Assignments.ToLookup(a => a.Fold);
        int[] uneven = [
            .. Enumerable.Range(0, plan.Folds)
            .Where(f => Math.Abs(folds[f].Count() - share) is var off && off >= 2 && off > Tolerance * share)];
        if (uneven.Length == 0)
            yield break;
        string sizes = string.Join(", ", uneven.Select(f =>
            string.Create(CultureInfo.InvariantCulture, $"fold {f} {folds[f].Count()} " +
                $"({100.0 * folds[f].Count() / total:0.#} %)")));
        IGrouping<string, FoldAssignment> largest = plan.Assignments.GroupBy(a => a.Group).MaxBy(g => g.Count())!;
        yield return new AuditFinding(FindingKind.UnevenFolds, largest.First().Record.Source, [],
            string.Create(CultureInfo.InvariantCulture, $"Of {total} images in {plan.Folds} folds each should " +
                $"hold about {share:0.#} ({100.0 / plan.Folds:0.#} %), but {sizes}: ") +
            $"the largest group, that of '{largest.Key}', has {largest.Count()} images and cannot be divided. " +
            "Figures of such folds are hard to compare; check the group, or use fewer folds.");
    }

    /// <summary>
    /// Images whose ids differ only by eye, side or shot, and which a split puts on two sides because their source
    /// names no group.
    /// </summary>
    /// <param name="experiment">Its sources.</param>
    /// <param name="sides">Each image with its fold, or its side.</param>
    public static IEnumerable<AuditFinding> PairsApart(
        Experiment experiment, IEnumerable<(ImageRecord Record, int Side)> sides)
    {
        var bySource = sides.ToLookup(s => s.Record.Source, StringComparer.Ordinal);
        foreach (SourceSpec source in experiment.Sources.Where(
            s => s is FolderSource or CsvSource { Group: null } && s.GroupPattern is null))
        {
            Dictionary<ImageId, int> side = bySource[source.Name].ToDictionary(s => s.Record.Id, s => s.Side);
            if (PairedIds.Among(side.Keys) is not { } pairs)
                continue;
            ImmutableArray<ImageId>[] apart = [.. pairs.Groups.Where(g => g.Any(i => side[i] != side[g[0]]))];
            if (apart.Length == 0)
                continue;
            yield return new AuditFinding(FindingKind.PairsApart, source.Name, [.. apart.SelectMany(g => g)],
                $"{apart.Length} of {pairs.Groups.Length} groups of images of '{source.Name}' whose ids differ " +
                "only by eye, side or shot are on two sides of the split, " +
                $"such as {AuditFinding.Few(apart[0])}: one person's images would train and validate. " +
                $"Write group: {{ from: id, pattern: '{pairs.Pattern}' }} in the source, or name the column of " +
                "patients.");
        }
    }
}
