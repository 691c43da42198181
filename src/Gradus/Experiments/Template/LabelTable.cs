using Gradus.Datasets;

namespace Gradus.Experiments.Template;

/// <summary>The columns with names of a CSV, and its first rows.</summary>
/// <param name="Path">The file.</param>
/// <param name="Headers">Their names; each is there once.</param>
/// <param name="Rows">A field for each of them.</param>
internal sealed record LabelTable(string Path, string[] Headers, IReadOnlyList<string[]> Rows)
{
    private const int RowsLookedAt = 20_000;

    /// <summary>Rows that break the format are passed over, the audit will list them.</summary>
    /// <exception cref="GradusException">The file is missing, no CSV, or names a column twice.</exception>
    public static LabelTable Read(string path)
    {
        string[] headers = CsvTable.Headers(path);
        using var table = new CsvTable(path, headers);
        return new LabelTable(
            path, headers,
            [.. table.Lines().Where(l => l.Fields.Length == headers.Length).Take(RowsLookedAt).Select(l => l.Fields)]);
    }

    /// <summary>The values of a column, row by row.</summary>
    public IEnumerable<string> Column(int column) => Rows.Select(r => r[column]);

    /// <summary>A column as messages call it: 'grade' (12 of 60 rows are empty).</summary>
    public string Called(int column) => Empty(column) is var empty && empty > 0
        ? $"'{Headers[column]}' ({empty} of {Rows.Count} rows are empty)"
        : $"'{Headers[column]}'";

    /// <summary>How many rows have nothing in a column.</summary>
    public int Empty(int column) => Column(column).Count(v => v.Length == 0);

    /// <summary>A name without what people write differently: case, spaces, underscores, hyphens and dots.</summary>
    public static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
