using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Audit;

/// <summary>An image whose grade another image contradicts.</summary>
/// <param name="Record">The image, with the grade that its source gives it.</param>
/// <param name="Group">What is to be decided together: <c>c1</c> for a conflict, <c>n1</c> for near duplicates.</param>
/// <param name="Why">In words.</param>
/// <param name="Grades">The grades of the group's images, in their order.</param>
public sealed record DisputedImage(ImageRecord Record, string Group, string Why, ImmutableArray<int> Grades);

/// <summary>What a person has to decide: identical images, and then near duplicates, with different grades.</summary>
public static class DisputedImages
{
    /// <summary>
    /// Each image once, group by group. An id that stands twice in a CSV with two grades is none of them: there the CSV has to be corrected.
    /// </summary>
    public static IReadOnlyList<DisputedImage> Of(AuditReport report)
    {
        Dictionary<ImageKey, ImageRecord> known = report.Readable.ToDictionary(ImageKey.Of);
        var disputed = new List<DisputedImage>();
        var seen = new HashSet<ImageKey>();
        int number = 0;
        foreach (GradeConflict conflict in report.Conflicts.Where(c => c.Images.All(known.ContainsKey)))
            Add($"c{++number}", "identical with another grade", [.. conflict.Images.Select(k => known[k])]);

        HashSet<string> test = [.. report.Test.Select(r => r.Source)];
        ILookup<ContentHash, ImageRecord> byContent = report.Readable.Where(r => !test.Contains(r.Source) && r.Grade is not null).ToLookup(r => r.Hash!.Value);
        number = 0;
        foreach (ImmutableArray<ContentHash> alike in Alike(report.NearDuplicates.Where(p => p.GradesDiffer && !test.Contains(p.A.Source) && !test.Contains(p.B.Source))))
            Add($"n{++number}", "nearly the same with another grade", [.. alike.SelectMany(h => byContent[h])]);
        return disputed;

        void Add(string group, string why, ImmutableArray<ImageRecord> images)
        {
            ImmutableArray<int> grades = [.. images.Select(i => i.Grade).OfType<int>()];
            disputed.AddRange(images.Where(i => seen.Add(ImageKey.Of(i))).Select(i => new DisputedImage(i, group, why, grades)));
        }
    }

    // Pairs that share a content are decided together.
    private static IEnumerable<ImmutableArray<ContentHash>> Alike(IEnumerable<NearDuplicate> pairs)
    {
        var groups = new List<List<ContentHash>>();
        var groupOf = new Dictionary<ContentHash, List<ContentHash>>();
        foreach (NearDuplicate pair in pairs)
        {
            List<ContentHash> a = GroupOf(pair.A.Hash!.Value), b = GroupOf(pair.B.Hash!.Value);
            if (a == b)
                continue;
            a.AddRange(b);
            foreach (ContentHash hash in b)
                groupOf[hash] = a;
            groups.Remove(b);
        }
        return groups.Select(g => g.ToImmutableArray());

        List<ContentHash> GroupOf(ContentHash hash)
        {
            if (!groupOf.TryGetValue(hash, out List<ContentHash>? group))
                groups.Add(groupOf[hash] = group = [hash]);
            return group;
        }
    }
}
