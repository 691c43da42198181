using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Duplicates;
using Gradus.Experiments;

namespace Gradus.Reports;

/// <summary>The key figures of an audit, and what they mean.</summary>
internal static class AuditFigures
{
    /// <summary>Writes the line below the title, the cards, and how near duplicates are told.</summary>
    public static void Write(HtmlText page, AuditReport report, AuditGroups groups)
    {
        int near = report.NearDuplicateGroups.Length, exactLeaks = report.TestLeaks.Select(l => l.Test).Distinct().Count(), nearLeaks = groups.NearTestLeaks();
        LeftOut left = LeftOut.Of(report);
        page.Raw("<div class=\"figures\">");
        Card(report.Images, "images", "that the sources and the test set name");
        Card(report.Unreadable.Length, "cannot be used", "missing, damaged, too small or too large");
        Card(report.ExactDuplicates.Length, "groups of identical images", $"{report.Conflicts.Length} conflict{(report.Conflicts.Length == 1 ? "" : "s")} of grades");
        Card(near, "groups of near duplicates", $"{groups.Contradicting()} with different grades");
        Card(exactLeaks + nearLeaks, "test images among the labels", $"{exactLeaks} identical, {nearLeaks} nearly");
        Card(left.All, "images left out in all", left.Words(report.Policy));
        page.Raw("</div>\n");
        var options = new NearDuplicateOptions();
        if (near > 0)
        {
            page.Element("p", FormattableString.Invariant($"Near duplicates show the same picture with different bytes: hashes of 64 bits that describe the pictures differ in at most {options.Radius} of them, and the pictures' similarity (correlation, 1 for the same picture) is {options.Similarity:0.0} or more, as they are, mirrored or turned. ") +
                "In each group the bits and the similarity are those to its representative, the image with the most near duplicates.");
        }

        void Card(int count, string what, string more) => page.Raw("<div>").Element("b", $"{count}").Element("span", what).Element("small", more).Raw("</div>");
    }

    /// <summary>Images that none of the usable sets holds, and why.</summary>
    private sealed record LeftOut(int All, int Unusable, int Quarantined, int Guessed)
    {
        public static LeftOut Of(AuditReport report)
        {
            // An id that its CSV gives two grades is not among the images, since the reader has left it out.
            HashSet<ImageKey> known = [.. report.Readable.Select(ImageKey.Of)];
            int twice = report.Conflicts.Where(c => !c.Images.All(known.Contains)).SelectMany(c => c.Images).Distinct().Count();
            int usable = report.Main.Length + report.External.Length + report.Pseudo.Length + report.Validation.Length + report.Test.Length;
            return new LeftOut(
                report.Images + twice - usable, report.Unreadable.Length, report.Quarantined.Distinct().Count(),
                report.Findings.Where(f => f.Kind == FindingKind.PseudoGradedAgain).Sum(f => f.Ids.Length));
        }

        public string Words(ConflictPolicy policy)
        {
            int other = All - Unusable - Quarantined - Guessed;
            string name = $"conflicts: {policy.ToString().ToLowerInvariant()}";
            string[] reasons =
            [
                .. Unusable > 0 ? (string[])[$"{Unusable} cannot be used"] : [],
                .. Quarantined > 0 ? (string[])[$"{Quarantined} quarantined"] : [],
                .. other > 0 ? (string[])[policy == ConflictPolicy.File ? $"{other} by your decisions" : $"{other} dropped"] : [],
                .. Guessed > 0 ? (string[])[$"{Guessed} graded by a person too"] : [],
            ];
            return reasons.Length == 0 ? name : $"{string.Join(", ", reasons)} ({name})";
        }
    }
}
