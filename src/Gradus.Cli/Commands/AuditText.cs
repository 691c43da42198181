using System.Collections.Immutable;
using Gradus.Audit;
using Gradus.Cli.Terminal;

namespace Gradus.Cli.Commands;

/// <summary>What other verbs say about an audit's findings.</summary>
internal static class AuditText
{
    private const int Shown = 6;

    /// <summary>Which images are left out and why, in a few lines; nothing where there are no findings.</summary>
    public static void LeftOut(Output output, AuditReport audit)
    {
        if (audit.Quarantined.Length > 0)
            output.Line($"{Images(audit.Quarantined.Length)} left out because an identical one has another grade: {Some(audit.Quarantined.Select(q => q.Id.Value))}.");
        if (audit.Unreadable.Length > 0)
            output.Line($"{Images(audit.Unreadable.Length)} left out because {(audit.Unreadable.Length == 1 ? "it" : "they")} cannot be read: {Some(audit.Unreadable.Select(u => u.Image.Id.Value))}.");
        if (audit.TestLeaks.Length > 0)
            output.Line($"Test images that are labelled images too: {Some(audit.TestLeaks.Select(l => l.Test.Id.Value).Distinct())}.");
        string[] leaks = Near(audit, leaks: true), others = Near(audit, leaks: false);
        if (leaks.Length > 0)
            output.Line($"Test images that are nearly labelled images: {Some(leaks)}.");
        if (others.Length > 0)
            output.Line($"Near duplicates, never on two sides of a split: {Some(others)}.");
        if (audit.Findings.Length > 0)
            output.Line($"{audit.Findings.Length} finding{(audit.Findings.Length == 1 ? "" : "s")} in all; gradus audit lists them.");
    }

    /// <summary>Findings of other verbs, a few of each kind.</summary>
    public static void Write(Output output, ImmutableArray<AuditFinding> findings)
    {
        foreach (IGrouping<FindingKind, AuditFinding> kind in findings.GroupBy(f => f.Kind))
        {
            foreach (AuditFinding finding in kind.Take(Shown))
                output.Line(finding.Message);
            if (kind.Count() > Shown)
                output.Line($"… and {kind.Count() - Shown} more of the kind '{kind.Key.Words().ToLowerInvariant()}'.");
        }
    }

    private static string[] Near(AuditReport audit, bool leaks) =>
    [
        .. audit.Findings.Where(f => f.Ids.Length > 1).Where(f => leaks ? f.Kind == FindingKind.NearDuplicateTestLeak : f.Kind is FindingKind.NearDuplicate or FindingKind.NearDuplicateOtherGrade)
            .Select(f => $"{f.Ids[0]} and {f.Ids[1]}"),
    ];

    private static string Images(int count) => count == 1 ? "1 image is" : $"{count} images are";

    private static string Some(IEnumerable<string> ids)
    {
        string[] all = [.. ids];
        return string.Join(", ", all.Take(Shown)) + (all.Length > Shown ? $" and {all.Length - Shown} more" : "");
    }
}
