using System.Collections.Immutable;
using System.Globalization;
using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>Guesses a scale from the labels that occur.</summary>
internal static class ScaleGuess
{
    /// <summary>More different values than this are no grades.</summary>
    public const int MostGrades = 20;

    private const double RareShare = 0.01; // of the rows; what lies beyond a gap and is rarer than this is a slip

    // Words of severity from many fields; a word's place is its rank.
    private static readonly string[] Severity =
    [
        "none", "no_dr", "nodr", "no", "normal", "healthy", "negative", "benign", "minimal", "mild", "low", "doubtful", "moderate", "medium", "intermediate",
        "high", "severe", "proliferative", "proliferate_dr", "pdr", "yes", "positive", "malignant", "tumor", "tumour", "cancer",
    ];

    private static readonly string[] Retinopathy = ["none", "mild", "moderate", "severe", "proliferative"];

    // What the clinical scale of retinopathy (Wilkinson et al. 2003) is called, without spaces and underscores.
    private static readonly string[] RetinopathyNames = ["diagnosis", "level", "drlevel", "drgrade",
        "retinopathygrade", "adjudicateddrgrade"];

    /// <summary>The names in order with a note on what to check, or null where these cannot be grades.</summary>
    /// <param name="labels">The labels, one for each image.</param>
    /// <param name="column">What they are called.</param>
    /// <param name="mayBeSlips">False where each label is a folder: then none is a slip of the pen.</param>
    public static (ImmutableArray<string> Names, string Note)? Of(
        IEnumerable<string> labels, string column, bool mayBeSlips = true)
    {
        string[] all = [.. labels.Where(l => l.Length > 0)];
        string[] distinct = [.. all.Distinct(StringComparer.Ordinal).Take(MostGrades + 1)];
        if (distinct.Length is 0 or > MostGrades)
            return null;
        if (distinct.Count(IsNumber) * 2 > distinct.Length && !distinct.All(l => Number(l) is not null))
            return null; // numbers such as -1 and 1.5 are no grades, and no names either
        if (distinct.All(l => Number(l) is not null))
        {
            int[] numbers = [.. distinct.Select(l => Number(l)!.Value).Distinct().Order()];
            string slips = "";
            if (mayBeSlips)
                (numbers, slips) = WithoutSlips(numbers, [.. all.Select(l => Number(l)!.Value)]);
            (int low, int high) = (Math.Min(numbers.Min(), numbers.Min() == 1 ? 1 : 0), numbers.Max());
            if (low < 0 || high - low >= MostGrades || high == low)
                return null;
            if ((low, high) == (0, 4) && RetinopathyNames.Contains(LabelTable.Plain(column)))
                return ([.. Retinopathy],
                    $"Grades 0 to 4 in '{column}' are taken for the retinopathy scale; rename them where that is " +
                    $"wrong.{Gaps(numbers, low, high)}{slips}");
            return (
                [.. Enumerable.Range(low, high - low + 1).Select(n => n.ToString(CultureInfo.InvariantCulture))],
                $"Grades {low} to {high} are called by their numbers; give them " +
                $"names.{Gaps(numbers, low, high)}{slips}");
        }
        if (distinct.Length < 2)
            return null;
        string[] ordered = [.. Ordered(distinct, out bool known)];
        return ([.. ordered], known
            ? $"The order of the grades was guessed from their names: {string.Join(", ", ordered)}."
            : $"Check the order of the grades, the mildest first: {string.Join(", ", ordered)}. What is unknown " +
                "stands last, in the order of numbers and the alphabet.");
    }

    /// <summary>
    /// Names from the mildest to the gravest, as far as they are known; the others after them, in natural order.
    /// </summary>
    /// <param name="names">The names.</param>
    /// <param name="known">True where each is a word of severity or a number.</param>
    public static IEnumerable<string> Ordered(IEnumerable<string> names, out bool known)
    {
        string[] ordered = [.. names.OrderBy(Rank).ThenBy(l => l, NaturalOrder.Instance)];
        known = ordered.All(l => Rank(l) < Severity.Length) || ordered.All(l => Number(l) is not null);
        return ordered;
    }

    /// <summary>Drops the highest numbers while a gap is below them and hardly any row has them: 0 to 4 and one 7 is a scale to 4.</summary>
    private static (int[] Numbers, string Note) WithoutSlips(int[] numbers, int[] all)
    {
        int keep = numbers.Length;
        while (keep > 2 && numbers[keep - 1] - numbers[keep - 2] > 1 && all.Count(n => n == numbers[keep - 1]) <= Math.Max(1, (int)(all.Length * RareShare)))
            keep--;
        if (keep == numbers.Length)
            return (numbers, "");
        int rows = all.Count(n => n > numbers[keep - 1]);
        string others = string.Join(", ", numbers[keep..]);
        return (numbers[..keep], $" The scale ends at {numbers[keep - 1]}: {others} in {rows} row{(rows == 1 ? "" : "s")} was taken for a mistake, and the audit will list it.");
    }

    private static string Gaps(int[] numbers, int low, int high)
    {
        int[] absent = [.. Enumerable.Range(low, high - low + 1).Except(numbers)];
        return absent.Length == 0 ? "" : $" No image has grade {string.Join(", ", absent)}: check the column.";
    }

    private static int Rank(string label) =>
        Array.IndexOf(Severity, label.ToLowerInvariant().Replace(' ', '_')) is var i and >= 0 ? i : Severity.Length;

    private static bool IsNumber(string label) => double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static int? Number(string label) =>
        double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) < 1000 && Math.Floor(value) == value ? (int)value : null;
}
