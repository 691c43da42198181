using System.Collections.Immutable;
using System.Globalization;

namespace Gradus.Experiments.Template;

/// <summary>The column of the grades, or the columns of one grade each.</summary>
/// <param name="Columns">One column, or one for each grade of the scale, in its order.</param>
/// <param name="Scale">The names of the grades.</param>
/// <param name="Notes">What a person should look at.</param>
internal sealed record GradeGuess(
    ImmutableArray<int> Columns, ImmutableArray<string> Scale, ImmutableArray<string> Notes)
{
    private const double Slips = 0.01; // the share of rows that may contradict a reading; the audit lists them

    // What the columns of grades of public data sets are called, the surest first.
    private static readonly string[] Names =
    [
        "isupgrade", "drgrade", "retinopathygrade", "adjudicateddrgrade", "diagnosis", "grade", "level", "drlevel",
        "klgrade", "kl", "isup", "severity", "stage", "grading", "label", "labels", "class", "target", "category",
        "score", "rating", "finding", "dx", "outcome", "y",
    ];

    private static readonly string[] Endings =
        ["grade", "level", "stage", "severity", "diagnosis", "label", "class", "target", "category"];

    public bool IsOneHot => Columns.Length > 1;

    public static GradeGuess Of(LabelTable table, int id, int? stated, string? name)
    {
        if (stated is { } only)
        {
            return Single(table, only) is { } column
                ? new GradeGuess([only], column.Scale, [$"{table.Called(only)} holds the grades. {column.Note}"])
                : throw Refused(table, $"the column '{name}' holds no grades");
        }
        Candidate[] candidates =
        [
            .. Enumerable.Range(0, table.Headers.Length)
                .Where(c => c != id && !GroupGuess.IsCalledGroup(table.Headers[c]))
                .Select(c => Single(table, c)).OfType<Candidate>()
                .OrderBy(c => c.IsHalfEmpty).ThenBy(c => c.Rank).ThenBy(c => c.Column),
        ];
        Candidate[] named = [.. candidates.Where(c => c.Rank < int.MaxValue)];
        ImmutableArray<int> oneHot = OneHot(table, id);
        if (named.Any(c => !c.IsHalfEmpty && !oneHot.Contains(c.Column)))
            return Chosen(table, named[0], [.. named.Skip(1)], doubt: null);
        if (!oneHot.IsEmpty)
            return Spread(table, oneHot, [.. named.Where(c => !oneHot.Contains(c.Column))]);
        Candidate[] full = [.. candidates.Where(c => !c.IsHalfEmpty)];
        if (named.Length > 0 && full.Length == 0)
            return Chosen(table, named[0], [.. candidates.Where(c => c != named[0])], doubt: null);
        return (full.Length > 0 ? full : candidates) switch
        {
            [] => throw Refused(table, "no column holds grades"),
            [var one] => Chosen(
                table, one, [.. candidates.Where(c => c != one)],
                doubt: "It is the one column that can hold grades, though its name does not say so"),
            var several => throw new GradusException(
                $"{several.Length} columns could hold the grades, and no name says which", table.Path,
                string.Join(", ", candidates.Take(20).Select(c => table.Called(c.Column))),
                $"State the column: --grade {Word(table.Headers[several[0].Column])}", Fault.Request),
        };
    }

    private static GradeGuess Chosen(LabelTable table, Candidate one, Candidate[] others, string? doubt)
    {
        var notes = ImmutableArray.CreateBuilder<string>();
        notes.Add($"{table.Called(one.Column)} holds the grades. {one.Note}");
        if (doubt is not null)
            notes.Add($"{doubt}; choose another with --grade COLUMN.");
        if (one.IsHalfEmpty)
            notes.Add($"'{table.Headers[one.Column]}' is half empty: rows without a grade are left out.");
        if (others.Length > 0)
            notes.Add(Others(table, others));
        return new GradeGuess([one.Column], one.Scale, notes.ToImmutable());
    }

    private static GradeGuess Spread(LabelTable table, ImmutableArray<int> columns, Candidate[] others)
    {
        string[] ordered = [.. ScaleGuess.Ordered(columns.Select(c => table.Headers[c]), out bool known)];
        var notes = ImmutableArray.CreateBuilder<string>();
        notes.Add($"The columns {string.Join(", ", ordered.Select(o => $"'{o}'"))} have a single 1 in each row, " +
            "and hold one grade each (one_hot). " +
            (known ? "They are called by their names." : "Check their order, the mildest first."));
        if (others.Length > 0)
            notes.Add(Others(table, others));
        return new GradeGuess(
            [.. ordered.Select(o => Array.IndexOf(table.Headers, o))], [.. ordered], notes.ToImmutable());
    }

    private static string Others(LabelTable table, Candidate[] others) =>
        $"Grades could also be in {string.Join(", ", others.Take(10).Select(o => table.Called(o.Column)))}; " +
        "choose with --grade COLUMN.";

    private static Candidate? Single(LabelTable table, int column) =>
        ScaleGuess.Of(table.Column(column), table.Headers[column]) is { } scale
        ? new Candidate(
            column, scale.Names, scale.Note, table.Empty(column) * 2 >= table.Rows.Count, Rank(table.Headers[column]))
        : null;

    /// <summary>The longest run of columns of zeros and ones with a single 1 in each row.</summary>
    private static ImmutableArray<int> OneHot(LabelTable table, int id)
    {
        int[] binary = [.. Enumerable.Range(0, table.Headers.Length).Where(c => c != id && IsBinary(table, c))];
        int allowed = (int)(table.Rows.Count * Slips);
        for (int length = Math.Min(binary.Length, ScaleGuess.MostGrades); length >= 2; length--)
        {
            for (int start = 0; start + length <= binary.Length; start++)
            {
                int[] run = binary[start..(start + length)];
                int wrong = table.Rows.Count(r => run.Count(c => Value(r[c]) == 1) != 1);
                if (wrong <= allowed && run.Count(c => table.Column(c).Any(v => Value(v) == 1)) > 1)
                    return [.. run];
            }
        }
        return [];
    }

    private static bool IsBinary(LabelTable table, int column) => table.Column(column)
        .Count(v => v.Length > 0 && Value(v) is not (0 or 1)) <= (int)(table.Rows.Count * Slips)
        && table.Column(column).Any(v => v.Length > 0);

    private static double Value(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
        ? value
        : double.NaN;

    private static int Rank(string header)
    {
        string plain = LabelTable.Plain(header);
        if (Array.IndexOf(Names, plain) is >= 0 and var exact)
            return exact;
        return Array.FindIndex(Endings, e => plain.EndsWith(e, StringComparison.Ordinal)) is >= 0 and var ending
            ? Names.Length + ending
            : int.MaxValue;
    }

    private static string Word(string header) => header.Contains(' ', StringComparison.Ordinal)
        ? $"\"{header}\""
        : header;

    private static GradusException Refused(LabelTable table, string problem) => new(
        problem, table.Path, $"the columns {string.Join(", ", table.Headers.Take(20).Select(h => $"'{h}'"))}",
        "Grades are 2 to 20 different whole numbers from 0, or names; state the column with --grade", Fault.Request);

    private sealed record Candidate(int Column, ImmutableArray<string> Scale, string Note, bool IsHalfEmpty, int Rank);
}
