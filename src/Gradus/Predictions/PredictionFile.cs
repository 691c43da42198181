using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using Gradus.Datasets;

namespace Gradus.Predictions;

/// <summary>predictions.csv: <c>id,grade,score[,p0…]</c>, a row an image.</summary>
public static class PredictionFile
{
    /// <summary>Writes the file atomically. Numbers have six significant digits.</summary>
    public static void Write(string path, IReadOnlyList<ImagePrediction> predictions) => CsvFile.Write(path, csv =>
    {
        int grades = predictions.Count == 0 ? 0 : predictions[0].Probabilities.Length;
        csv.WriteRow(["id", "grade", "score", .. Enumerable.Range(0, grades).Select(k => $"p{k}")]);
        foreach (ImagePrediction p in predictions)
            csv.WriteRow([p.Id.Value, p.Grade.ToString(CultureInfo.InvariantCulture), Number(p.Score), .. p.Probabilities.Select(Number)]);
    });

    /// <summary>Reads a file of this form; other columns are ignored.</summary>
    /// <exception cref="GradusException">A column is missing, a value is not a number or lies outside its range, or an id stands twice.</exception>
    public static ImmutableArray<ImagePrediction> Read(string path)
    {
        var predictions = ImmutableArray.CreateBuilder<ImagePrediction>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        using CsvReader csv = CsvFile.Open(path, out string[] header, "id", "grade", "score");
        string[] columns = [.. Enumerable.Range(0, header.Length).Select(k => $"p{k}").TakeWhile(header.Contains)];
        while (CsvFile.Next(csv, path))
        {
            string where = $"{path}:{csv.Parser.RawRow}";
            string id = csv.GetField("id") ?? "";
            if (id.Length == 0)
                throw new GradusException("the id is empty", where, fault: Fault.Request);
            if (!lines.TryAdd(id, csv.Parser.RawRow))
                throw new GradusException($"'{id}' has two predictions", where, $"the first in line {lines[id]}", "Keep one of them", Fault.Request);
            double[] p = [.. columns.Select(c => Value(csv, c, where))];
            double grade = Value(csv, "grade", where);
            int highest = columns.Length > 0 ? columns.Length - 1 : int.MaxValue;
            if (grade != Math.Floor(grade) || grade < 0 || grade > highest)
                throw new GradusException($"the grade of '{id}' is not on the scale", where, csv.GetField("grade"), columns.Length > 0 ? $"Grades are 0 to {highest}" : "Grades are whole numbers from 0", Fault.Request);
            predictions.Add(new ImagePrediction(new ImageId(id), (int)grade, Value(csv, "score", where), [.. p]));
        }
        return predictions.ToImmutable();
    }

    private static double Value(CsvReader csv, string column, string where) =>
        double.TryParse(csv.GetField(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new GradusException($"column '{column}' holds no number", where, $"'{csv.GetField(column)}'", fault: Fault.Request);

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
