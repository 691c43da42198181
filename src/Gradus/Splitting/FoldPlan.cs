using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>An image and the fold in which it validates.</summary>
/// <param name="Record">The image, with grade and content hash.</param>
/// <param name="Fold">0 to folds-1.</param>
/// <param name="Group">The group that stays together, named after its first member's key.</param>
public sealed record FoldAssignment(ImageRecord Record, int Fold, string Group);

/// <summary>
/// A division of images into folds. Whoever made it, an instance satisfies: every image is in exactly one fold, no fold is
/// empty, and images joined by equal content, by nearly the same picture or by a group name are in one
/// fold.
/// </summary>
public sealed class FoldPlan
{
    private readonly Lazy<string> _fingerprint;

    /// <summary>Accepts a division only if it leaks nothing. Groups are worked out here anew, never taken from the caller.</summary>
    /// <param name="records">The images, graded and hashed, in any order.</param>
    /// <param name="foldOf">The fold of each image, 0 to <paramref name="folds"/>-1.</param>
    /// <param name="folds">Number of folds, at least 2.</param>
    /// <param name="alike">Contents that show the same picture, as the audit found them.</param>
    /// <exception cref="GradusException">A group crosses folds, a fold is empty, or an image is there twice, has no fold, no grade or no hash.</exception>
    public FoldPlan(IEnumerable<ImageRecord> records, IReadOnlyDictionary<ImageKey, int> foldOf, int folds, IReadOnlyCollection<SamePicture> alike)
    {
        if (folds < 2)
            throw new GradusException("a plan has at least two folds", found: $"{folds}", fault: Fault.Request);
        ImmutableArray<ImageRecord> sorted = SplitRecords.Checked([.. records.OrderBy(ImageKey.Of)], "the split");
        RefuseAny(sorted.Where(r => r.Hash is null), "every image of a plan has a content hash", "without one", "Audit before splitting");
        RefuseAny(sorted.Where(r => !foldOf.ContainsKey(ImageKey.Of(r))), "every image has a fold", "without one", "Split anew");
        RefuseAny(sorted.Where(r => foldOf[ImageKey.Of(r)] is var f && (f < 0 || f >= folds)), $"folds are numbered 0 to {folds - 1}", "outside", "Split anew");

        var groupOf = new string[sorted.Length];
        int groups = 0;
        foreach (ImmutableArray<int> group in ImageGroups.Of(sorted, alike))
        {
            string name = ImageKey.Of(sorted[group[0]]).ToString();
            RefuseCrossing(name, [.. group.Select(i => sorted[i])], foldOf);
            foreach (int i in group)
                groupOf[i] = name;
            groups++;
        }
        (Folds, GroupCount) = (folds, groups);
        Assignments = [.. sorted.Select((r, i) => new FoldAssignment(r, foldOf[ImageKey.Of(r)], groupOf[i]))];
        int[] empty = [.. Enumerable.Range(0, folds).Except(Assignments.Select(a => a.Fold))];
        if (empty.Length > 0)
            throw new GradusException("no fold is empty", found: $"no image in fold {string.Join(", ", empty)} of {folds}", remedy: "Use fewer folds or split anew");
        _fingerprint = new Lazy<string>(() => GradusJson.Fingerprint(Assignments.Select(a => new { a.Record.Source, Id = a.Record.Id.Value, a.Record.Hash, a.Record.Grade, a.Fold })));
    }

    /// <summary>Number of folds.</summary>
    public int Folds { get; }

    /// <summary>Number of groups; as many as images where nothing belongs together.</summary>
    public int GroupCount { get; }

    /// <summary>Every image with its fold, ordered by source and id.</summary>
    public ImmutableArray<FoldAssignment> Assignments { get; }

    /// <summary>SHA-256 over sources, ids, hashes, grades and folds: equal plans over equal images have equal fingerprints.</summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>The images of one fold for validation and all others for training, both ordered by source and id.</summary>
    /// <exception cref="GradusException">There is no such fold.</exception>
    public (TrainingSet Training, ValidationSet Validation) Split(int fold)
    {
        if (fold < 0 || fold >= Folds)
            throw new GradusException($"folds are numbered 0 to {Folds - 1}", found: $"{fold}", remedy: "Correct 'fold' of the split", fault: Fault.Request);
        return (
            new TrainingSet([.. Assignments.Where(a => a.Fold != fold).Select(a => a.Record)]),
            new ValidationSet([.. Assignments.Where(a => a.Fold == fold).Select(a => a.Record)]));
    }

    /// <summary>The same division, if it also keeps these together.</summary>
    internal FoldPlan With(IReadOnlyCollection<SamePicture> alike) =>
        new(Assignments.Select(a => a.Record), Assignments.ToDictionary(a => ImageKey.Of(a.Record), a => a.Fold), Folds, alike);

    /// <summary>Images of each grade in each fold: a row a fold, (folds, K).</summary>
    /// <param name="grades">K, at least the highest grade plus one.</param>
    public ImmutableArray<ImmutableArray<int>> Balance(int grades)
    {
        var counts = new int[Folds, grades];
        foreach (FoldAssignment a in Assignments)
            counts[a.Fold, a.Record.Grade!.Value]++;
        return [.. Enumerable.Range(0, Folds).Select(f => Enumerable.Range(0, grades).Select(g => counts[f, g]).ToImmutableArray())];
    }

    private static void RefuseCrossing(string name, ImmutableArray<ImageRecord> group, IReadOnlyDictionary<ImageKey, int> foldOf)
    {
        IGrouping<int, ImageRecord>[] sides = [.. group.GroupBy(r => foldOf[ImageKey.Of(r)]).OrderBy(g => g.Key)];
        if (sides.Length == 1)
            return;
        string found = string.Join("; ", sides.Take(5).Select(s => $"fold {s.Key}: {AuditFinding.Few([.. s.Select(r => r.Id)])}"));
        throw new GradusException($"the group of '{name}' crosses folds: the same picture or one patient would be on both sides", found: found, remedy: "Split anew");
    }

    private static void RefuseAny(IEnumerable<ImageRecord> wrong, string rule, string found, string remedy)
    {
        ImageId[] ids = [.. wrong.Select(r => r.Id)];
        if (ids.Length > 0)
            throw new GradusException(rule, found: $"{ids.Length} {found}: {AuditFinding.Few(ids)}", remedy: remedy);
    }
}
