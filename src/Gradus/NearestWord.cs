namespace Gradus;

/// <summary>Finds what a person probably meant.</summary>
public static class NearestWord
{
    /// <summary>
    /// The known word with the fewest edits (optimal string alignment: insert, delete, replace, exchange neighbours) from
    /// <paramref name="word"/>; null where even that one needs more than a third of its letters changed.
    /// </summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        string lower = word.ToLowerInvariant();
        return known
            .Select(k => (Word: k, Edits: Edits(lower, k.ToLowerInvariant())))
            .Where(k => k.Edits <= Math.Max(1, k.Word.Length / 3))
            .OrderBy(k => k.Edits)
            .Select(k => k.Word)
            .FirstOrDefault();
    }

    /// <summary>"Did you mean 'batch'?", or <paramref name="otherwise"/>.</summary>
    public static string Remedy(string word, IReadOnlyCollection<string> known, string otherwise) =>
        To(word, known) is { } near ? $"Did you mean '{near}'?"
        : word.Length >= 3 && known.Where(k => k.StartsWith(word, StringComparison.OrdinalIgnoreCase)).ToArray() is { Length: > 0 and <= 8 } longer ? $"Did you mean {string.Join(" or ", longer)}?"
        : otherwise;

    private static int Edits(string a, string b)
    {
        // A person's slip is short; a long word is no slip, and the table would be.
        if (Math.Abs(a.Length - b.Length) > 8 || a.Length > 100)
            return int.MaxValue;
        var table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            table[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            table[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                int best = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, table[i - 2, j - 2] + 1);
                table[i, j] = best;
            }
        }
        return table[a.Length, b.Length];
    }
}
