using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Gradus.Datasets;

/// <summary>
/// Finds ids that differ only in which eye, side or shot of one person they name: 10_left and 10_right, P3-OD and
/// P3-OS, case7_1 and case7_2. Such images belong together.
/// </summary>
/// <param name="Pattern">A regular expression whose first capture group is what such ids share.</param>
/// <param name="Groups">The ids that belong together, two or more each, in ordinal order.</param>
public sealed record PairedIds(string Pattern, ImmutableArray<ImmutableArray<ImageId>> Groups)
{
    private const int Looked = 4000, Largest = 20; // what more images share is no person
    private const string Sides = "left|right", Eyes = "od|os", Letters = "l|r";

    // STEM is the group, SEP what stands between it and the mark.
    private static readonly string[] Shapes =
    [
        $"(STEM)SEP(?:{Sides})",
        $"(STEM)SEP(?:{Letters})",
        $"(STEM)SEP(?:{Eyes})",
        $"(STEM)(?<=[0-9])(?:{Sides}|{Letters}|{Eyes})",
        Shots,
        $"(?:{Sides}|{Eyes}|{Letters})SEP(STEM)",
        $"(STEM)SEP(?:{Sides}|{Eyes}|{Letters})SEP.+",
    ];

    // A number after a name is a shot of one person only where the name itself is counted: case7_1, and not im_1.
    private const string Shots = "([^_ -]*[0-9][^_ -]*)SEP[0-9]{1,2}";

    /// <summary>The pairs among the ids; null where there are none.</summary>
    public static PairedIds? Among(IEnumerable<ImageId> ids)
    {
        string[] all = [.. ids.Select(i => i.Value).Order(StringComparer.Ordinal)];
        string[] some = [.. all.Take(Looked)];
        string? best = null;
        int most = 0;
        foreach ((string pattern, bool isShot) in Candidates(some))
        {
            string[][] groups = Grouped(some, pattern);
            int paired = groups.Sum(g => g.Length);
            bool likely = !isShot
                || (groups.Length > 1 && paired * 2 >= some.Length && some.All(new Regex(pattern).IsMatch));
            if (paired > most && likely && groups.All(g => g.Length <= Largest))
                (best, most) = (pattern, paired);
        }
        if (best is null)
            return null;
        // An id without a mark is then a group of its own, and not one that the pattern does not match.
        const string stem = "(.+?)";
        int at = best.IndexOf(stem, StringComparison.Ordinal);
        if (at >= 0 && !best.EndsWith(stem + "$", StringComparison.Ordinal) && !all.All(new Regex(best).IsMatch))
            best = $"{best[..(at + stem.Length)]}(?:{best[(at + stem.Length)..^1]})?$";
        return new PairedIds(
            best, [.. Grouped(all, best).Select(g => g.Select(i => new ImageId(i)).ToImmutableArray())]);
    }

    private static IEnumerable<(string Pattern, bool IsShot)> Candidates(string[] ids)
    {
        string start = ids.Any(i => i.AsSpan().ContainsAny('/', '\\')) ? @"^(?:.*[/\\])?" : "^";
        string end = ids.Any(ImageFormats.LooksLikeImage) ? @"(?:\.\w+)?$" : "$";
        foreach (string shape in Shapes)
        {
            foreach (string separator in (string[])["_", "-", "[_ -]"])
            {
                string body = shape.Replace("SEP", separator, StringComparison.Ordinal)
                    .Replace("STEM", ".+?", StringComparison.Ordinal);
                yield return ($"{start}{body}{end}", shape == Shots);
                if (shape != Shots)
                    yield return ($"(?i){start}{body}{end}", false);
            }
        }
        // The folder is the person: p7/left.png and p7/right.png.
        if (start.Length > 1)
            yield return ($@"(?i)^(.+?)[/\\](?:{Sides}|{Eyes}|{Letters}){end}", false);
    }

    private static string[][] Grouped(string[] ids, string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant);
        return
        [
            .. ids.Select(i => (Id: i, Group: regex.Match(i).Groups[1])).Where(m => m.Group.Success)
                .GroupBy(m => m.Group.Value).Where(g => g.Count() > 1).Select(g => g.Select(m => m.Id).ToArray()),
        ];
    }
}
