namespace Gradus.Datasets;

/// <summary>Guesses which of the known names a person meant.</summary>
internal static class NearestName
{
    /// <summary>The known name fewest edits away, letter case aside; null where nothing is near.</summary>
    public static string? Of(string wanted, IEnumerable<string> known)
    {
        (string Name, int Distance)[] near =
        [
            .. known.Where(k => k.Length is > 0 and <= 200)
                .Select(k => (k, Distance(wanted.ToLowerInvariant(), k.ToLowerInvariant())))
                .OrderBy(k => k.Item2),
        ];
        return near.Length > 0 && near[0].Distance <= Math.Max(1, wanted.Length / 3) ? near[0].Name : null;
    }

    /// <summary>Levenshtein's distance, two rows at a time.</summary>
    private static int Distance(string a, string b)
    {
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            above = row;
        }
        return above[b.Length];
    }
}
