using System.Text.RegularExpressions;
using Gradus.Audit;

namespace Gradus.Datasets;

/// <summary>Reads the group of an image from its id, by a regular expression whose first capture group it is.</summary>
internal sealed class GroupReading(string pattern, string source, string where)
{
    // A pattern that backtracks without end is a slip of the person who wrote it; no id is that long.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly Regex _regex = Compiled(pattern);
    private readonly List<AuditFinding> _unmatched = [];
    private int _read;

    /// <summary>One for each id that the pattern does not match.</summary>
    /// <exception cref="GradusException">It matches none at all.</exception>
    public IReadOnlyList<AuditFinding> Findings => _unmatched.Count == 0 || _unmatched.Count < _read
        ? _unmatched
        : throw new GradusException(
            $"the pattern of the group of '{source}' matches no id", _unmatched[0].Where ?? where,
                $"'{_unmatched[0].Ids[0]}' beside {pattern}",
            "Correct pattern: its first capture group is the group", Fault.Request);

    /// <summary>The group of an id; null where the pattern does not match it, which is then a finding.</summary>
    /// <param name="id">The id.</param>
    /// <param name="place">Where it stands, for the finding.</param>
    /// <param name="called">The same in words.</param>
    /// <exception cref="GradusException">The pattern takes too long.</exception>
    public string? Read(ImageId id, string place, string called)
    {
        _read++;
        try
        {
            Group group = _regex.Match(id.Value).Groups[1];
            if (group is { Success: true, Length: > 0 })
                return group.Value;
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new GradusException(
                $"the pattern of the group of '{source}' takes more than a second for one id", place,
                    $"'{id}' beside {pattern}",
                "Write a simpler pattern, without one repetition inside another", Fault.Request, e);
        }
        _unmatched.Add(new AuditFinding(FindingKind.UnmatchedGroup, source, [id],
            $"The pattern of the group does not match '{id}' ({called}). It is taken for a group of its own; " +
            $"correct the pattern or the id.") { Where = place });
        return null;
    }

    /// <summary>The pattern, ready to match.</summary>
    /// <exception cref="GradusException">It is no regular expression, or has no capture group.</exception>
    public static Regex Compiled(string pattern)
    {
        try
        {
            var regex = new Regex(pattern, RegexOptions.CultureInvariant, Limit);
            return regex.GetGroupNumbers().Contains(1)
                ? regex
                : throw new GradusException(
                    "the pattern has no capture group", found: pattern,
                    remedy: "Put the part that is the group in brackets: ^(.+)_(left|right)$", fault: Fault.Request);
        }
        catch (ArgumentException e)
        {
            throw new GradusException(
                "the pattern is no regular expression", found: pattern, remedy: e.Message.TrimEnd('.')
                .ReplaceLineEndings(" "), fault: Fault.Request, inner: e);
        }
    }
}
