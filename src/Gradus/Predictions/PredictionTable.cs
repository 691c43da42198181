using Gradus.Datasets;
using Gradus.Grading;
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

    /// <summary>(N) what the images belong together by, where the file says so.</summary>
    public string[]? Groups { get; private set; }

    /// <summary>(N) or null.</summary>
    public double[]? Scores { get; private set; }

    /// <summary>(N, columns) or null.</summary>
    public double[]? Probabilities { get; private set; }

    /// <summary>(N, M) cumulative outputs, where they were asked for.</summary>
    public double[] Outputs { get; private set; } = [];

    /// <summary>Probabilities an image.</summary>
    public int Columns { get; private set; }

    /// <summary>K where it is stated, or follows from the number of probabilities.</summary>
    public int? Known { get; private set; }

    /// <summary>The column of predicted grades, or null.</summary>
    private string? PredictedColumn { get; set; }

    private bool ScoreIsNamed { get; set; }

    private bool PredictionIsNamed { get; set; }

    public static string[] Headers(string path) => CsvTable.Headers(path);

    /// <param name="path">The file.</param>
    /// <param name="columns">Columns with unusual names, and how grades are written.</param>
    /// <param name="graded">Whether true grades stand elsewhere.</param>
    /// <param name="outputs">The columns of cumulative outputs, where those are wanted in place of predictions.</param>
    /// <exception cref="GradusException">See <see cref="LabelledPredictions.Read"/>.</exception>
    public static PredictionTable Read(string path, PredictionColumns columns, bool graded, string[]? outputs = null)
    {
        string[] headers = CsvTable.Headers(path);
        // What a run or a person calls c1 or o0 is an output, and no column of anything else.
        string[] named = outputs is null ? headers : [.. headers.Except(outputs)];
        string? id = columns.IdIn(path, named, elsewhere: graded);
        string? truth = graded ? null : TruthColumn(path, named, columns);
        string? prediction = outputs is null ? columns.PredictionIn(path, headers, graded) : null;
        string? score = outputs is null ? columns.ScoreIn(path, headers) : null;
        string[] probabilities = outputs is null ? PredictionColumns.ProbabilitiesIn(headers) : [];
        string? group = columns.Group is { } by && headers.Contains(by) ? by : null;
        if (outputs is null && prediction is null && score is null && probabilities.Length == 0)
            throw new GradusException("has neither predicted grades, nor scores, nor probabilities p0, p1 and so on", $"{path}:1", string.Join(", ", headers.Take(20)), "Name a column with --prediction or --score", Fault.Request);
        string[] used = [.. new[] { id, truth, prediction, score, group }.OfType<string>()];
        if (used.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new GradusException($"the column '{twice.Key}' cannot be two things at once", $"{path}:1", remedy: "Name another one with --id, --grade, --prediction or --score", fault: Fault.Request);
        if (columns.Known is { } stated && probabilities.Length > 0 && stated != probabilities.Length)
            throw new GradusException($"has probabilities of {probabilities.Length} grades", $"{path}:1", $"a scale of {stated}", "Leave --grades and --scale out, or give the scale of these predictions", Fault.Request);
        int? known = columns.Known ?? (probabilities.Length > 0 ? probabilities.Length : null);
        GradeReading? names = columns.Scale is { } scale ? new GradeReading(scale) : null;
        // gradus predict writes numbers from 0, which on a scale named 1, 2, 3 would be read as names.
        GradeReading? predictedNames = IsOfPredict(headers) && prediction == "grade" ? null : names;

        var table = new Rows();
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        using var csv = new CsvTable(path, [id, truth, prediction, score, group, .. outputs ?? probabilities]);
        foreach (CsvLine line in csv.Lines())
        {
            string where = Where(path, line);
            table.Count++;
            if (id is not null)
                table.Ids.Add(NewId(line, lines, where));
            if (truth is not null)
                table.Truth.Add(Grade(line.Fields[1], truth, known, where, names));
            if (prediction is not null)
                table.Predicted.Add(Grade(line.Fields[2], prediction, known, where, predictedNames));
            if (score is not null)
                table.Scores.Add(CsvValues.Number(line.Fields[3], score, where));
            if (group is not null)
                table.Groups.Add(line.Fields[4]);
            if (outputs is not null)
                table.Outputs.AddRange(outputs.Select((column, k) => Output(line.Fields[5 + k], column, where)));
            else if (probabilities.Length > 0)
                table.Probabilities.AddRange(CsvValues.Probabilities(line.Fields.AsSpan(5), where));
        }
        if (table.Count == 0)
            throw NoRows(path);
        return new PredictionTable
        {
            Path = path,
            Ids = [.. table.Ids],
            Truth = truth is null ? null : [.. table.Truth],
            _predicted = prediction is null ? null : [.. table.Predicted],
            PredictedColumn = prediction,
            ScoreIsNamed = columns.Score is not null,
            PredictionIsNamed = columns.Prediction is not null,
            Scores = score is null ? null : [.. table.Scores],
            Groups = group is null ? null : [.. table.Groups],
            Probabilities = probabilities.Length == 0 ? null : [.. table.Probabilities],
            Outputs = [.. table.Outputs],
            Columns = probabilities.Length,
            Known = known,
        };
    }

    /// <summary>Ids, true grades, and groups where they are asked for and there, of a file.</summary>
    /// <exception cref="GradusException">A column is missing, a grade is none, an id stands twice, or there are no rows.</exception>
    public static (Dictionary<string, int> Grades, Dictionary<string, string>? Groups) Grades(
        string path, string id, string grade, int? known = null, GradeScale? scale = null, string? group = null)
    {
        var grades = new Dictionary<string, int>(StringComparer.Ordinal);
        Dictionary<string, string>? groups = group is null ? null : new(StringComparer.Ordinal);
        var lines = new Dictionary<string, long>(StringComparer.Ordinal);
        GradeReading? names = scale is null ? null : new GradeReading(scale);
        using var table = new CsvTable(path, [id, grade, group]);
        foreach (CsvLine line in table.Lines())
        {
            string where = Where(path, line), image = NewId(line, lines, where);
            grades.Add(image, Grade(line.Fields[1], grade, known, where, names));
            groups?.Add(image, line.Fields[2]);
        }
        return grades.Count > 0 ? (grades, groups) : throw NoRows(path);
    }

    /// <summary>With (N) true grades.</summary>
    public LabelledPredictions Label(int[] truth)
    {
        int grades = Math.Max(2, Known ?? truth.Concat(_predicted ?? []).Max() + 1);
        double[]? probabilities = Probabilities, scores = Scores;
        // The score of two grades is the probability of the second, where it can be one.
        if (grades == 2 && probabilities is null && scores is not null && scores.All(s => s is >= 0 and <= 1))
            probabilities = [.. scores.SelectMany(s => new[] { 1 - s, s })];
        if (scores is null && grades == 2 && probabilities is not null)
            scores = [.. truth.Select((_, i) => probabilities[2 * i + 1])];
        // What a person names goes before what is guessed; of two grades a score ranks images beside any prediction of them.
        bool asScores = ScoreIsNamed && scores is not null && !PredictionIsNamed && (grades > 2 || _predicted is null);
        if (ScoreIsNamed && PredictionIsNamed && grades > 2)
            throw new GradusException("--score has no effect beside --prediction: scores of more than two grades rank nothing", Path, remedy: "Leave one of them out", fault: Fault.Request);
        (int[] predicted, string origin) = _predicted is not null && !asScores
            ? (_predicted, $"column '{PredictedColumn}'")
            : Probabilities is not null && !asScores ? (MostProbable(Probabilities, grades), PredictionColumns.MostProbable) : (AtDefault(scores!, grades), grades == 2 ? "scores above 0.5" : PredictionColumns.AtDefault);
        return new LabelledPredictions(Path, [.. Ids], new GradedImages(grades, truth, predicted, scores, probabilities), origin);
    }

    private static string TruthColumn(string path, string[] headers, PredictionColumns columns)
    {
        // What predict writes has a column 'grade' that is its own prediction; taken for the truth, it would make every model look perfect.
        if (columns.Grade is null && columns.Prediction is null && IsOfPredict(headers))
            throw new GradusException("has a column 'grade', which in a file of gradus predict is the prediction", $"{path}:1", string.Join(", ", headers.Take(20)), "Give the true grades with --grades FILE (tune: --labels FILE); or say --grade grade where they are the true ones", Fault.Request);
        return columns.GradeIn(path, headers) ?? throw new GradusException("has no column of true grades", $"{path}:1", string.Join(", ", headers.Take(20)), "Name it with --grade, or give a file that has it with --grades (tune: --labels)", Fault.Request);
    }

    private static bool IsOfPredict(string[] headers) => string.Join(',', headers.Take(3)) == PredictionFile.Header;

    private static string Where(string path, CsvLine line) => line.Problem is null ? $"{path}:{line.Number}" : throw new GradusException($"the line {line.Problem}", $"{path}:{line.Number}", fault: Fault.Request);

    private static string NewId(CsvLine line, Dictionary<string, long> lines, string where)
    {
        string id = line.Fields[0];
        if (id.Length == 0)
            throw new GradusException("the id is empty", where, fault: Fault.Request);
        return lines.TryAdd(id, line.Number) ? id : throw new GradusException($"'{id}' stands twice", where, $"the first in line {lines[id]}", "Keep one of them", Fault.Request);
    }

    private static int Grade(string text, string column, int? known, string where, GradeReading? names) =>
        CsvValues.Grade(text, column, (known ?? ScoreTable.MostGrades) - 1, where, names);

    private static double Output(string text, string column, string where) => CsvValues.Number(text, column, where) is >= 0 and <= 1 and var p
        ? p
        : throw new GradusException($"column '{column}' holds no probability", where, $"'{text}'", "Outputs come after their sigmoid, 0 to 1", Fault.Request);

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

    private sealed class Rows
    {
        public int Count { get; set; }

        public List<string> Ids { get; } = [];

        public List<int> Truth { get; } = [];

        public List<int> Predicted { get; } = [];

        public List<double> Scores { get; } = [];

        public List<string> Groups { get; } = [];

        public List<double> Outputs { get; } = [];

        public List<double> Probabilities { get; } = [];
    }
}
