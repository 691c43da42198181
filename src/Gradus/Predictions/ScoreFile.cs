using System.Collections.Immutable;
using System.Globalization;
using Gradus.Datasets;
using Gradus.Grading;

namespace Gradus.Predictions;

/// <summary>
/// A CSV of <see cref="ScoredImages"/>: <c>id,hash,grade,score,o0,o1…</c>, a row an image; the grade is empty where it is not known.
/// Numbers have all their digits, so that what is read back grades exactly as what was written. About 120 bytes an image.
/// </summary>
public static class ScoreFile
{
    /// <summary>How the first line of every such file begins.</summary>
    public const string Header = "id,hash,grade,score,o0";

    private static readonly string[] Fixed = ["id", "hash", "grade", "score"];

    /// <summary>Writes the file atomically.</summary>
    /// <exception cref="GradusException">The file cannot be written.</exception>
    public static void Write(string path, ScoredImages images)
    {
        GradedScores scores = images.Scores;
        PredictionFile.WriteRows(path, [[.. Fixed, .. Outputs(scores.Columns)], .. Enumerable.Range(0, scores.Rows).Select(Row)]);

        string[] Row(int i) =>
        [
            images.Ids[i].Value, images.Hashes[i].Hex, images.Grades[i]?.ToString(CultureInfo.InvariantCulture) ?? "", scores.Score[i].ToString("R", CultureInfo.InvariantCulture),
            .. scores.Row(i).ToArray().Select(o => o.ToString("R", CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>Reads a file of this form.</summary>
    /// <exception cref="GradusException">The file is missing, empty, damaged or of another kind, or a value is no number; with its line.</exception>
    public static ScoredImages Read(string path)
    {
        string[] headers = CsvTable.Headers(path);
        string[] outputs = [.. Outputs(headers.Length).TakeWhile(headers.Contains)];
        if (outputs.Length == 0 || Fixed.Any(c => !headers.Contains(c)))
            throw new GradusException("is no file of scores", $"{path}:1", string.Join(",", headers.Take(6)), $"Its first line begins with {Header}", Fault.Request);
        var (ids, hashes, grades) = (ImmutableArray.CreateBuilder<ImageId>(), ImmutableArray.CreateBuilder<ContentHash>(), ImmutableArray.CreateBuilder<int?>());
        var score = new List<double>();
        var values = new List<float>();
        using var table = new CsvTable(path, [.. Fixed, .. outputs], ',');
        foreach (CsvLine line in table.Lines())
        {
            string where = $"{path}:{line.Number}";
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", where);
            ids.Add(new ImageId(line.Fields[0]));
            hashes.Add(Hash(line.Fields[1], where));
            grades.Add(line.Fields[2].Length == 0 ? null : Grade(line.Fields[2], where));
            score.Add(CsvValues.Number(line.Fields[3], "score", where));
            for (int k = 0; k < outputs.Length; k++)
                values.Add((float)CsvValues.Number(line.Fields[4 + k], outputs[k], where));
        }
        if (ids.Count == 0)
            throw new GradusException("the file has no rows", path, "a header only");
        return new ScoredImages(ids.ToImmutable(), hashes.ToImmutable(), grades.ToImmutable(), new GradedScores(score.Count, outputs.Length, [.. values], [.. score], null));
    }

    private static IEnumerable<string> Outputs(int count) => Enumerable.Range(0, count).Select(k => $"o{k}");

    private static ContentHash Hash(string text, string where)
    {
        try
        {
            return new ContentHash(text);
        }
        catch (GradusException e)
        {
            throw new GradusException(e.Problem, where, e.Found, inner: e);
        }
    }

    private static int Grade(string text, string where) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int grade) ? grade : throw new GradusException("column 'grade' holds no grade", where, $"'{text}'");
}
