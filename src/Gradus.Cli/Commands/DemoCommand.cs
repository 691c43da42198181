using System.CommandLine;
using Gradus.Audit;
using Gradus.Datasets;
using Gradus.Experiments;
using Gradus.Grading;
using Gradus.Metrics;
using Gradus.Predictions;
using Gradus.Runs;
using Gradus.Synthetic;
using Gradus.Torch.Models;
using Gradus.Torch.Prediction;
using Gradus.Torch.Training;

namespace Gradus.Cli.Commands;

internal static class DemoCommand
{
    public static Verb Create()
    {
        Option<string> directory = new("--out") { Description = "The folder for everything that the demo makes.", HelpName = "DIR", DefaultValueFactory = _ => "demo" };
        Option<long> seed = new("--seed") { Description = "Another seed makes another world.", HelpName = "N", DefaultValueFactory = _ => new WorldSpec().Seed };
        var verb = new Verb(
            "demo",
            "Draws a small synthetic world of fundus photographs with planted faults and takes it the whole way: audit, split, prepare, train, tune, predict, submit. About two minutes on two cores.",
            "gradus demo --out demo")
        {
            directory, seed,
        };
        verb.Does((parse, session) =>
        {
            string root = Path.GetFullPath(parse.GetRequiredValue(directory));
            // What the demo makes stays in its folder, unless a person says otherwise.
            session = session with
            {
                Runs = parse.IsGiven(SharedOptions.Runs) ? session.Runs : Path.Combine(root, "runs"),
                Cache = parse.IsGiven(SharedOptions.Cache) ? session.Cache : Path.Combine(root, "cache"),
            };
            long fixes = parse.GetValue(seed);
            return () => Run(session, root, fixes);
        });
        return verb;
    }

    private static int Run(Session session, string root, long seed)
    {
        string world = Path.Combine(root, "world"), predictions = Path.Combine(root, "predictions.csv"), submission = Path.Combine(root, "submission.csv");
        if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any() && !File.Exists(Path.Combine(world, PlantedWorld.FileName)))
            throw new GradusException("holds something other than a demo", root, remedy: "Choose another folder with --out", fault: Fault.Request);

        _ = session.Device(null);
        session.Output.Heading("A synthetic world with planted faults");
        PlantedWorld planted = session.During(progress => SyntheticWorld.Write(world, new WorldSpec(Seed: seed), progress, session.Cancel));
        session.Output.Line($"{planted.TrainCounts.Sum()} training, {planted.TestCounts.Sum()} test and {planted.ExternalCounts.Sum()} older images in {world}");
        session.Output.Line();

        Experiment experiment = ExperimentFile.Read(Path.Combine(world, "experiment.yaml"), Zoo.Names);
        AuditReport audit = session.During(progress => Auditor.Run(experiment, progress, session.Cancel));
        (RunFolder run, RunInfo info, TrainingResult result) = TrainCommand.Start(session, experiment);

        session.Output.Line();
        session.Output.Heading("Prediction of the test set");
        Answer answer = PredictCommand.Predict(session, result.BestCheckpoint, [Path.Combine(world, "test")], predictions, Thresholds.Tuned, device: null, TestTimeAugmentation.None);
        Submission.Write(predictions, Path.Combine(world, "sample_submission.csv"), submission);
        session.Output.Line($"Submission, in the order of sample_submission.csv: {submission}");

        IReadOnlyList<PlantedFault> faults = PlantedFault.Compare(planted, audit);
        (MetricSet testDefault, MetricSet testTuned) = Score(answer, experiment, world);
        session.Output.Line();
        session.Output.Heading("Planted and found");
        session.Output.Table(["fault", "planted", "found", "found besides"], faults.Select(r => (string[])[r.Fault, $"{r.Planted}", $"{r.Found}", $"{r.Besides}"]), numbers: true);
        session.Output.Line();
        session.Output.Heading("Figures");
        session.Output.Table(["QWK [95 %]", "at default thresholds", "at tuned thresholds"],
        [
            ["validation", MetricsText.Interval(result.Best.Validation.Default), MetricsText.Interval(result.Best.Validation.Tuned)],
            ["test, distributed otherwise", MetricsText.Interval(testDefault), MetricsText.Interval(testTuned)],
        ]);
        session.Output.Line($"Report      {run.ReportFile}");
        session.Output.Line($"Run         {run.Root}");
        session.Output.Line($"Submission  {submission}");
        if (session.Output.Json)
            session.Output.Document(new { world, faults, run = TrainingText.Document(run, info, result), test = new { @default = testDefault, tuned = testTuned }, predictions, submission, report = run.ReportFile });
        return 0;
    }

    // The grades of the test set are first looked at here, when everything has been decided.
    private static (MetricSet Default, MetricSet Tuned) Score(Answer answer, Experiment experiment, string world)
    {
        var truth = new CsvSource { Name = "test", Role = SourceRole.Test, Labels = Path.Combine(world, "test_truth.csv"), Id = "id_code", Grade = "diagnosis", Images = Path.Combine(world, "test") };
        Dictionary<ImageId, int> grades = DatasetReader.Read(truth, experiment.Scale).Records.ToDictionary(r => r.Id, r => r.Grade!.Value);
        int[] known = [.. answer.Predicted.Ids.Select(id => grades[id])];
        return (Measure(answer.DefaultRule), Measure(answer.TunedRule));

        MetricSet Measure(DecodingRule rule) => MetricSet.Compute(known, rule.Grades(answer.Predicted.Scores), answer.Predicted.Scores, experiment.Scale, experiment.Train.Seed);
    }
}
