using System.Globalization;
using Gradus.Datasets;
using Gradus.Predictions;

namespace Gradus.Mistakes;

/// <summary>
/// mistakes.csv, a row an image, the most wrong first: <c>id,source,hash,grade,decision</c>, then what the runs say. A person fills in <c>decision</c>
/// where the label is the error; an empty one decides nothing. <c>error</c>, 0 and up, can weigh an image in sampling.
/// </summary>
public static class MistakeFile
{
    /// <summary>The first line.</summary>
    public const string Header = "id,source,hash,grade,decision,predicted,score,error,confidence,runs,candidate";

    /// <summary>Writes the file atomically. Numbers have six significant digits.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<Mistake> mistakes) => PredictionFile.WriteRows(path,
    [
        Header.Split(','),
        .. mistakes.Select(m => (string[])
        [
            m.Image.Id.Value, m.Image.Source, m.Image.Hash?.Hex ?? "", $"{m.Image.Grade}", "",
            $"{m.Predicted}", Number(m.Score), Number(m.Error), m.Confidence is { } p ? Number(p) : "", $"{m.Runs}", m.IsCandidate ? "yes" : "no",
        ]),
    ]);

    /// <summary>How many rows of a file of this form a person has decided.</summary>
    /// <exception cref="GradusException">The file cannot be read, or has no such column.</exception>
    public static int Decided(string path)
    {
        if (new FileInfo(path).Length == 0)
            return 0;
        using var table = new CsvTable(path, ["decision"]);
        return table.Lines().Count(line => line.Problem is null && line.Fields[0].Length > 0);
    }

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
