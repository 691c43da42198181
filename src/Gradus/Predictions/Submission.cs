using System.Globalization;
using Gradus.Datasets;

namespace Gradus.Predictions;

/// <summary>What a submission writes for an image.</summary>
public enum SubmissionValue
{
    /// <summary>The grade.</summary>
    Grade,

    /// <summary>The score, for competitions judged by AUC.</summary>
    Score,
}

/// <summary>The competition's file: the ids of its sample, in the sample's order, under the sample's column names.</summary>
public static class Submission
{
    private const int Shown = 5;

    /// <summary>Composes, checks and writes the file.</summary>
    /// <param name="predictionsPath">predictions.csv.</param>
    /// <param name="samplePath">The competition's sample; its first column holds ids, its second (if there is one) names the value.</param>
    /// <param name="outPath">Where to write.</param>
    /// <param name="value">Grade or score.</param>
    /// <param name="columnName">Name of the value's column where the sample has none.</param>
    /// <returns>Rows written, and the header.</returns>
    /// <exception cref="GradusException">An id of the sample has no prediction, a prediction's id is not in the sample, or an id stands twice.</exception>
    public static (int Rows, string[] Header) Write(string predictionsPath, string samplePath, string outPath, SubmissionValue value, string columnName)
    {
        Dictionary<string, ImagePrediction> predictions = PredictionFile.Read(predictionsPath).ToDictionary(p => p.Id.Value, StringComparer.Ordinal);
        string[] ids = ReadIds(samplePath, out string[] sampleHeader);
        if (sampleHeader.Length > 2)
            throw new GradusException("a sample has an id column and a value column", $"{samplePath}:1", $"{sampleHeader.Length} columns", "Give --sample the competition's sample submission", Fault.Request);

        if (predictions.ContainsKey(sampleHeader[0]))
            throw new GradusException("the sample has no header line: it begins with an id", $"{samplePath}:1", $"'{sampleHeader[0]}'", "Put a line with the names of the columns before it", Fault.Request);
        if (sampleHeader.Length == 1 && (columnName.Trim().Length == 0 || columnName == sampleHeader[0]))
            throw new GradusException("the value's column needs a name of its own", found: $"'{columnName}'", remedy: "Give --column another name", fault: Fault.Request);

        string[] missing = [.. ids.Where(id => !predictions.ContainsKey(id))];
        if (missing.Length > 0)
            throw new GradusException($"{missing.Length} of the sample's {ids.Length} ids have no prediction", predictionsPath, Some(missing), "Predict the whole test folder, with the ids that the sample uses", Fault.Request);
        var known = ids.ToHashSet(StringComparer.Ordinal);
        string[] extra = [.. predictions.Keys.Where(id => !known.Contains(id)).Order(StringComparer.Ordinal)];
        if (extra.Length > 0)
            throw new GradusException($"{extra.Length} predictions are for ids that the sample does not have", predictionsPath, Some(extra), "Predict only the test images", Fault.Request);

        string[] header = [sampleHeader[0], sampleHeader.Length == 2 ? sampleHeader[1] : columnName];
        PredictionFile.WriteRows(outPath, [
            header,
            .. ids.Select(id => (string[])[id, value == SubmissionValue.Grade ? predictions[id].Grade.ToString(CultureInfo.InvariantCulture) : predictions[id].Score.ToString("G9", CultureInfo.InvariantCulture)]),
        ]);
        return (ids.Length, header);
    }

    /// <summary>The name of a sample's id column, with which its submissions begin.</summary>
    /// <exception cref="GradusException">The file is missing or empty.</exception>
    public static string FirstColumn(string samplePath) => Columns(samplePath)[0];

    /// <summary>The names of a sample's columns.</summary>
    /// <exception cref="GradusException">The file is missing or empty.</exception>
    public static IReadOnlyList<string> Columns(string samplePath) => CsvTable.Headers(samplePath);

    private static string[] ReadIds(string path, out string[] header)
    {
        header = CsvTable.Headers(path);
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        var ids = new List<string>();
        using var table = new CsvTable(path, [header[0]]);
        foreach (CsvLine line in table.Lines())
        {
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", $"{path}:{line.Number}", fault: Fault.Request);
            if (!lines.TryAdd(line.Fields[0], line.Number))
                throw new GradusException($"'{line.Fields[0]}' stands twice in the sample", $"{path}:{line.Number}", $"the first in line {lines[line.Fields[0]]}", fault: Fault.Request);
            ids.Add(line.Fields[0]);
        }
        return [.. ids];
    }

    private static string Some(string[] ids) => string.Join(", ", ids.Take(Shown)) + (ids.Length > Shown ? $" and {ids.Length - Shown} more" : "");
}
