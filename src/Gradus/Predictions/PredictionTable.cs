using Gradus.Datasets;
using Gradus.Metrics;
using Gradus.Thresholds;

namespace Gradus.Predictions;

/// <summary>The rows of a file of predictions, before their true grades are known.</summary>
internal sealed class PredictionTable
{
    private int[]? _predicted;

    public required string Path { get; init; }

    /// <summary>(N) distinct, or none.</summary>
    public string[] Ids { get; private set; } = [];

    /// <summary>(N) where the file has true grades.</summary>
    public int[]? Truth { get; private set; }

    /// <summary>(N) or null.</summary>
    public double[]? Scores { get; private set; }

    /// <summary>(N, columns) or null.</summary>
    public double[]? Probabilities { get; private set; }

    /// <summary>Probabilities an image.</summary>
    public int Columns { get; private set; }

    /// <summary>The column of predicted grades, or null.</summary>
    private string? PredictedColumn { get; set; }

    public static string[] Headers(string path) => CsvTable.Headers(path);

    /// <param name="path">The file.</param>
    /// <param name="columns">Columns with unusual names.</param>
    /// <param name="graded">Whether true grades stand elsewhere.</param>
    /// <exception cref="GradusException">See <see cref="LabelledPredictions.Read"/>.</exception>
    public static PredictionTable Read(string path, PredictionColumns columns, bool graded)
    {
        string[] headers = CsvTable.Headers(path);
        string? id = columns.IdIn(headers);
        string? truth = graded ? null : TruthColumn(path, headers, columns);
        string? prediction = columns.PredictionIn(path, headers, graded);
        string? score = columns.ScoreIn(path, headers);
        string[] probabilities = PredictionColumns.ProbabilitiesIn(headers);
        if (prediction is null && score is null && probabilities.Length == 0)
            throw new GradusException("has neither predicted grades, nor scores, nor probabilities p0, p1 and so on", $"{path}:1", string.Join(", ", headers.Take(20)), "Name a column with --prediction or --score", Fault.Request);
        string[] used = [.. new[] { id, truth, prediction, score }.OfType<string>()];
        if (used.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException($"the column '{twice.Key}' cannot be two things at once", $"{path}:1", remedy: "Name another one with --id, --grade, --prediction or --score", fault: Fault.Request);

        var ids = new List<string>();
        var truths = new List<int>();
        var predicted = new List<int>();
        var scores = new List<double>();
        var all = new List<double>();
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        using var table = new CsvTable(path, [id, truth, prediction, score, .. probabilities]);
        foreach (CsvLine line in table.Lines())
        {
            string where = Where(path, line);
            if (id is not null)
                ids.Add(NewId(line, lines, where));
            if (truth is not null)
                truths.Add(Grade(line.Fields[1], truth, probabilities.Length, where));
            if (prediction is not null)
                predicted.Add(Grade(line.Fields[2], prediction, probabilities.Length, where));
            if (score is not null)
                scores.Add(CsvValues.Number(line.Fields[3], score, where));
            if (probabilities.Length > 0)
                all.AddRange(CsvValues.Probabilities(line.Fields.AsSpan(4), where));
        }
        if (truths.Count + predicted.Count + scores.Count + all.Count == 0)
            throw NoRows(path);
        return new PredictionTable
        {
            Path = path,
            Ids = [.. ids],
            Truth = truth is null ? null : [.. truths],
            _predicted = prediction is null ? null : [.. predicted],
            PredictedColumn = prediction,
            Scores = score is null ? null : [.. scores],
            Probabilities = all.Count == 0 ? null : [.. all],
            Columns = probabilities.Length,
        };
    }

    /// <summary>Ids and true grades of a file.</summary>
    /// <exception cref="GradusException">A column is missing, a grade is no whole number from 0, an id stands twice, or there are no rows.</exception>
    public static Dictionary<string, int> Grades(string path, string id, string grade)
    {
        var grades = new Dictionary<string, int>(StringComparer.Ordinal);
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        using var table = new CsvTable(path, [id, grade]);
        foreach (CsvLine line in table.Lines())
        {
            string where = Where(path, line);
            grades.Add(NewId(line, lines, where), Grade(line.Fields[1], grade, 0, where));
        }
        return grades.Count > 0 ? grades : throw NoRows(path);
    }

    /// <summary>With (N) true grades.</summary>
    public LabelledPredictions Label(int[] truth)
    {
        int grades = Math.Max(2, Columns > 0 ? Columns : truth.Concat(_predicted ?? []).Max() + 1);
        double[]? probabilities = Probabilities, scores = Scores;
        // The score of two grades is the probability of the second, where it can be one.
        if (grades == 2 && probabilities is null && scores is not null && scores.All(s => s is >= 0 and <= 1))
            probabilities = [.. scores.SelectMany(s => new[] { 1 - s, s })];
        if (scores is null && grades == 2 && probabilities is not null)
            scores = [.. truth.Select((_, i) => probabilities[2 * i + 1])];
        (int[] predicted, string origin) = _predicted is not null
            ? (_predicted, $"column '{PredictedColumn}'")
            : Probabilities is not null ? (MostProbable(Probabilities, grades), "the most probable grade") : (AtDefault(scores!, grades), grades == 2 ? "scores above 0.5" : "scores at the cut points 0.5, 1.5 and so on");
        return new LabelledPredictions(Path, [.. Ids], new GradedImages(grades, truth, predicted, scores, probabilities), origin);
    }

    private static string TruthColumn(string path, string[] headers, PredictionColumns columns)
    {
        // What predict writes has a column 'grade' that is its own prediction; taken for the truth, it would make every model look perfect.
        if (columns.Grade is null && columns.Prediction is null && string.Join(',', headers.Take(3)) == PredictionFile.Header)
            throw new GradusException("has a column 'grade', which in a file of gradus predict is the prediction", $"{path}:1", string.Join(", ", headers.Take(20)), "Give the true grades with --grades FILE; or say --grade grade where they are the true ones", Fault.Request);
        return columns.GradeIn(path, headers) ?? throw new GradusException("has no column of true grades", $"{path}:1", string.Join(", ", headers.Take(20)), "Name it with --grade, or give a file that has it with --grades", Fault.Request);
    }

    private static string Where(string path, CsvLine line) => line.Problem is null ? $"{path}:{line.Number}" : throw new GradusException($"the line {line.Problem}", $"{path}:{line.Number}", fault: Fault.Request);

    private static string NewId(CsvLine line, Dictionary<string, long> lines, string where)
    {
        string id = line.Fields[0];
        if (id.Length == 0)
            throw new GradusException("the id is empty", where, fault: Fault.Request);
        return lines.TryAdd(id, line.Number) ? id : throw new GradusException($"'{id}' stands twice", where, $"the first in line {lines[id]}", "Keep one of them", Fault.Request);
    }

    private static int Grade(string text, string column, int grades, string where) => CsvValues.Grade(text, column, (grades > 0 ? grades : ScoreTable.MostGrades) - 1, where);

    private static int[] AtDefault(double[] scores, int grades)
    {
        double[] cuts = [.. CutPointFit.Default(grades)];
        return [.. scores.Select(score => CutPointFit.Grade(score, cuts))];
    }

    private static int[] MostProbable(double[] probabilities, int grades)
    {
        var predicted = new int[probabilities.Length / grades];
        for (int i = 0; i < predicted.Length; i++)
        {
            for (int k = 1; k < grades; k++)
                predicted[i] = probabilities[i * grades + k] > probabilities[i * grades + predicted[i]] ? k : predicted[i];
        }
        return predicted;
    }

    private static GradusException NoRows(string path) => new("the file has no rows", path, "a header only", fault: Fault.Request);
}
