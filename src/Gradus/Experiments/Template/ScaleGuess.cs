using System.Collections.Immutable;
using System.Globalization;

namespace Gradus.Experiments.Template;

/// <summary>Guesses a scale from the labels that occur.</summary>
internal static class ScaleGuess
{
    private const int MostGrades = 20;

    // Words of severity from many fields; a word's place is its rank.
    private static readonly string[] Severity =
    [
        "none", "no_dr", "nodr", "no", "normal", "healthy", "negative", "benign", "minimal", "mild", "low", "doubtful", "moderate", "medium", "intermediate",
        "high", "severe", "proliferative", "proliferate_dr", "pdr", "yes", "positive", "malignant", "tumor", "tumour", "cancer",
    ];

    private static readonly string[] Retinopathy = ["none", "mild", "moderate", "severe", "proliferative"];

    /// <summary>The names in order with a note on what to check, or null where these cannot be grades.</summary>
    public static (ImmutableArray<string> Names, string Note)? Of(IEnumerable<string> labels, string column)
    {
        string[] distinct = [.. labels.Where(l => l.Length > 0).Distinct(StringComparer.Ordinal).Take(MostGrades + 1)];
        if (distinct.Length is 0 or > MostGrades)
            return null;
        if (distinct.All(l => Number(l) is not null))
        {
            int[] numbers = [.. distinct.Select(l => Number(l)!.Value)];
            (int low, int high) = (Math.Min(numbers.Min(), numbers.Min() == 1 ? 1 : 0), numbers.Max());
            if (low < 0 || high - low >= MostGrades || high == low)
                return null;
            // The clinical scale of retinopathy (Wilkinson et al. 2003) is the one whose column is called so.
            if ((low, high) == (0, 4) && column.ToLowerInvariant() is "diagnosis" or "level" or "retinopathy_grade" or "retinopathy grade")
                return ([.. Retinopathy], $"Grades 0 to 4 in '{column}' are taken for the retinopathy scale; rename them where that is wrong.");
            return ([.. Enumerable.Range(low, high - low + 1).Select(n => n.ToString(CultureInfo.InvariantCulture))], $"Grades {low} to {high} are called by their numbers; give them names.");
        }
        if (distinct.Length < 2)
            return null;
        string[] ordered = [.. distinct.OrderBy(Rank).ThenBy(l => l, StringComparer.Ordinal)];
        bool known = ordered.All(l => Rank(l) < Severity.Length);
        return ([.. ordered], known ? $"The order of the grades was guessed from their names: {string.Join(", ", ordered)}." : $"Check the order of the grades, the mildest first: {string.Join(", ", ordered)}. It is alphabetical for want of better knowledge.");
    }

    private static int Rank(string label) => Array.IndexOf(Severity, label.ToLowerInvariant().Replace(' ', '_')) is var i and >= 0 ? i : Severity.Length;

    private static int? Number(string label) =>
        double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) < 1000 && Math.Floor(value) == value ? (int)value : null;
}
