using System.Collections.Immutable;
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

    /// <summary>The probability of each grade, for samples with a column for each.</summary>
    Probabilities,

    /// <summary>1 in the column of the grade and 0 in the others, for samples with a column for each.</summary>
    OneHot,
}

/// <summary>What a person chooses about a submission.</summary>
public sealed record SubmissionOptions
{
    /// <summary>
    /// What is written; null takes grades for one column of values, and probabilities for a column for each grade.
    /// </summary>
    public SubmissionValue? Value { get; init; }

    /// <summary>Name of the value's column where the sample has only ids.</summary>
    public string Column { get; init; } = "grade";

    /// <summary>The grade of ids without a prediction; null refuses them.</summary>
    public int? Missing { get; init; }

    /// <summary>
    /// The sample's columns of the grades, in the order of the scale; empty finds them by their numbers.
    /// </summary>
    public ImmutableArray<string> Classes { get; init; } = [];
}

/// <summary>What was written, and what a person should know about it.</summary>
/// <param name="Rows">How many rows.</param>
/// <param name="Header">The columns.</param>
/// <param name="Value">What stands in them.</param>
/// <param name="Missing">Ids without a prediction, which have the grade that was given for them.</param>
/// <param name="Repeated">Ids that stand in the sample more than once, and on which lines; each row has the same
/// value.</param>
public sealed record SubmissionResult(
    int Rows, ImmutableArray<string> Header, SubmissionValue Value, ImmutableArray<string> Missing,
        ImmutableArray<(string Id, ImmutableArray<long> Lines)> Repeated);

/// <summary>The competition's file: the ids of its sample, in the sample's order, under the sample's column names.</summary>
public static class Submission
{
    private const int Shown = 5;

    /// <summary>Composes, checks and writes the file.</summary>
    /// <param name="predictionsPath">predictions.csv.</param>
    /// <param name="samplePath">The competition's sample: a column of ids, then none, one of values, or one for each
    /// grade.</param>
    /// <param name="outPath">Where to write.</param>
    /// <param name="options">What to write.</param>
    /// <exception cref="GradusException">
    /// An id of the sample has no prediction and no grade is given for such, a prediction's id is not in the sample, or
    /// the sample's
    /// columns are not understood.
    /// </exception>
    public static SubmissionResult Write(
        string predictionsPath, string samplePath, string outPath, SubmissionOptions? options = null)
    {
        options ??= new SubmissionOptions();
        Dictionary<string, ImagePrediction> predictions = PredictionFile.Read(predictionsPath).ToDictionary(p => p.Id.Value, StringComparer.Ordinal);
        string[] header = CsvTable.Headers(samplePath);
        List<(string Id, long Line)> ids = ReadIds(samplePath, header[0]);
        if (predictions.ContainsKey(header[0]))
            throw new GradusException(
                "the sample has no header line: it begins with an id", $"{samplePath}:1", $"'{header[0]}'",
                "Put a line with the names of the columns before it", Fault.Request);
        if (header.Length == 1)
            header = [header[0], ColumnName(options.Column, header[0])];

        string[] missing = [
            .. ids.Select(i => i.Id).Where(id => !predictions.ContainsKey(id)).Distinct(StringComparer.Ordinal)];
        var known = ids.Select(i => i.Id).ToHashSet(StringComparer.Ordinal);
        RefuseMissing(options.Missing, missing, known.Count, predictions, predictionsPath);
        string[] extra = [.. predictions.Keys.Where(id => !known.Contains(id)).Order(StringComparer.Ordinal)];
        if (extra.Length > 0)
            throw new GradusException($"{extra.Length} predictions are for ids that the sample does not have", predictionsPath, Some(extra), "Predict only the test images", Fault.Request);

        int grades = predictions.Values.Select(p => p.Probabilities.Length).FirstOrDefault();
        (SubmissionValue value, Func<ImagePrediction, string[]> row) = header.Length == 2 && options.Classes.IsEmpty
            ? Single(options.Value ?? SubmissionValue.Grade)
            : Spread(header[1..], grades, options, predictions.Values, samplePath, predictionsPath);
        foreach (string id in missing)
            predictions.Add(id, Given(id, options.Missing!.Value, grades, value, predictions.Values));
        PredictionFile.WriteRows(outPath, [header, .. ids.Select(i => (string[])[i.Id, .. row(predictions[i.Id])])]);
        return new SubmissionResult(
            ids.Count, [.. header], value, [.. missing],
            [.. ids.GroupBy(i => i.Id, StringComparer.Ordinal).Where(g => g.Count() > 1)
                .Select(g => (g.Key, g.Select(i => i.Line).ToImmutableArray()))]);
    }

    /// <summary>The name of a sample's id column, with which its submissions begin.</summary>
    /// <exception cref="GradusException">The file is missing or empty.</exception>
    public static string FirstColumn(string samplePath) => Columns(samplePath)[0];

    /// <summary>The names of a sample's columns.</summary>
    /// <exception cref="GradusException">The file is missing or empty.</exception>
    public static IReadOnlyList<string> Columns(string samplePath) => CsvTable.Headers(samplePath);

    /// <summary>Names a few of many ids.</summary>
    public static string Some(IReadOnlyCollection<string> ids) => string.Join(", ", ids.Take(Shown)) +
        (ids.Count > Shown ? $" and {ids.Count - Shown} more" : "");

    private static string ColumnName(string name, string idColumn) => name.Trim().Length > 0 && name != idColumn
        ? name
        : throw new GradusException(
            "the value's column needs a name of its own", found: $"'{name}'", remedy: "Give --column another name",
            fault: Fault.Request);

    private static void RefuseMissing(
        int? grade, string[] missing, int distinct, Dictionary<string, ImagePrediction> predictions, string path)
    {
        // Where no id at all has a prediction the ids are wrong, and a grade for all of them would hide it.
        if (missing.Length > 0 && (grade is null || missing.Length == distinct))
        {
            throw new GradusException(
                $"{missing.Length} of the sample's {distinct} ids have no prediction", path, Some(missing),
                missing.Length == distinct
                    ? "Predict the whole test folder, with the ids that the sample uses"
                    : "Predict the whole test folder, with the ids that the sample uses; images that cannot be " +
                        "read get a grade with --missing GRADE", Fault.Request);
        }
        int most = predictions.Values.Select(p => p.Probabilities.Length - 1).FirstOrDefault() is > 0 and var last
            ? last
            : int.MaxValue;
        if (grade is { } given && (given < 0 || given > most))
            throw new GradusException(
                "--missing is a grade of the scale", found: $"{given}", remedy: most == int.MaxValue
                    ? "Grades are whole numbers from 0"
                    : $"Grades are 0 to {most}", fault: Fault.Request);
    }

    /// <summary>What stands for an image that could not be read: the grade as it is, also as its score.</summary>
    private static ImagePrediction Given(
        string id, int grade, int grades, SubmissionValue value, IEnumerable<ImagePrediction> others)
    {
        if (value == SubmissionValue.Score && grade > 1 && others.All(o => o.Score is >= 0 and <= 1))
            throw new GradusException(
                "the grade of --missing is no score", found: $"{grade}, beside scores from 0 to 1",
                remedy: "Give --missing 0 or 1, or write grades", fault: Fault.Request);
        return new ImagePrediction(
            new ImageId(id), grade, grade, [.. Enumerable.Range(0, grades).Select(k => k == grade ? 1.0 : 0)]);
    }

    private static (SubmissionValue Value, Func<ImagePrediction, string[]> Row) Single(SubmissionValue value) =>
        value switch
    {
        SubmissionValue.Grade => (value, p => [p.Grade.ToString(CultureInfo.InvariantCulture)]),
        SubmissionValue.Score => (value, p => [Number(p.Score)]),
        _ => throw new GradusException(
            "the sample has one column of values", found: $"--value {value.ToString().ToLowerInvariant()}",
            remedy: "Write --value grade or score, or give a sample with a column for each grade",
                fault: Fault.Request),
    };

    /// <summary>A column for each grade: of probabilities, or of zeros with a 1.</summary>
    private static (SubmissionValue Value, Func<ImagePrediction, string[]> Row) Spread(
        string[] columns, int grades, SubmissionOptions options, IEnumerable<ImagePrediction> predictions,
            string samplePath, string predictionsPath)
    {
        int[] gradeOf = Grades(columns, grades, options.Classes, samplePath);
        SubmissionValue value = options.Value ?? SubmissionValue.Probabilities;
        if (value is SubmissionValue.Grade or SubmissionValue.Score)
        {
            throw new GradusException(
                "the sample has a column for each grade", $"{samplePath}:1",
                    $"--value {value.ToString().ToLowerInvariant()}", "Write --value probabilities or onehot",
                    Fault.Request);
        }
        if (value == SubmissionValue.Probabilities && grades != columns.Length)
        {
            throw new GradusException(
                "the predictions have no probability of each grade", $"{predictionsPath}:1",
                    $"{grades} columns p0, p1 … for {columns.Length} grades",
                "Write --value onehot, which puts 1 into the column of the grade", Fault.Request);
        }
        if (predictions.FirstOrDefault(p => p.Grade >= columns.Length) is { } beyond)
            throw new GradusException(
                $"the grade of '{beyond.Id}' has no column in the sample", predictionsPath,
                $"{beyond.Grade}, beside {columns.Length} columns",
                "Give --sample the competition's sample submission", Fault.Request);
        return value == SubmissionValue.OneHot
            ? (value, p => [.. gradeOf.Select(g => g == p.Grade ? "1" : "0")])
            : (value, p => [.. gradeOf.Select(g => Number(p.Probabilities[g]))]);
    }

    /// <summary>The grade of each column: as stated, or by the number with which its name ends.</summary>
    private static int[] Grades(string[] columns, int grades, ImmutableArray<string> classes, string path)
    {
        string listed = string.Join(", ", columns.Take(20));
        if (!classes.IsEmpty)
        {
            return classes.Length == columns.Length && columns.All(classes.Contains)
                ? [.. columns.Select(c => classes.IndexOf(c))]
                : throw new GradusException(
                    "--classes names each column of the sample but its ids once", $"{path}:1",
                    $"{string.Join(", ", classes)}, beside {listed}",
                    "Name them in the order of the scale, the mildest first", Fault.Request);
        }
        if (grades > 0 && grades != columns.Length)
        {
            throw new GradusException(
                "a sample has an id column and then one of values, or one for each grade", $"{path}:1",
                    $"{columns.Length + 1} columns for {grades} grades: {listed}",
                "Give --sample the competition's sample submission", Fault.Request);
        }
        // 0 to K-1 alone says which is which: a name may be of any grade, and 1 to K may be names as well as grades.
        string[] stems = [.. columns.Select(c => c.TrimEnd([.. "0123456789"]))];
        int[] numbers = [.. columns.Zip(stems, (c, stem) => int.TryParse(c.AsSpan(stem.Length), out int n) ? n : -1)];
        bool alike = stems.Distinct(StringComparer.Ordinal).Count() == 1;
        return alike && numbers.Order().SequenceEqual(Enumerable.Range(0, columns.Length))
            ? numbers
            : throw new GradusException(
                "the names of the sample's columns do not say which grade each is", $"{path}:1", listed,
                "Name them in the order of the scale, the mildest first: --classes " +
                $"\"{string.Join(',', columns.Take(20))}\"", Fault.Request);
    }

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    private static List<(string Id, long Line)> ReadIds(string path, string column)
    {
        var ids = new List<(string Id, long Line)>();
        using var table = new CsvTable(path, [column]);
        foreach (CsvLine line in table.Lines())
        {
            if (line.Problem is not null)
                throw new GradusException($"the line {line.Problem}", $"{path}:{line.Number}", fault: Fault.Request);
            ids.Add((line.Fields[0], line.Number));
        }
        return ids;
    }
}
