using System.Globalization;
using Gradus.Datasets;
using Gradus.Predictions;

namespace Gradus.Ensembles;

/// <summary>oof.csv: <c>id,source,hash,fold,grade,score[,p0…]</c>, a row an image; grade is the true one.</summary>
public static class OutOfFoldFile
{
    private static readonly string[] Columns = ["id", "source", "hash", "fold", "grade", "score"];

    /// <summary>How the first line of every such file begins.</summary>
    public static string Header { get; } = string.Join(',', Columns);

    /// <summary>Writes the file atomically. Scores keep all their digits, so that what is fitted on the file is what was fitted on the scores.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, OutOfFoldSet set) => PredictionFile.WriteRows(path, [
        [.. Columns, .. Enumerable.Range(0, set.Scores[0].Probabilities.Length).Select(k => $"p{k}")],
        .. set.Scores.Select(s => (string[])[
            s.Key.Id.Value, s.Key.Source, s.Hash.Hex, s.Fold?.ToString(CultureInfo.InvariantCulture) ?? "", s.Grade.ToString(CultureInfo.InvariantCulture), Number(s.Score), .. s.Probabilities.Select(Number)]),
    ]);

    /// <summary>Reads such a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="grades">K.</param>
    /// <exception cref="GradusException">Predictions of other kinds, which have no true grades, content hashes and folds; or a damaged line.</exception>
    public static OutOfFoldSet Read(string path, int grades)
    {
        string[] headers = CsvTable.Headers(path);
        if (Array.Find(Columns, c => !headers.Contains(c)) is { } absent)
            throw new GradusException($"is no file of out-of-fold scores: it has no column '{absent}'", $"{path}:1", string.Join(",", headers.Take(8)), "Ensembles are fitted on the oof.csv of gradus train --fold all, never on predictions for a test set", Fault.Request);
        string[] probabilities = [.. Enumerable.Range(0, grades).Select(k => $"p{k}").TakeWhile(headers.Contains)];
        if (probabilities.Length != 0 && (probabilities.Length != grades || headers.Contains($"p{grades}")))
            throw new GradusException($"a scale of {grades} grades has the probabilities p0 to p{grades - 1}", $"{path}:1", string.Join(",", headers), fault: Fault.Request);
        var scores = new List<OutOfFoldScore>();
        using var table = new CsvTable(path, [.. Columns, .. probabilities], separator: ',', trim: false);
        foreach (CsvLine line in table.Lines())
        {
            string where = $"{path}:{line.Number}";
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", where, fault: Fault.Request);
            scores.Add(Parse(line.Fields, grades, where));
        }
        return scores.Count > 0 ? new OutOfFoldSet(scores) : throw new GradusException("the file has no rows", path, "a header only", fault: Fault.Request);
    }

    private static OutOfFoldScore Parse(string[] fields, int grades, string where)
    {
        int grade = Whole(fields[4], "grade", grades - 1, where);
        try
        {
            return new OutOfFoldScore(
                new ImageKey(fields[1], new ImageId(fields[0])), new ContentHash(fields[2]), fields[3].Length == 0 ? null : Whole(fields[3], "fold", 999, where), grade, CsvValues.Number(fields[5], "score", where), [.. fields.Skip(Columns.Length).Select((f, k) => CsvValues.Number(f, $"p{k}", where))]);
        }
        catch (GradusException e) when (e.Where is null)
        {
            throw new GradusException(e.Problem, where, e.Found, e.Remedy, e.Fault, e);
        }
    }

    private static int Whole(string text, string column, int top, string where) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= top ? value : throw new GradusException($"the {column} is 0 to {top}", where, $"'{text}'", fault: Fault.Request);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
