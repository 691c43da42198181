using System.Collections.Immutable;
using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>What keeps images together: a column whose values repeat, or a part of the ids.</summary>
/// <param name="Column">The column; null where there is none.</param>
/// <param name="Pattern">The pattern of the ids; null where they do not say.</param>
/// <param name="Notes">What a person should look at.</param>
internal sealed record GroupGuess(int? Column, string? Pattern, ImmutableArray<string> Notes)
{
    // Beyond this number of rows for each value, a column such as site or camera would leave too few groups to split.
    private const int RowsPerGroup = 20, FewGroups = 5;

    private static readonly string[] Names =
    [
        "patient", "patientid", "patientno", "patientnumber", "pid", "subject", "subjectid", "case", "caseid",
        "person", "personid", "participant", "participantid", "individual", "individualid", "slide", "slideid",
        "wsi", "wsiid", "lesion", "lesionid", "donor", "donorid", "study", "studyid", "eye", "eyeid", "group",
        "groupid", "mrn",
    ];

    /// <summary>True for a column that is called like patients or slides.</summary>
    public static bool IsCalledGroup(string header) => Names.Contains(LabelTable.Plain(header));

    public static GroupGuess Of(LabelTable table, int id, ImmutableArray<int> grades)
    {
        int[] free = [.. Enumerable.Range(0, table.Headers.Length).Where(c => c != id && !grades.Contains(c))];
        int[] named = [
            .. free.Where(c => IsCalledGroup(table.Headers[c]))
            .OrderBy(c => Array.IndexOf(Names, LabelTable.Plain(table.Headers[c])))];
        var notes = ImmutableArray.CreateBuilder<string>();
        PairedIds? pairs = PairedIds.Among(
            table.Column(id).Where(v => v.Length > 0).Distinct().Select(v => new ImageId(v)));
        if (named.Where(c => IsFine(table, c)).Select(c => (int?)c).FirstOrDefault() is { } column)
        {
            int values = Values(table, column).Length;
            notes.Add($"{table.Called(column)} keeps images together on one side of a split: {values} groups in " +
                $"{table.Rows.Count} rows.");
            foreach (int other in named.Where(c => c != column && IsFine(table, c)))
                notes.Add($"'{table.Headers[other]}' could be the group too; write group: {table.Headers[other]} " +
                    "where that is the wider one.");
            return new GroupGuess(column, null, notes.ToImmutable());
        }
        foreach (int coarse in named)
            notes.Add($"'{table.Headers[coarse]}' has {Values(table, coarse).Length} values in {table.Rows.Count} " +
                "rows, too few to be the groups of a split.");
        if (pairs is not null)
        {
            notes.Add($"Ids such as {Audit.AuditFinding.Few(pairs.Groups[0])} differ only by eye, side or shot: " +
                "what the first part of the id names stays together on one side of a split.");
            return new GroupGuess(null, pairs.Pattern, notes.ToImmutable());
        }
        int[] repeating = [.. free.Where(c => !named.Contains(c) && Repeats(table, c))];
        notes.AddRange(repeating.Select(c =>
            $"The values of '{table.Headers[c]}' repeat ({Values(table, c).Length} in {table.Rows.Count} rows); " +
            $"write group: {table.Headers[c]} where they are patients or slides."));
        if (notes.Count == 0)
            notes.Add("No column of patients or slides was found; state group where images belong together.");
        return new GroupGuess(null, null, notes.ToImmutable());
    }

    private static string[] Values(LabelTable table, int column) =>
        [.. table.Column(column).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal)];

    private static bool IsFine(LabelTable table, int column) => Values(table, column).Length is var n && n > 1
        && (n >= FewGroups * 2 || n * RowsPerGroup >= table.Rows.Count);

    /// <summary>
    /// True for names that repeat; numbers that repeat are ages and sizes, unless the column is called an id.
    /// </summary>
    private static bool Repeats(LabelTable table, int column)
    {
        string[] values = Values(table, column);
        bool isId = LabelTable.Plain(table.Headers[column]).EndsWith("id", StringComparison.Ordinal);
        return values.Length > ScaleGuess.MostGrades && values.Length * 10 <= table.Rows.Count * 9
            && (isId || !values.All(v => double.TryParse(v, out _)));
    }
}
