using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Splitting;

/// <summary>What every set of images that takes part in a split must be.</summary>
internal static class SplitRecords
{
    /// <summary>The records, if there are any, each is there once, and each has a grade.</summary>
    /// <exception cref="GradusException">They are not so.</exception>
    public static ImmutableArray<ImageRecord> Checked(ImmutableArray<ImageRecord> records, string use)
    {
        if (records.IsDefaultOrEmpty)
            throw new GradusException($"there are no images for {use}", remedy: "See the audit for what was left out and why", fault: Fault.Request);
        var seen = new HashSet<ImageKey>(records.Length);
        string[] again = [.. records.Where(r => !seen.Add(ImageKey.Of(r))).Select(r => r.Id.Value).Distinct(StringComparer.Ordinal)];
        if (again.Length > 0)
            throw new GradusException($"an image is there once for {use}", found: $"{AuditFinding.Few(again)} more than once", remedy: "Sample after the split, not before it");
        ImageRecord[] ungraded = [.. records.Where(r => r.Grade is null)];
        if (ungraded.Length > 0)
        {
            throw new GradusException(
                $"every image for {use} has a grade", ungraded[0].Source, $"{ungraded.Length} without one: {AuditFinding.Few([.. ungraded.Select(r => r.Id)])}", "Name the grade column of the source", Fault.Request);
        }
        return records;
    }
}
