using Gradus.Audit;
using Gradus.Datasets;

namespace Gradus.Synthetic;

/// <summary>A kind of fault that was planted, and what the audit says of it.</summary>
/// <param name="Fault">The kind, for a person.</param>
/// <param name="Planted">How many were planted.</param>
/// <param name="Found">How many of those were found.</param>
/// <param name="Besides">How many of the kind were found that were not planted.</param>
public sealed record PlantedFault(string Fault, int Planted, int Found, int Besides)
{
    /// <summary>Compares what was planted in a world with an audit of it.</summary>
    public static IReadOnlyList<PlantedFault> Compare(PlantedWorld planted, AuditReport audit)
    {
        string[] outside = [.. audit.Findings.Where(f => f.Kind == FindingKind.GradeOutsideScale).SelectMany(f => f.Ids).Select(i => i.Value)];
        return
        [
            Of("identical images of one grade", planted.ExactDuplicates.Select(d => Key(d.Ids)), audit.ExactDuplicates.Select(g => Key(g.Select(i => i.Id))).Except(audit.Conflicts.Select(c => Key(c.Images.Select(i => i.Id))))),
            Of("identical images of different grades", planted.Conflicts.Select(c => Key(c.Ids)), audit.Conflicts.Select(c => Key(c.Images.Select(i => i.Id)))),
            Of("test images among the training images", planted.TestLeaks.Select(l => Key([l.Train, l.Test])), audit.TestLeaks.Select(l => Key([l.Train.Id, l.Test.Id]))),
            Of("damaged files", planted.Corrupt.Select(c => c.Value), audit.Unreadable.Select(u => u.Image.Id.Value)),
            Of("labels outside the scale", planted.OutOfScale.Select(o => o.Id.Value), outside),
            Of("re-encoded and resized copies", planted.NearDuplicates.Select(n => Key([n.Original, n.Copy])), audit.NearDuplicates.Select(n => Key([n.A.Id, n.B.Id]))),
        ];
    }

    private static PlantedFault Of(string fault, IEnumerable<string> planted, IEnumerable<string> found)
    {
        HashSet<string> there = [.. planted], seen = [.. found];
        return new PlantedFault(fault, there.Count, there.Count(seen.Contains), seen.Count(s => !there.Contains(s)));
    }

    private static string Key(IEnumerable<ImageId> ids) => string.Join(" = ", ids.Select(i => i.Value).Order(StringComparer.Ordinal));
}
