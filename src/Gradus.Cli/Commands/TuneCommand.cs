using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gradus.Experiments;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Thresholds;

namespace Gradus.Cli.Commands;

internal static class TuneCommand
{
    public static Verb Create()
    {
        Argument<string?> run = new("RUN|CHECKPOINT") { Description = "A run, or a checkpoint in its folder: its validation images are tuned on.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> scores = new("--scores") { Description = "Instead: a CSV with a row an image: true grades, and scores, probabilities p0, p1 and so on, or cumulative outputs c1, c2 and so on (c1 the probability of grade 1 or more).", HelpName = "FILE" };
        Option<string?> labels = new("--labels") { Description = "A CSV with ids and true grades, where the scores have none.", HelpName = "FILE" };
        Option<string?> id = new("--id") { Description = "The column of the ids that join the two files.", HelpName = "COLUMN" };
        Option<string> grade = new("--grade") { Description = "The column of the true grades, whole numbers from 0.", HelpName = "COLUMN", DefaultValueFactory = _ => "grade" };
        Option<string?> score = new("--score") { Description = "The column of the scores; else score, else the expected grade of p0, p1 and so on.", HelpName = "COLUMN" };
        Option<int?> grades = new("--grades") { Description = "How many grades the scale has; else as many as the file shows.", HelpName = "K" };
        Option<int?> epoch = new("--epoch") { Description = "The epoch of the run; else the selected one.", HelpName = "N" };
        Option<bool> shared = new("--shared") { Description = "One exact threshold for all cumulative outputs." };
        Option<bool> perOutput = new("--per-output") { Description = "One threshold for each cumulative output, by exact searches along one after the other from several starts." };
        Option<bool> ordered = new("--ordered") { Description = "Thresholds per output do not fall from one output to the next. Cut points always rise." };
        Option<string?> bounds = new("--bounds") { Description = "How far thresholds may go, such as 0.2,0.8: those of outputs stay between; a cut point between k and k+1 from k+0.2 to k+0.8.", HelpName = "LOW,HIGH" };
        Option<string> metric = new("--metric") { Description = "What to make as great as possible: qwk, linear_kappa, kappa or accuracy; cumulative outputs: qwk.", HelpName = "METRIC", DefaultValueFactory = _ => "qwk" };
        Option<CutPointChoice?> choice = new("--choice") { Description = "bootstrap: the median over resampled images (the default). optimum: the best on these images. shrunk: between that and the default." };
        Option<double?> shrink = SharedOptions.Number("--shrink", "How far shrunk thresholds go back to the default: 0 not at all, 1 all the way; 0.5 where nothing is said.", "S");
        Option<int> folds = new("--folds") { Description = "Folds of the cross-fitting.", HelpName = "N", DefaultValueFactory = _ => 5 };
        Option<long> seed = new("--seed") { Description = "Fixes folds, resamples and restarts.", HelpName = "N", DefaultValueFactory = _ => 0 };
        Option<string?> plot = new("--plot") { Description = "Also draw QWK against each threshold.", HelpName = "FILE.png" };
        Option<string?> output = new("--out") { Description = "Also write the run's checkpoint with these thresholds; predict then uses them.", HelpName = "FILE.safetensors" };
        var verb = new Verb(
            "tune",
            "Finds the thresholds that turn scores into grades, of a run or of whatever model, and says whether they beat the default ones.",
            "gradus tune --scores validation.csv --grade diagnosis --score prediction",
            "gradus tune --scores validation.csv --choice optimum --plot cut_points.png",
            "gradus tune --scores outputs.csv --labels validation.csv --per-output --bounds 0.2,0.8",
            "gradus tune 24-11_densenet121_f0 --per-output --out tuned.safetensors")
        {
            run, scores, labels, id, grade, score, grades, epoch, shared, perOutput, ordered, bounds, metric, choice, shrink, folds, seed, plot, output,
        };
        Option[] ofFiles = [labels, id, grade, score, grades], ofRuns = [epoch, output];
        verb.Does((parse, session) =>
        {
            (string? named, string? file, string? picture) = (parse.GetValue(run), parse.GetValue(scores), parse.GetValue(plot));
            if (named is null == file is null)
                throw new GradusException("tune needs scores", found: named is null ? null : "both a run and --scores", remedy: "Write tune RUN, or tune --scores FILE", fault: Fault.Request);
            Refuse(parse, file is null ? ofFiles : ofRuns, file is null ? "--scores" : "a run or a checkpoint");
            ThresholdTuning? outputs = Outputs(parse.GetValue(shared), parse.GetValue(perOutput));
            CutPointOptions options = Options(parse.GetValue(choice), parse.GetValue(shrink), parse.GetValue(folds), parse.GetValue(seed)) with { Metric = Metric(parse.GetRequiredValue(metric)), Bounds = Bounds(parse.GetValue(bounds)), Ordered = parse.GetValue(ordered) };
            if (parse.GetValue(grades) is { } k && k is < 2 or > ScoreTable.MostGrades)
                throw new GradusException($"a scale has 2 to {ScoreTable.MostGrades} grades", found: $"--grades {k}", fault: Fault.Request);
            if (picture is not null)
            {
                SharedOptions.KeepInputs(picture, [.. new[] { file, parse.GetValue(labels), named }.OfType<string>()], "--plot");
                SharedOptions.CheckPicture(picture, "--plot");
            }
            TuneSource source = file is null
                ? TuneSource.OfRun(session, named!, parse.GetValue(epoch), outputs)
                : TuneSource.OfFile(file, new TrueGrades(parse.GetRequiredValue(grade), parse.GetValue(labels), parse.GetValue(id)), parse.GetValue(score), parse.GetValue(grades), outputs);
            if (parse.GetValue(output) is { } written)
                source.CheckOutput(written);
            CutPointReport report = source.Report(options);
            TuneText.Print(session, report, source.Words);
            if (picture is not null)
            {
                CutPointChart.Write(picture, report);
                session.Output.Line($"Plot: {picture}");
            }
            if (parse.GetValue(output) is { } path)
            {
                source.Write(path, report);
                session.Output.Line($"Checkpoint  {path}");
            }
            if (session.Output.Json)
                session.Output.Document(TuneText.Document(report, source.Words));
            return 0;
        });
        return verb;
    }

    private static void Refuse(ParseResult parse, Option[] options, string belongs)
    {
        if (options.FirstOrDefault(o => parse.GetResult(o) is { Implicit: false }) is { } option)
            throw new GradusException($"{option.Name} belongs to {belongs}", remedy: "Leave it out", fault: Fault.Request);
    }

    private static ThresholdTuning? Outputs(bool shared, bool perOutput) => (shared, perOutput) switch
    {
        (true, true) => throw new GradusException("--shared and --per-output contradict each other", remedy: "Leave one of them out", fault: Fault.Request),
        (true, false) => ThresholdTuning.Shared,
        (false, true) => ThresholdTuning.PerOutput,
        _ => null,
    };

    private static CutPointOptions Options(CutPointChoice? choice, double? shrink, int folds, long seed)
    {
        if (shrink is not null && choice is not (null or CutPointChoice.Shrunk))
            throw new GradusException("--shrink belongs to --choice shrunk", found: $"--choice {choice.ToString()!.ToLowerInvariant()}", remedy: "Leave one of them out", fault: Fault.Request);
        if (shrink is not (null or (>= 0 and <= 1)))
            throw new GradusException("--shrink is 0 to 1", found: TuneText.Number(shrink.Value, "0.###"), remedy: "0 is the optimum, 1 the default thresholds", fault: Fault.Request);
        if (folds < 2)
            throw new GradusException("--folds is at least 2", found: $"{folds}", fault: Fault.Request);
        var usual = new CutPointOptions();
        return usual with { Choice = choice ?? (shrink is null ? CutPointChoice.Bootstrap : CutPointChoice.Shrunk), Shrink = shrink ?? usual.Shrink, Folds = folds, Seed = seed };
    }

    private static ThresholdBounds? Bounds(string? text)
    {
        if (text is null)
            return null;
        double[] ends = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double end) ? end : double.NaN)];
        return ends is [var low, var high] && double.IsFinite(low + high)
            ? new ThresholdBounds(low, high).Checked()
            : throw new GradusException("--bounds is two numbers with a comma between", found: $"'{text}'", remedy: "Write for example --bounds 0.2,0.8", fault: Fault.Request);
    }

    private static ThresholdMetric Metric(string word)
    {
        string[] known = [.. Enum.GetNames<ThresholdMetric>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
        int at = Array.IndexOf(known, word.ToLowerInvariant());
        return at >= 0 ? (ThresholdMetric)at : throw new GradusException($"--metric is one of {string.Join(", ", known)}", found: $"'{word}'", remedy: NearestWord.To(word, known) is { } near ? $"Did you mean '{near}'?" : null, fault: Fault.Request);
    }
}
