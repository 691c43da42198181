#:project ../src/Gradus/Gradus.csproj
#:property RestorePackagesWithLockFile=false
#:property JsonSerializerIsReflectionEnabledByDefault=true
// Which rule of `select: by` takes the epoch that does best on images which the rule has not seen? Reads finished runs
// that were trained with `select: { keep: all }`; nothing is trained here.
//   hidden  The rule chooses on all validation images of a run; judged on images whose scores are in RUN/hidden/scores:
//             gradus predict RUN --all IMAGES --out RUN/hidden
//             dotnet run -c Release bench/SelectionRules.cs -- hidden RUN...
//           Where the scores have no grades, RUN/hidden/truth.csv (id,grade with a header) gives them.
//   halves  The rule chooses on a random half of the validation images and is judged on the other half, 100 times:
//             dotnet run -c Release bench/SelectionRules.cs -- halves RUN...
// Averages of weights take part where there are scores of them for both kinds of images. For each K:
//   gradus average RUN --last K --out RUN/averages/last-K.safetensors
//   gradus predict RUN/averages/*.safetensors VALIDATION_IMAGES --out RUN/averages/validation
//   gradus predict RUN/averages/*.safetensors IMAGES --out RUN/averages/hidden
// Thresholds are tuned on the images that chose. Intervals are Student's, 95 %, over runs, of the paired differences to
// the last epoch and to the epoch of lowest loss; runs of one data set share images, so they are somewhat too narrow.
// With `halves` a run counts once.
using System.Globalization;
using System.Text.Json;
using Gradus;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Thresholds;
using MathNet.Numerics.Distributions;

const int Halvings = 100;
string[] figures =
    ["QWK tuned", "QWK default", "accuracy tuned", "accuracy default", "macro F1 tuned", "macro F1 default"];
if (args.Length < 2 || args[0] is not ("hidden" or "halves"))
{
    Console.Error.WriteLine("SelectionRules: hidden RUN... or halves RUN... is needed");
    return 2;
}
string[] runs = args[1..];

// run → rule → (figures, epoch)
Dictionary<string, Choice>[] judged =
    [.. runs.AsParallel().AsOrdered().Select(path => args[0] == "hidden" ? Hidden(path) : Halved(path))];
string[] rules = [.. judged.SelectMany(j => j.Keys).Distinct()];
IEnumerable<string?> names = runs.Select(r => Path.GetFileName(Path.TrimEndingDirectorySeparator(r)));
Console.WriteLine($"{runs.Length} runs: {string.Join(", ", names)}");
Console.WriteLine();
Console.WriteLine($"| rule | epoch | {string.Join(" | ", figures)} |");
Console.WriteLine($"|---|---|{string.Concat(figures.Select(_ => "---|"))}");
foreach (string rule in rules)
{
    Choice[] of = [.. judged.Where(j => j.ContainsKey(rule)).Select(j => j[rule])];
    string epoch = of[0].Epoch is null ? "" : $"{of.Average(c => c.Epoch!.Value):F1}";
    string some = of.Length < runs.Length ? $" ({of.Length} runs)" : "";
    string cells = string.Join(" | ", figures.Select((_, k) => $"{of.Average(c => c.Figures[k]):F3}"));
    Console.WriteLine($"| {rule}{some} | {epoch} | {cells} |");
}
foreach (string reference in (string[])["last", "loss"])
{
    Console.WriteLine();
    Console.WriteLine($"| rule minus {reference} [95 %] | {string.Join(" | ", figures)} |");
    Console.WriteLine($"|---|{string.Concat(figures.Select(_ => "---|"))}");
    foreach (string rule in rules.Where(r => r != reference))
    {
        Dictionary<string, Choice>[] both = [.. judged.Where(j => j.ContainsKey(rule))];
        double[] Differences(int k) => [.. both.Select(j => j[rule].Figures[k] - j[reference].Figures[k])];
        Console.WriteLine($"| {rule} | {string.Join(" | ", figures.Select((_, k) => Paired(Differences(k))))} |");
    }
}
return 0;

Dictionary<string, Choice> Hidden(string path)
{
    var run = new Series(path);
    string averages = Path.Combine(path, "averages", "hidden", "scores");
    var hidden = run.Candidates("hidden", Path.Combine(path, "hidden", "scores"), averages);
    string file = Path.Combine(path, "hidden", "truth.csv");
    IEnumerable<string[]> labels = File.Exists(file) ? File.ReadLines(file).Skip(1).Select(l => l.Split(',')) : [];
    Dictionary<string, int> truths = labels.ToDictionary(f => f[0], f => int.Parse(f[1], CultureInfo.InvariantCulture));
    int[] all = [.. Enumerable.Range(0, run.Truth.Length)];
    return Judge(run, all, name =>
    {
        ScoredImages scored = hidden[name];
        return (scored.Scores, [.. scored.Grades.Select((g, i) => g ?? truths[scored.Ids[i].Value])]);
    });
}

Dictionary<string, Choice> Halved(string path)
{
    var run = new Series(path);
    var sums = new Dictionary<string, (double[] Figures, double? Epoch)>();
    for (int repetition = 0; repetition < Halvings; repetition++)
    {
        int[] order = [.. Enumerable.Range(0, run.Truth.Length)];
        RandomStream.Create(1, "halves", repetition).Shuffle(order);
        int[] choosing = [.. order[..(order.Length / 2)].Order()], judging = [.. order[(order.Length / 2)..].Order()];
        int[] known = [.. judging.Select(i => run.Truth[i])];
        foreach ((string rule, Choice choice) in Judge(run, choosing, name => (run.Scores[name].At(judging), known)))
        {
            if (!sums.TryGetValue(rule, out var sum))
                sums[rule] = sum = (new double[figures.Length], choice.Epoch is null ? null : 0);
            for (int k = 0; k < figures.Length; k++)
                sum.Figures[k] += choice.Figures[k] / Halvings;
            sums[rule] = (sum.Figures, sum.Epoch + choice.Epoch / Halvings);
        }
    }
    return sums.ToDictionary(s => s.Key, s => new Choice(s.Value.Figures, s.Value.Epoch));
}

// What each rule takes by the choosing images alone, and what that is worth on the others.
Dictionary<string, Choice> Judge(
    Series run, int[] choosing, Func<string, (GradedScores Scores, int[] Truth)> others)
{
    int[] truth = [.. choosing.Select(i => run.Truth[i])];
    var tuned = run.Scores.ToDictionary(s => s.Key, s => run.Tune(s.Value.At(choosing), truth));
    EpochRecord[] records = [.. run.Records.Select(Measured)];
    var worth = run.Scores.Keys.ToDictionary(name => name, name =>
    {
        (GradedScores scores, int[] known) = others(name);
        return Figures(run, scores, known, tuned[name]);
    });
    var choices = new Dictionary<string, Choice>();
    void Take(string rule, int epoch) => choices[rule] = new Choice(worth[Series.Name(epoch)], epoch);
    Take("last", run.Records.Max(r => r.Epoch));
    foreach (SelectBy by in Enum.GetValues<SelectBy>().Where(by => by != SelectBy.Last))
        Take(ExperimentWord(by), Selection.Rank(records, new SelectSpec(by))[0]);
    for (int k = 0; k < 2; k++)
        Take($"best possible, {figures[k]}", run.Records.MaxBy(r => worth[Series.Name(r.Epoch)][k])!.Epoch);
    foreach (string average in run.Scores.Keys.Where(n => !n.StartsWith("epoch-", StringComparison.Ordinal)).Order())
        choices[$"weights of {average}"] = new Choice(worth[average], null);
    return choices;

    EpochRecord Measured(EpochRecord record)
    {
        string name = Series.Name(record.Epoch);
        return run.Measured(record, run.Scores[name].At(choosing), truth, tuned[name]);
    }
}

double[] Figures(Series run, GradedScores scores, int[] truth, DecodingRule tuned)
{
    DecodingRule[] both = [tuned, run.Default];
    ConfusionMatrix[] at = [.. both.Select(rule => ConfusionMatrix.Of(truth, rule.Grades(scores), run.Scale.Count))];
    return
    [
        .. at.Select(Kappa.Quadratic), .. at.Select(m => m.Accuracy!.Value),
        .. at.Select(m => Enumerable.Range(0, m.Grades).Where(g => m.Support[g] > 0).Average(g => m.Class(g).F1 ?? 0)),
    ];
}

static string ExperimentWord(SelectBy by) => JsonNamingPolicy.SnakeCaseLower.ConvertName(by.ToString());

static string Paired(double[] differences)
{
    double mean = differences.Average();
    if (differences.Length < 2)
        return $"{mean:+0.000;-0.000;0.000}";
    int n = differences.Length;
    double error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1) / n);
    double half = StudentT.InvCDF(0, 1, n - 1, 0.975) * error;
    return $"{mean:+0.000;-0.000;0.000} [{mean - half:+0.000;-0.000;0.000}, {mean + half:+0.000;-0.000;0.000}]";
}

internal sealed record Choice(double[] Figures, double? Epoch);

// A run's validation scores: of every epoch, and of the averages of its weights.
internal sealed class Series
{
    private readonly Experiment _experiment;

    public Series(string path)
    {
        RunFolder run = RunFolder.Open(path);
        _experiment = run.ReadInfo().Experiment;
        Records = [.. run.Metrics.Read()];
        string averages = Path.Combine(path, "averages", "validation", "scores");
        var scored = Candidates("validation", Path.Combine(path, "validation_scores"), averages);
        ScoredImages first = scored[Name(1)];
        Truth = first.Truth!;
        // A folder of images may hold more than those that validate.
        Scores = scored.ToDictionary(s => s.Key, s =>
        {
            Dictionary<ImageId, int> rows = s.Value.Ids.Index().ToDictionary(p => p.Item, p => p.Index);
            return Whole(s.Value.Scores.At([.. first.Ids.Select(id => rows[id])]));
        });
        // Scores of exactly 1 hide how wrong they are, which matters to no epoch that could be chosen.
        double lowest = Records.Min(r => r.Validation.Loss!.Value);
        double worst = Records.Where(r => r.Validation.Loss < 2 * lowest)
            .Max(r => Math.Abs(Loss(Scores[Name(r.Epoch)], Truth) - r.Validation.Loss!.Value));
        if (worst > 1e-3)
            Console.Error.WriteLine($"{path}: losses of the scores differ from the recorded ones by up to {worst:g2}");
    }

    public EpochRecord[] Records { get; }

    public int[] Truth { get; }

    public Dictionary<string, GradedScores> Scores { get; }

    public GradeScale Scale => _experiment.Scale;

    public DecodingRule Default => _experiment.Target.DefaultRule(Scale);

    public static string Name(int epoch) => $"epoch-{epoch:000}";

    public Dictionary<string, ScoredImages> Candidates(string what, string epochs, string averages)
    {
        string[] files = Directory.GetFiles(epochs, "*.csv");
        if (files.Length != Records.Length)
            throw new GradusException($"{files.Length} files of {what} scores for {Records.Length} epochs", epochs);
        string[] others = Directory.Exists(averages) ? Directory.GetFiles(averages, "*.csv") : [];
        return files.Concat(others).ToDictionary(f => Path.GetFileNameWithoutExtension(f), f => Read(f));
    }

    public DecodingRule Tune(GradedScores scores, int[] truth) => ThresholdTuner.Tune(
        _experiment.Target, Scale, scores, truth, _experiment.Thresholds, _experiment.Train.Seed).Rule;

    public EpochRecord Measured(EpochRecord record, GradedScores scores, int[] truth, DecodingRule tuned) => record with
    {
        Validation = new SplitRecord(
            Loss(scores, truth),
            MetricSet.Compute(truth, Default.Grades(scores), scores, Scale),
            MetricSet.Compute(truth, tuned.Grades(scores), scores, Scale)),
        CrossFittedQwk = ThresholdStability.CrossFittedQwk(
            _experiment.Target, Scale, scores, truth, _experiment.Thresholds, _experiment.Train.Seed),
    };

    private ScoredImages Read(string file)
    {
        ScoredImages images = ScoreFile.Read(file);
        return images with { Scores = Whole(images.Scores) };
    }

    private GradedScores Whole(GradedScores s) =>
        new(s.Rows, s.Columns, s.Outputs, s.Score, GradeProbabilities.Of(_experiment.Target, Scale, s));

    // Binary cross-entropy of cumulative outputs, their mean, as in training.
    private static double Loss(GradedScores scores, int[] truth)
    {
        double sum = 0;
        for (int i = 0; i < scores.Rows; i++)
        {
            for (int k = 0; k < scores.Columns; k++)
            {
                double p = Math.Clamp(scores.Row(i)[k], 1e-7, 1 - 1e-7);
                sum -= Math.Log(truth[i] > k ? p : 1 - p);
            }
        }
        return sum / scores.Rows / scores.Columns;
    }
}
