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
        Option<string?> grade = new("--grade") { Description = "The column of the true grades: whole numbers from 0, or with --scale names.", HelpName = "COLUMN" };
        Option<string?> group = new("--group") { Description = "The column of what images belong together by, such as the patient: intervals then draw whole groups, and folds keep them together.", HelpName = "COLUMN" };
        Option<string?> scale = ScaleOption.Create();
        Option<string?> score = new("--score") { Description = "The column of the scores; else score, else the expected grade of p0, p1 and so on. Before tuning grades are those that evaluate measures.", HelpName = "COLUMN" };
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
            run, scores, labels, id, grade, score, group, scale, grades, epoch, shared, perOutput, ordered, bounds, metric, choice, shrink, folds, seed, plot, output,
        };
        Option[] ofFiles = [labels, id, grade, score, group, scale, grades], ofRuns = [epoch, output];
        verb.Does((parse, session) =>
        {
            (string? named, string? file, string? picture) = (parse.GetValue(run), parse.GetValue(scores), parse.GetValue(plot));
            if (named is null == file is null)
                throw new GradusException("tune needs scores", found: named is null ? null : "both a run and --scores", remedy: "Write tune RUN, or tune --scores FILE", fault: Fault.Request);
            parse.Refuse(file is null ? "--scores" : "a run or a checkpoint", file is null ? ofFiles : ofRuns);
            if (!parse.GetValue(perOutput) && parse.IsGiven(ordered))
                throw new GradusException("--ordered is for one threshold per output; cut points of a score always rise", remedy: "Add --per-output, or leave it out", fault: Fault.Request);
            ThresholdTuning? outputs = Outputs(parse.GetValue(shared), parse.GetValue(perOutput));
            CutPointOptions options = Options(parse.GetValue(choice), parse.GetValue(shrink), parse.GetValue(folds), parse.GetValue(seed)) with
            {
                Metric = Metric(parse.GetRequiredValue(metric)),
                Bounds = Bounds(parse.GetValue(bounds)),
                Ordered = parse.GetValue(ordered),
            };
            if (file is null)
            {
                (int? at, string? written) = (parse.GetValue(epoch), parse.GetValue(output));
                return () => Run(session, TuneSource.OfRun(session, named!, at, outputs), options, picture, [named!], written);
            }
            int? k = parse.GetValue(grades);
            if (k is < 2 or > ScoreTable.MostGrades)
                throw new GradusException($"a scale has 2 to {ScoreTable.MostGrades} grades", found: $"--grades {k}", fault: Fault.Request);
            if (k is not null && parse.IsGiven(scale))
                throw new GradusException("--scale says how many grades there are", found: $"--grades {k} beside it", remedy: "Leave --grades out", fault: Fault.Request);
            (string? truth, string? names) = (parse.GetValue(labels), parse.GetValue(scale));
            var columns = new PredictionColumns
            {
                Id = parse.GetValue(id),
                Grade = parse.GetValue(grade),
                Score = parse.GetValue(score),
                Group = parse.GetValue(group),
                Grades = k,
            };
            return () =>
            {
                CheckPlot(picture, [file, .. truth is null ? (string[])[] : [truth]]);
                columns = columns with { Scale = ScaleOption.Read(names) };
                return Run(session, TuneSource.OfFile(file, columns, truth, outputs), options, picture, [], written: null);
            };
        });
        return verb;
    }

    private static int Run(Session session, TuneSource source, CutPointOptions options, string? picture, string[] inputs, string? written)
    {
        CheckPlot(picture, inputs);
        if (written is not null)
            source.CheckOutput(written);
        if (source.OnlyGrade is { } only)
        {
            if ((picture is null ? written is null ? null : "--out" : "--plot") is { } asked)
                throw new GradusException($"all images have grade {only}, so there is nothing to tune", found: asked, remedy: $"Leave {asked} out, or give images of other grades too", fault: Fault.Request);
            TuneText.PrintOneGrade(session, source, only);
            if (session.Output.Json)
                session.Output.Document(TuneText.OneGradeDocument(source, options, only));
            return 0;
        }
        CutPointReport report = source.Report(options);
        TuneText.Print(session, report, source);
        if (picture is not null)
        {
            CutPointChart.Write(picture, report);
            session.Output.Line($"Plot: {picture}");
        }
        if (written is not null)
        {
            source.Write(written, report);
            session.Output.Line($"Checkpoint  {written}");
        }
        if (session.Output.Json)
            session.Output.Document(TuneText.Document(report, source));
        return 0;
    }

    private static void CheckPlot(string? picture, string[] inputs)
    {
        if (picture is null)
            return;
        SharedOptions.KeepInputs(picture, inputs, "--plot");
        SharedOptions.CheckPicture(picture, "--plot");
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
