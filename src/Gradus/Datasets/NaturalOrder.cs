using System.Text.RegularExpressions;

namespace Gradus.Datasets;

/// <summary>
/// Names in the order in which a person counts them: "Stage 2" before "Stage 10". Letter case decides last.
/// </summary>
internal sealed partial class NaturalOrder : IComparer<string>
{
    private NaturalOrder()
    {
    }

    /// <summary>The one instance.</summary>
    public static NaturalOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        string[] left = Parts(x), right = Parts(y);
        int order = left.Zip(right, Part).FirstOrDefault(o => o != 0);
        if (order == 0)
            order = left.Length - right.Length;
        return order != 0 ? order : string.CompareOrdinal(x, y);
    }

    private static string[] Parts(string? text) => [.. Runs().Matches(text ?? "").Select(m => m.Value)];

    private static int Part(string x, string y)
    {
        if (!char.IsAsciiDigit(x[0]) || !char.IsAsciiDigit(y[0]))
            return string.Compare(x, y, StringComparison.OrdinalIgnoreCase);
        (string a, string b) = (x.TrimStart('0'), y.TrimStart('0'));
        return a.Length != b.Length ? a.Length - b.Length : string.CompareOrdinal(a, b);
    }

    [GeneratedRegex("[0-9]+|[^0-9]+")]
    private static partial Regex Runs();
}
