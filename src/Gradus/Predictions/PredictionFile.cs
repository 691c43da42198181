using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using Gradus.Datasets;

namespace Gradus.Predictions;

/// <summary>predictions.csv: <c>id,grade,score[,p0…][,spread]</c>, a row an image; the spread where several views of each were scored.</summary>
public static class PredictionFile
{
    /// <summary>How the first line of every such file begins.</summary>
    public const string Header = "id,grade,score";

    /// <summary>Writes the file atomically. Numbers have six significant digits.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<ImagePrediction> predictions)
    {
        int grades = predictions.Count == 0 ? 0 : predictions[0].Probabilities.Length;
        bool spread = predictions.Any(p => p.Spread is not null);
        WriteRows(path, [
            ["id", "grade", "score", .. Enumerable.Range(0, grades).Select(k => $"p{k}"), .. spread ? (string[])["spread"] : []],
            .. predictions.Select(p => (string[])[p.Id.Value, p.Grade.ToString(CultureInfo.InvariantCulture), Number(p.Score), .. p.Probabilities.Select(Number), .. spread ? (string[])[p.Spread is { } s ? Number(s) : ""] : []]),
        ]);
    }

    /// <summary>Reads a file of this form; other columns are ignored.</summary>
    /// <exception cref="GradusException">A column is missing, a value is not a number or lies outside its range, or an id stands twice.</exception>
    public static ImmutableArray<ImagePrediction> Read(string path)
    {
        string[] headers = CsvTable.Headers(path);
        if (Array.Find(Header.Split(','), c => !headers.Contains(c)) is { } absent)
            throw new GradusException($"is no file of predictions: it has no column '{absent}'", $"{path}:1", string.Join(",", headers.Take(6)), $"Give a file that gradus predict wrote: {Header} and so on", Fault.Request);
        string[] probabilities = [.. Enumerable.Range(0, headers.Length).Select(k => $"p{k}").TakeWhile(headers.Contains)];
        var predictions = ImmutableArray.CreateBuilder<ImagePrediction>();
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        using var table = new CsvTable(path, ["id", "grade", "score", .. probabilities]);
        foreach (CsvLine line in table.Lines())
        {
            string where = $"{path}:{line.Number}";
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", where, fault: Fault.Request);
            string id = line.Fields[0];
            if (id.Length == 0)
                throw new GradusException("the id is empty", where, fault: Fault.Request);
            if (!lines.TryAdd(id, line.Number))
                throw new GradusException($"'{id}' has two predictions", where, $"the first in line {lines[id]}", "Keep one of them", Fault.Request);
            double grade = CsvValues.Number(line.Fields[1], "grade", where);
            if (grade != Math.Floor(grade) || grade < 0 || grade > (probabilities.Length > 0 ? probabilities.Length - 1 : int.MaxValue))
                throw new GradusException($"the grade of '{id}' is not on the scale", where, line.Fields[1], probabilities.Length > 0 ? $"Grades are 0 to {probabilities.Length - 1}" : "Grades are whole numbers from 0", Fault.Request);
            predictions.Add(new ImagePrediction(new ImageId(id), (int)grade, CsvValues.Number(line.Fields[2], "score", where), [.. probabilities.Select((p, k) => CsvValues.Number(line.Fields[3 + k], p, where))]));
        }
        return predictions.ToImmutable();
    }

    /// <summary>Writes rows as CSV with line feeds, atomically; fields are kept to the letter, since ids are compared and not shown.</summary>
    internal static void WriteRows(string path, IEnumerable<string[]> rows) => AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace }, leaveOpen: true);
        foreach (string[] row in rows)
            csv.WriteRecord(row);
        csv.Flush();
    });

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
