using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gradus.Predictions;
using Gradus.Reports;
using Gradus.Thresholds;

namespace Gradus.Cli.Commands;

internal static class TuneCommand
{
    public static Verb Create()
    {
        Option<string> scores = new("--scores") { Description = "A CSV with a row an image: true grades, and scores or probabilities p0, p1 and so on.", HelpName = "FILE", Required = true };
        Option<string> grade = new("--grade") { Description = "The column of the true grades, whole numbers from 0.", HelpName = "COLUMN", DefaultValueFactory = _ => "grade" };
        Option<string?> score = new("--score") { Description = "The column of the scores; else score, else the expected grade of p0, p1 and so on.", HelpName = "COLUMN" };
        Option<int?> grades = new("--grades") { Description = "How many grades the scale has; else as many as the file shows.", HelpName = "K" };
        Option<string> metric = new("--metric") { Description = "What to make as great as possible: qwk, linear_kappa, kappa or accuracy.", HelpName = "METRIC", DefaultValueFactory = _ => "qwk" };
        Option<CutPointChoice?> choice = new("--choice") { Description = "bootstrap: the median over resampled images (the default). optimum: the best on these images. shrunk: between that and the default cut points." };
        Option<double?> shrink = new("--shrink") { Description = "How far shrunk cut points go back to the default: 0 not at all, 1 all the way; 0.5 where nothing is said.", HelpName = "S" };
        Option<int> folds = new("--folds") { Description = "Folds of the cross-fitting.", HelpName = "N", DefaultValueFactory = _ => 5 };
        Option<long> seed = new("--seed") { Description = "Fixes folds and resamples.", HelpName = "N", DefaultValueFactory = _ => 0 };
        Option<string?> plot = new("--plot") { Description = "Also draw QWK against each cut point.", HelpName = "FILE.png" };
        var verb = new Verb(
            "tune",
            "Finds the cut points that turn scores into grades, from whatever model, and says whether they beat 0.5, 1.5 and so on.",
            "gradus tune --scores validation.csv --grade diagnosis --score prediction",
            "gradus tune --scores validation.csv --choice optimum --plot cut_points.png")
        {
            scores, grade, score, grades, metric, choice, shrink, folds, seed, plot,
        };
        verb.Does((parse, session) =>
        {
            CutPointOptions options = Options(parse.GetValue(choice), parse.GetValue(shrink), parse.GetValue(folds), parse.GetValue(seed)) with { Metric = Metric(parse.GetRequiredValue(metric)) };
            if (parse.GetValue(grades) is { } k && k is < 2 or > ScoreTable.MostGrades)
                throw new GradusException($"a scale has 2 to {ScoreTable.MostGrades} grades", found: $"--grades {k}", fault: Fault.Request);
            string file = parse.GetRequiredValue(scores);
            string? picture = parse.GetValue(plot);
            if (picture is not null)
            {
                SharedOptions.KeepInputs(picture, [file], "--plot");
                SharedOptions.CheckPicture(picture, "--plot");
            }
            CutPointReport report = CutPointReport.Create(ScoreTable.Read(file, parse.GetRequiredValue(grade), parse.GetValue(score), parse.GetValue(grades)), options);
            Print(session, report);
            if (picture is not null)
            {
                CutPointChart.Write(picture, report);
                session.Output.Line($"Plot: {picture}");
            }
            if (session.Output.Json)
            {
                session.Output.Document(new Dictionary<string, object>
                {
                    ["images"] = report.Images,
                    ["choice"] = report.Options.Choice,
                    ["metric"] = report.Options.Metric,
                    ["thresholds"] = report.Thresholds,
                    [JsonNamingPolicy.CamelCase.ConvertName($"{report.Options.Metric}")] = new { @default = report.DefaultValue, inSample = report.InSampleValue, crossFitted = report.CrossFitted },
                    ["plateau"] = report.Plateaus,
                });
            }
            return 0;
        });
        return verb;
    }

    private static CutPointOptions Options(CutPointChoice? choice, double? shrink, int folds, long seed)
    {
        if (shrink is not null && choice is not (null or CutPointChoice.Shrunk))
            throw new GradusException("--shrink belongs to --choice shrunk", found: $"--choice {choice.ToString()!.ToLowerInvariant()}", remedy: "Leave one of them out", fault: Fault.Request);
        if (shrink is not (null or (>= 0 and <= 1)))
            throw new GradusException("--shrink is 0 to 1", found: Number(shrink.Value, "0.###"), remedy: "0 is the optimum, 1 the default cut points", fault: Fault.Request);
        if (folds < 2)
            throw new GradusException("--folds is at least 2", found: $"{folds}", fault: Fault.Request);
        var usual = new CutPointOptions();
        return usual with { Choice = choice ?? (shrink is null ? CutPointChoice.Bootstrap : CutPointChoice.Shrunk), Shrink = shrink ?? usual.Shrink, Folds = folds, Seed = seed };
    }

    private static ThresholdMetric Metric(string word)
    {
        string[] known = [.. Enum.GetNames<ThresholdMetric>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
        int at = Array.IndexOf(known, word.ToLowerInvariant());
        return at >= 0 ? (ThresholdMetric)at : throw new GradusException($"--metric is one of {string.Join(", ", known)}", found: $"'{word}'", remedy: NearestWord.To(word, known) is { } near ? $"Did you mean '{near}'?" : null, fault: Fault.Request);
    }

    private static void Print(Session session, CutPointReport report)
    {
        string name = report.Options.Metric.Name();
        string choice = report.Options.Choice switch
        {
            CutPointChoice.Shrunk => $"shrunk by {Number(report.Options.Shrink, "0.##")}",
            CutPointChoice.Bootstrap => $"median of {report.Options.Resamples} resamples",
            _ => "optimum",
        };
        session.Output.Heading($"Cut points for {report.Images} images of {report.Grades} grades: {choice}");
        session.Output.Table(
            ["grades", "default", .. report.Options.Choice == CutPointChoice.Optimum ? (string[])[] : ["optimum"], "chosen", $"{name} within {Number(CutPointReport.Tolerance, "0.###")} of the best"],
            report.Thresholds.Select((cut, k) => (string[])[
                $"{k} | {k + 1}",
                Number(k + 0.5, "0.0"),
                .. report.Options.Choice == CutPointChoice.Optimum ? (string[])[] : [Number(report.Optimum[k])],
                Number(cut),
                $"{Number(report.Plateaus[k].Low)} to {Number(report.Plateaus[k].High)}"]),
            numbers: true);
        session.Output.Table(
            [name, "", "95 % interval"],
            [
                ["at default cut points", Number(report.DefaultValue), ""],
                ["chosen, on the same images (flatters)", Number(report.InSampleValue), ""],
                [$"chosen, on other images ({report.Options.Folds} folds)", Number(report.CrossFitted.Mean), $"{Number(report.CrossFitted.Low)} to {Number(report.CrossFitted.High)}"],
            ],
            numbers: true);
        session.Output.Line(Verdict(report));
        if (report.DefaultValue == 1)
            session.Output.Note("The default cut points already give every grade. Are these the true grades, or the ones that were predicted from the scores?");
    }

    private static string Verdict(CutPointReport report)
    {
        double gain = report.CrossFitted.Mean - report.DefaultValue;
        string figures = $"on images that they were not fitted on, cut points chosen like this change {report.Options.Metric.Name()} by {Signed(gain)} against the default (95 % interval {Signed(report.Gain.Low)} to {Signed(report.Gain.High)}).";
        if (report.Gain.Low > 0)
            return $"Tuning is worth it: {figures}";
        return report.Gain.High < 0
            ? $"Tuning does harm: {figures} Keep the default."
            : $"Whether tuning helps cannot be told from these images: {figures} The default is the safer choice.";
    }

    private static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Signed(double value) => Number(value, "+0.000;-0.000;0.000");
}
