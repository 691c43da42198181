using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Reports;

/// <summary>An image and the lines that belong below it.</summary>
internal sealed record AuditFigure(ImageRecord Image, ImmutableArray<string> Lines);

/// <summary>Images of an audit that a person should see beside each other.</summary>
/// <param name="Title">Why.</param>
/// <param name="Figures">From the left.</param>
/// <param name="Rest">What is not drawn of it; null where all is.</param>
internal sealed record AuditGroup(string Title, ImmutableArray<AuditFigure> Figures, string? Rest);

/// <summary>All groups of one kind.</summary>
/// <param name="Title">Why they should be seen.</param>
/// <param name="Drawn">Those that there is room for.</param>
/// <param name="Count">Of all, drawn or not.</param>
internal sealed record AuditSection(string Title, ImmutableArray<AuditGroup> Drawn, int Count)
{
    /// <summary>Groups that a page or a sheet draws, of all kinds together: more is not looked at, and makes the file large.</summary>
    public const int MostGroups = 60;

    /// <summary>"Near duplicates: 12 groups".</summary>
    public string Heading => $"{Title}: {Count} group{(Count == 1 ? "" : "s")}";

    /// <summary>How many are not drawn; null where all are.</summary>
    public string? Rest => Count > Drawn.Length ? $"… and {Count - Drawn.Length} more group{(Count - Drawn.Length == 1 ? "" : "s")}; --lists has them all." : null;

    /// <summary>Sections in the order in which their titles come first. The kinds take turns, so that a frequent one leaves room for the others.</summary>
    public static ImmutableArray<AuditSection> Of(ImmutableArray<AuditGroup> groups)
    {
        AuditGroup[][] kinds = [.. groups.GroupBy(g => g.Title).Select(g => g.ToArray())];
        HashSet<AuditGroup> drawn = new(kinds.SelectMany(k => k.Select((group, i) => (group, i))).OrderBy(g => g.i).Take(MostGroups).Select(g => g.group), ReferenceEqualityComparer.Instance);
        return [.. kinds.Select(k => new AuditSection(k[0].Title, [.. k.Where(drawn.Contains)], k.Length))];
    }
}
